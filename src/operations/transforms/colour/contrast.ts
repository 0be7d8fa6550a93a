import { z } from 'zod'
import { once } from '../../../utils/once.js'
import { defineOp } from '../../define-operation.js'
import { number } from '../../parameters.js'
import { SLOT, takeSlot } from '../../sharp-order.js'

const factor = once(() => number(0, 10))

export const contrast = defineOp({
  name: 'contrast',
  summary: 'Multiplies the contrast around middle grey.',
  params: () =>
    z.strictObject({
      factor: factor().describe('Contrast factor, 0 to 10; 1 changes nothing, 0 gives middle grey.'),
    }),
  shorthand: { schema: factor, read: (value) => ({ factor: value }) },
  example: 1.3,
  size: (_, from) => from,
  isNoop: (params) => params.factor === 1,
  place: (_, pass) => takeSlot(pass, SLOT.linear),
  apply(image, params, { from }) {
    const middle = from.depth === 16 ? 32_768 : 128
    return image.linear(params.factor, middle * (1 - params.factor))
  },
})
