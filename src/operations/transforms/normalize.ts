import { z } from 'zod'
import { defineOp } from '../define-operation.js'
import { flag, whole } from '../parameters.js'
import { SLOT, takeSlot } from '../sharp-order.js'

const percentile = whole(0, 100)

export const normalize = defineOp({
  name: 'normalize',
  summary: 'Stretches the lightness to the full range.',
  params: z
    .strictObject({
      lower: percentile.default(1).describe('The percentile of lightness that becomes black.'),
      upper: percentile.default(99).describe('The percentile of lightness that becomes white.'),
    })
    .refine(({ lower, upper }) => lower < upper, { error: 'lower below upper' }),
  shorthand: flag.shorthand,
  example: true,
  size: (_, from) => from,
  place: (_, pass) => takeSlot(pass, SLOT.normalise),
  apply: (image, range) => image.normalise(range),
})
