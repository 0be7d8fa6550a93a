import { defineOp } from '../../define-operation.js'
import { flag } from '../../parameters.js'
import { SLOT, takeSlot } from '../../sharp-order.js'

export const flop = defineOp({
  name: 'flop',
  summary: 'Mirrors the picture horizontally (left to right).',
  ...flag,
  example: true,
  size: (_, from) => from,
  place: (_, pass) => takeSlot(pass, SLOT.flop),
  turns: () => 0,
  keepsInk: () => true,
  moveRegion: (_, region) => ({ ...region, left: 1 - region.left - region.width }),
  apply: (image) => image.flop(),
})
