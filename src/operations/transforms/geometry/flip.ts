import { defineOp } from '../../define-operation.js'
import { flag } from '../../parameters.js'
import { SLOT, takeSlot } from '../../sharp-order.js'

export const flip = defineOp({
  name: 'flip',
  summary: 'Mirrors the picture vertically (top to bottom).',
  ...flag,
  example: true,
  size: (_, from) => from,
  place: (_, pass) => takeSlot(pass, SLOT.flip),
  turns: () => 0,
  keepsInk: () => true,
  moveRegion: (_, region) => ({ ...region, top: 1 - region.top - region.height }),
  apply: (image) => image.flip(),
})
