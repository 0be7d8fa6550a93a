import { z } from 'zod'
import { once } from '../../../utils/once.js'
import { defineOp } from '../../define-operation.js'
import { multiplyColours } from '../../edit-colours.js'
import { number } from '../../parameters.js'
import { takeWholePass } from '../../sharp-order.js'

/** Matrices by name, row by row: red, green and blue of the result. */
const PRESETS = {
  /** Filter Effects Module Level 1, `sepia(1)`. */
  sepia: [0.393, 0.769, 0.189, 0.349, 0.686, 0.168, 0.272, 0.534, 0.131],
  /** Luma of ITU-R BT.709 in all channels: grey that can be coloured afterwards. */
  luma: [0.2126, 0.7152, 0.0722, 0.2126, 0.7152, 0.0722, 0.2126, 0.7152, 0.0722],
  swapRedBlue: [0, 0, 1, 0, 1, 0, 1, 0, 0],
} as const

const preset = once(() => z.enum(['sepia', 'luma', 'swapRedBlue']))
const NINE = 'nine numbers: three rows of factors for red, green and blue'

const params = () =>
  z
    .strictObject({
      preset: preset().optional().describe('A matrix by name.'),
      matrix: z
        .array(number(-100, 100))
        .length(9, { error: NINE })
        .optional()
        .describe(
          'Nine numbers: the factors of red, green and blue for the new red, then for green, then for blue.',
        ),
      amount: number(0, 1).default(1).describe('Share of the effect, 0 (none) to 1.'),
    })
    .refine((recomb) => (recomb.preset === undefined) !== (recomb.matrix === undefined), {
      error: 'a preset or a matrix',
    })

const IDENTITY = [1, 0, 0, 0, 1, 0, 0, 0, 1]

export const recomb = defineOp({
  name: 'recomb',
  summary: 'Recombines red, green and blue by a matrix, such as sepia.',
  params,
  shorthand: { schema: preset, read: (name) => ({ preset: name }) },
  example: 'sepia',
  size: (_, from) => from,
  isNoop: ({ amount }) => amount === 0,
  place: (_, pass) => takeWholePass(pass),
  apply: (image) => image,
  edit(pixels, { preset: name, matrix, amount }) {
    const full = name === undefined ? (matrix ?? IDENTITY) : PRESETS[name]
    const factors = full.map((value, at) => value * amount + IDENTITY[at]! * (1 - amount))
    return multiplyColours(pixels, { factors, offsets: [0, 0, 0] })
  },
  addsColor: () => 'red',
})
