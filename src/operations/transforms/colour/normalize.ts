import { z } from 'zod'
import { once } from '../../../utils/once.js'
import { defineOp } from '../../define-operation.js'
import { flag, whole } from '../../parameters.js'
import { SLOT, takeSlot } from '../../sharp-order.js'

const percentile = once(() => whole(0, 100))

export const normalize = defineOp({
  name: 'normalize',
  summary: 'Stretches the lightness to the full range.',
  params: () =>
    z
      .strictObject({
        lower: percentile().default(1).describe('Percentile of the lightness that becomes black, 0 to 100.'),
        upper: percentile().default(99).describe('Percentile of the lightness that becomes white, 0 to 100.'),
      })
      .refine(({ lower, upper }) => lower < upper, { error: 'lower to be less than upper' }),
  shorthand: flag.shorthand,
  example: true,
  size: (_, from) => from,
  place: (_, pass) => takeSlot(pass, SLOT.normalise),
  apply: (image, range) => image.normalise(range),
})
