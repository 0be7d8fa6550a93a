import { z } from 'zod'
import { defineOp } from '../define-operation.js'
import { colour, toSharpColour } from '../parameters.js'
import { SLOT, takeSlot } from '../sharp-order.js'

export const tint = defineOp({
  name: 'tint',
  summary: 'Tints the picture with a colour, keeping its lightness.',
  params: z.strictObject({ colour: colour.describe('Tint colour.') }),
  shorthand: { schema: colour, read: (value) => ({ colour: value }) },
  example: 'ffb050',
  size: (_, from) => from,
  place: (_, pass) => takeSlot(pass, SLOT.tint),
  apply: (image, params) => image.tint(toSharpColour(params.colour)),
  addsColor: (params) => params.colour,
})
