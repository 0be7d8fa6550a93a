import { defineOp } from '../define-operation.js'
import { flag } from '../parameters.js'
import { SLOT, take } from '../sharp-order.js'

export const flop = defineOp({
  name: 'flop',
  summary: 'Mirrors the picture left to right.',
  ...flag,
  example: true,
  size: (_, from) => from,
  place: (_, pass) => take(pass, SLOT.flop),
  turns: () => 0,
  apply: (image) => image.flop(),
})
