import { z } from 'zod'
import { defineOp } from '../../define-operation.js'
import { fitBackground } from '../../background.js'
import { colour, toSharpColour } from '../../parameters.js'
import { SLOT, takeSlot } from '../../sharp-order.js'

export const tint = defineOp({
  name: 'tint',
  summary: 'Tints the picture with a colour, keeping its lightness.',
  params: () => z.strictObject({ colour: colour().describe('Tint colour.') }),
  shorthand: { schema: colour, read: (value) => ({ colour: value }) },
  example: 'ffb050',
  size: (_, from) => from,
  place: (_, pass) => takeSlot(pass, SLOT.tint),
  // libvips tints in CIELAB, and takes the colour as 8 bits at any depth.
  apply: (image, params, context) =>
    fitBackground(image.tint(toSharpColour(params.colour)), 'tint', {
      ...context,
      from: { ...context.from, depth: 8 },
    }),
  addsColor: (params) => params.colour,
})
