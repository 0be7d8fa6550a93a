import { z } from 'zod'
import { once } from '../../../utils/once.js'
import { readColour } from '../../background.js'
import { defineOp } from '../../define-operation.js'
import { multiplyColours } from '../../edit-colours.js'
import { colour, isTranslucent } from '../../parameters.js'
import { takeWholePass } from '../../sharp-order.js'

/** Factors of ITU-R BT.709 for luma. */
const LUMA = [0.2126, 0.7152, 0.0722]

const OPAQUE = 'an opaque colour'
const opaque = once(() => colour().refine((value) => !isTranslucent(value), { error: OPAQUE }))

const params = () =>
  z.strictObject({
    dark: opaque().default('black').describe('Colour of black.'),
    light: opaque().default('white').describe('Colour of white.'),
  })

export const duotone = defineOp({
  name: 'duotone',
  summary: 'Maps the picture to a gradient between two colours.',
  params,
  shorthand: {
    schema: () =>
      z.union(
        [z.literal(true), z.string().regex(/^[^:]+:[^:]+$/, { error: 'two colours such as navy:ffcc66' })],
        {
          error: 'two colours such as navy:ffcc66',
        },
      ),
    read(text) {
      if (text === true) return {}
      const [dark, light] = text.split(':')
      return { dark: dark!, light: light! }
    },
  },
  example: 'navy:ffcc66',
  size: (_, from) => from,
  place: (_, pass) => takeWholePass(pass),
  apply: (image) => image,
  edit(pixels, { dark, light }, { fromSrgb = (rgb) => rgb }) {
    const [from, to] = [fromSrgb(readColour(dark)), fromSrgb(readColour(light))]
    const factors = from.flatMap((value, channel) => LUMA.map((share) => share * (to[channel]! - value)))
    return multiplyColours(pixels, { factors, offsets: from })
  },
  addsColor: () => 'red',
})
