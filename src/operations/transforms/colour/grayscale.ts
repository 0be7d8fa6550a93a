import { defineOp } from '../../define-operation.js'
import { flag } from '../../parameters.js'
import { SLOT, takeSlot, takeSlotRange } from '../../sharp-order.js'

export const grayscale = defineOp({
  name: 'grayscale',
  summary: 'Converts the picture to greyscale.',
  ...flag,
  example: true,
  size: (_, from) => from,
  isNoop: (_, from) => from.space === 'grey',
  // With alpha or 16 bits, which sharp's grayscale does not keep, the render step converts to one channel at the end of
  // the pass instead.
  place: (_, pass) =>
    pass.to.alpha || pass.to.depth === 16
      ? takeSlotRange(pass, SLOT.output, SLOT.end)
      : takeSlot(pass, SLOT.grayscale),
  apply: (image, _, { from }) => (from.alpha || from.depth === 16 ? image : image.grayscale()),
  changesPicture: () => ({ space: 'grey' }),
})
