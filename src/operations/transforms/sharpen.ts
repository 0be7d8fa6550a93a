import { z } from 'zod'
import { defineOp } from '../define-operation.js'
import { number } from '../parameters.js'
import { SLOT, takeFilterSlot } from '../sharp-order.js'

const sigma = number(0.01, 10)
const level = number(0, 1_000_000)

export const sharpen = defineOp({
  name: 'sharpen',
  summary: 'Sharpens the lightness of the picture.',
  params: z.strictObject({
    sigma: sigma.describe('Standard deviation, in pixels, of the Gaussian mask.'),
    m1: level.default(1).describe('How much flat areas are sharpened.'),
    m2: level.default(2).describe('How much jagged areas are sharpened.'),
    x1: level.default(2).describe('The threshold between flat and jagged.'),
    y2: level.default(10).describe('The most that anything is brightened.'),
    y3: level.default(20).describe('The most that anything is darkened.'),
  }),
  shorthand: { schema: sigma, read: (value) => ({ sigma: value }) },
  example: 1,
  size: (_, from) => from,
  place: (_, pass) => takeFilterSlot(pass, SLOT.sharpen),
  apply: (image, params) => image.sharpen(params),
})
