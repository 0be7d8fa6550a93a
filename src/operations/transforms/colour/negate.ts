import { defineOp } from '../../define-operation.js'
import { flag } from '../../parameters.js'
import { SLOT, takeSlot } from '../../sharp-order.js'

export const negate = defineOp({
  name: 'negate',
  summary: 'Inverts all colours, but not alpha.',
  ...flag,
  example: true,
  size: (_, from) => from,
  place: (_, pass) => takeSlot(pass, SLOT.negate),
  apply: (image) => image.negate({ alpha: false }),
})
