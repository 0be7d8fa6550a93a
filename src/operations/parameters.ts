import { sharp } from '../sharp.js'
import { z } from 'zod'
import { once } from '../utils/once.js'

// Each `error` states what was expected; utils/validate.ts puts it into a sentence with the value.

/** Schema of a number in a range, inclusive. */
export function number(from: number, to: number): z.ZodNumber {
  const error = `a number from ${from} to ${to}`
  return z.number({ error }).min(from, { error }).max(to, { error })
}

/** Schema of a whole number in a range, inclusive. */
export function whole(from: number, to: number, unit = ''): z.ZodInt {
  const error = `a whole number${unit && ` of ${unit}`} from ${from} to ${to}`
  return z.int({ error }).min(from, { error }).max(to, { error })
}

/** Length of a side, in pixels. */
export const pixels = once(() => whole(1, 100_000, 'pixels'))

/** Distance from an edge, in pixels. */
export const offset = once(() => whole(0, 100_000, 'pixels'))

/** Percentage of that side of the picture before the operation. */
const percent = once(() => z.templateLiteral([z.number(), '%'], { error: 'a percentage such as 50%' }))

/** Length of a side, in pixels or as a percentage. */
export const length = once(() =>
  z
    .union([pixels(), percent()], { error: 'a whole number of pixels, or a percentage such as 50%' })
    .refine((value) => typeof value === 'number' || Number.parseFloat(value) > 0, {
      error: 'a percentage above 0%',
    }),
)

/** Distance from an edge, in pixels or as a percentage. */
export const lengthFromEdge = once(() =>
  z
    .union([offset(), percent()], { error: 'a whole number of pixels, or a percentage such as 50%' })
    .refine((value) => typeof value === 'number' || Number.parseFloat(value) >= 0, {
      error: 'a percentage of at least 0%',
    }),
)

export type Length = z.output<ReturnType<typeof lengthFromEdge>>

const HEX = /^(?:[0-9a-f]{3,4}|[0-9a-f]{6}|[0-9a-f]{8})$/i
const TRANSPARENT = { r: 0, g: 0, b: 0, alpha: 0 }

/** Returns a colour as sharp accepts it. The `#` of a hex colour is optional: shells, YAML and URLs interpret it. */
export function toSharpColour(text: string): string | typeof TRANSPARENT {
  if (text === 'transparent') return TRANSPARENT
  return HEX.test(text) ? `#${text}` : text
}

function isColour(text: string): boolean {
  const image = sharp()
  try {
    // sharp's own parser decides, so a colour accepted here cannot fail later.
    image.flatten({ background: toSharpColour(text) })
    return true
  } catch {
    return false
  }
}

const COLOUR = 'a colour such as white, ff8800, #ff8800cc or transparent (quote one that is all digits)'

/** A CSS colour: a name, hex with or without `#`, `rgb()`, `hsl()`; or `transparent`. */
export const colour = once(() => z.string({ error: COLOUR }).refine(isColour, { error: COLOUR }))

/** Returns true if a colour has an alpha below 1. */
export function isTranslucent(text: string): boolean {
  if (text === 'transparent') return true
  const hex = text.replace(/^#/, '')
  if (HEX.test(hex) && (hex.length === 4 || hex.length === 8))
    return !/^(?:f|ff)$/i.test(hex.length === 4 ? hex[3]! : hex.slice(6))
  return /^(?:rgba|hsla)\(|\//i.test(text)
}

/** Returns true if a grey picture can show a colour. */
export function isNeutral(text: string): boolean {
  const hex = text.replace(/^#/, '')
  if (!HEX.test(hex)) return /^(?:transparent|white|black|gr[ae]y)$/i.test(text)
  const [red, green, blue] = hex.length < 6 ? hex : (hex.match(/../g) ?? [])
  return red === green && green === blue
}

export const GRAVITIES = [
  'centre', 'center', 'top', 'right', 'bottom', 'left',
  'north', 'northeast', 'east', 'southeast', 'south', 'southwest', 'west', 'northwest',
] as const // prettier-ignore

/** Edge or corner, in sharp's terms. */
export const gravity = once(() => z.enum(GRAVITIES))

export type Gravity = z.output<ReturnType<typeof gravity>>

const ASPECT = 'an aspect ratio such as 16:9, 16/9 or 1.5'

/** Aspect ratio, width to height. */
export const aspect = once(() =>
  z
    .union(
      [
        z.number().positive({ error: ASPECT, abort: true }),
        z.string().regex(/^\d+(?:\.\d+)?(?:[:/]\d+(?:\.\d+)?)?$/, { error: ASPECT, abort: true }),
      ],
      { error: ASPECT },
    )
    .refine((value) => toRatio(value) > 0 && Number.isFinite(toRatio(value)), { error: ASPECT })
    // 1.5 and '1.5' must give the same recipe.
    .overwrite(String),
)

/** Schemas of an aspect ratio in a shorthand. A number alone is a length there. */
export const aspectText = once(
  () =>
    [
      z.templateLiteral([z.number(), ':', z.number()]),
      z.templateLiteral([z.number(), '/', z.number()]),
    ] as const,
)

type AspectText = z.output<ReturnType<typeof aspectText>[number]>

/** Returns true for a shorthand that is an aspect ratio. */
export function isAspectText(value: number | string): value is AspectText {
  return typeof value === 'string' && /[:/]/.test(value)
}

/** Returns the width divided by the height of an aspect ratio. */
export function toRatio(value: number | string): number {
  const [width = 0, height = 1] = String(value).split(/[:/]/).map(Number)
  return width / height
}

/** Parameters and shorthand of an operation that takes only `true`. */
export const flag = {
  params: () => z.strictObject({}),
  shorthand: { schema: () => z.literal(true, { error: 'true' }), read: () => ({}) },
}
