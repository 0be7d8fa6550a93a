import { z } from 'zod'
import { defineOp } from '../../define-operation.js'
import { colour, toSharpColour } from '../../parameters.js'
import { fitBackground } from '../../background.js'
import { SLOT, takeSlot } from '../../sharp-order.js'

const params = () =>
  z.strictObject({
    background: colour().default('white').describe('Background colour.'),
  })

export const flatten = defineOp({
  name: 'flatten',
  summary: 'Composites the picture onto a background and removes alpha.',
  params,
  shorthand: {
    schema: () =>
      z.union([z.literal(true), colour()], {
        error: 'a colour such as white or ff8800 (quote one that is all digits)',
      }),
    read: (background) => (background === true ? {} : { background }),
  },
  example: 'white',
  size: (_, from) => from,
  isNoop: (_, from) => !from.alpha,
  place: (_, pass) => takeSlot(pass, SLOT.flatten),
  apply: (image, { background }, context) =>
    fitBackground(image.flatten({ background: toSharpColour(background) }), 'flattenBackground', context),
  changesPicture: () => ({ alpha: false }),
  addsColor: ({ background }) => background,
})
