import { z } from 'zod'
import { defineSetting } from '../define-operation.js'
import { formats } from './format-schemas.js'

export const format = defineSetting({
  name: 'format',
  summary: 'Sets the output format and its encoder options; auto chooses the smallest format.',
  params: () =>
    z
      .discriminatedUnion('type', formats())
      .refine(hasUseForSimilarity, {
        path: ['similarity'],
        error: "nothing without quality: 'auto'",
      })
      .refine(hasOneQuality, {
        path: ['distance'],
        error: 'nothing beside quality, maxBytes or lossless',
      }),
  shorthand: {
    schema: () => z.enum(['jpeg', 'png', 'webp', 'avif', 'jxl', 'gif', 'tiff', 'auto']),
    read: (type) => ({ type }),
  },
  aliases: { jpg: 'jpeg', tif: 'tiff' },
  example: 'webp:quality=80',
})

function hasUseForSimilarity(format: object): boolean {
  const { similarity, quality }: { similarity?: number | undefined; quality?: unknown } = format
  return similarity === undefined || quality === 'auto'
}

/** `distance` and `quality` are two words for one option, and lossless compression has neither. */
function hasOneQuality(format: object): boolean {
  const { distance, quality, maxBytes, lossless }: Readonly<Record<string, unknown>> = { ...format }
  return distance === undefined || (quality === undefined && maxBytes === undefined && lossless !== true)
}

/** Validated parameters of `format`. */
export type Format = z.output<typeof format.params>
/** A format that has an encoder: all except `auto`. */
export type EncodedFormat = Exclude<Format, { type: 'auto' }>
export type FormatType = EncodedFormat['type']
/** Final encoder options, without `auto`. */
export type Encoding = WithoutAuto<EncodedFormat>
type WithoutAuto<F> = F extends unknown ? { [K in keyof F]: Exclude<F[K], 'auto'> } : never

const UNITS: Readonly<Record<string, number>> = {
  '': 1,
  k: 1e3,
  m: 1e6,
  g: 1e9,
  ki: 2 ** 10,
  mi: 2 ** 20,
  gi: 2 ** 30,
}

/** Returns a size in bytes. Accepts the values of `maxBytes`, such as 100000 or `100KB`. */
export function toBytes(size: number | string): number {
  if (typeof size === 'number') return size
  const [, digits = '', unit = ''] = /^([\d.]+)\s?((?:[kmg]i?)?)b$/i.exec(size) ?? []
  return Math.floor(Number(digits) * (UNITS[unit.toLowerCase()] ?? 1))
}
