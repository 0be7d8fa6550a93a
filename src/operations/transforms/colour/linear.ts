import { z } from 'zod'
import { once } from '../../../utils/once.js'
import { defineOp } from '../../define-operation.js'
import { number } from '../../parameters.js'
import { SLOT, takeSlot } from '../../sharp-order.js'

const factor = once(() => number(-100, 100))
const offset = once(() => number(-25_500, 25_500))
const ONE_OR_THREE = 'one number, or three: red, green and blue'
const ofChannels = (value: ReturnType<typeof factor>) =>
  z.union([value, z.array(value).length(3, { error: ONE_OR_THREE })], { error: ONE_OR_THREE })

const params = () =>
  z
    .strictObject({
      a: ofChannels(factor())
        .default(1)
        .describe('Factor, -100 to 100: one number, or three for red, green and blue.'),
      b: ofChannels(offset())
        .default(0)
        .describe('Levels to add, of 255: one number, or three for red, green and blue.'),
    })
    .refine((line) => line.a !== 1 || line.b !== 0, { error: 'a factor a, or levels b to add' })

type Params = z.output<ReturnType<typeof params>>

function isColourful({ a, b }: Params): boolean {
  return [a, b].some((value) => typeof value !== 'number' && new Set(value).size > 1)
}

function toList(value: number | readonly number[]): number[] {
  return typeof value === 'number' ? [value, value, value] : [...value]
}

export const linear = defineOp({
  name: 'linear',
  summary: 'Multiplies each channel by a, and adds b.',
  params,
  shorthand: { schema: factor, read: (a) => ({ a }) },
  example: { a: 1.2, b: -15 },
  size: (_, from) => from,
  isNoop: ({ a, b }) => toList(a).every((value) => value === 1) && toList(b).every((value) => value === 0),
  place: (_, pass) => takeSlot(pass, SLOT.linear),
  apply(image, params, { from }) {
    const step = from.depth === 16 ? 257 : 1
    const [[a], [b = 0]] = [toList(params.a), toList(params.b)]
    // One number leaves a grey picture grey.
    if (!isColourful(params)) return image.linear(a, b * step)
    return image.linear(
      toList(params.a),
      toList(params.b).map((value) => value * step),
    )
  },
  addsColor: (params) => (isColourful(params) ? 'red' : undefined),
})
