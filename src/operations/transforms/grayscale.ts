import { defineOp } from '../define-operation.js'
import { flag } from '../parameters.js'
import { SLOT, takeSlot, takeSlotRange } from '../sharp-order.js'

export const grayscale = defineOp({
  name: 'grayscale',
  summary: 'Takes the colours out: what remains is one channel of grey.',
  ...flag,
  example: true,
  size: (_, from) => from,
  isNoop: (_, from) => from.space === 'grey',
  // A grey picture is written in one channel (see render), which is what makes it grey at the end of a
  // pass; that also keeps 16 bits, which sharp's own grayscale doesn't, and alpha.
  place: (_, pass) =>
    pass.to.alpha || pass.to.depth === 16
      ? takeSlotRange(pass, SLOT.output, SLOT.end)
      : takeSlot(pass, SLOT.grayscale),
  apply: (image, _, { from }) => (from.alpha || from.depth === 16 ? image : image.grayscale()),
  changesPicture: () => ({ space: 'grey' }),
})
