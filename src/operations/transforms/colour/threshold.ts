import { z } from 'zod'
import { once } from '../../../utils/once.js'
import { defineOp } from '../../define-operation.js'
import { whole } from '../../parameters.js'
import { takeWholePass } from '../../sharp-order.js'

const level = once(() => whole(1, 255))

export const threshold = defineOp({
  name: 'threshold',
  summary: 'Converts every pixel to black or white.',
  params: () =>
    z.strictObject({ level: level().describe('Lowest grey level that becomes white, 1 to 255.') }),
  shorthand: { schema: level, read: (value) => ({ level: value }) },
  example: 128,
  size: (_, from) => from,
  place: (_, pass) => takeWholePass(pass),
  // A steep line from (level - 1, 0) to (level, 255). sharp's threshold() would change alpha too.
  apply: (image, params) => image.grayscale().linear(255, 255 * (1 - params.level)),
  changesPicture: () => ({ space: 'grey' }),
})
