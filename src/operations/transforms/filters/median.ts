import { z } from 'zod'
import { once } from '../../../utils/once.js'
import { defineOp } from '../../define-operation.js'
import { whole } from '../../parameters.js'
import { SLOT, takeFilterSlot } from '../../sharp-order.js'

const size = once(() => whole(2, 100, 'pixels'))

export const median = defineOp({
  name: 'median',
  summary: 'Removes specks with a median filter.',
  params: () => z.strictObject({ size: size().describe('Side of the square around each pixel, in pixels.') }),
  shorthand: { schema: size, read: (value) => ({ size: value }) },
  example: 3,
  size: (_, from) => from,
  check: (params, from) =>
    params.size <= Math.min(from.width, from.height)
      ? undefined
      : `a square of ${params.size} is larger than the picture, which is ${from.width}x${from.height} here`,
  place: (_, pass) => takeFilterSlot(pass, SLOT.median),
  keepsInk: () => true,
  apply: (image, params) => image.median(params.size),
})
