import { z } from 'zod'
import { defineOp } from '../define-operation.js'
import { whole } from '../parameters.js'
import { takeWholePass } from '../sharp-order.js'

const level = whole(1, 255)

export const threshold = defineOp({
  name: 'threshold',
  summary: 'Makes every pixel black or white.',
  params: z.strictObject({ level: level.describe('The grey, 1 to 255, from which on a pixel is white.') }),
  shorthand: { schema: level, read: (value) => ({ level: value }) },
  example: 128,
  size: (_, from) => from,
  place: (_, pass) => takeWholePass(pass),
  // The line through (level - 1, 0) and (level, 255): sharp's own threshold cuts alpha too.
  apply: (image, params) => image.grayscale().linear(255, 255 * (1 - params.level)),
  changesPicture: () => ({ space: 'grey' }),
})
