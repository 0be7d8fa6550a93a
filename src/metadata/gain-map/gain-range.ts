import { readGainProperties, readIsoParameters } from './gain-segments.js'

/** Gains of a map, each for one channel, or for red, green and blue. */
export interface GainRange {
  /** Exponent of 2 for the value 0. */
  readonly min: readonly number[]
  /** Exponent of 2 for the largest value. */
  readonly max: readonly number[]
  /** Exponent by which values are stored. */
  readonly gamma: readonly number[]
}

/** Reads the gains of a map from its XMP, else from ISO 21496-1. Returns undefined if they can't be read. */
export function readGainRange(map: Uint8Array): GainRange | undefined {
  const properties = readGainProperties(map)
  const read = (name: string, fallback?: number) =>
    properties.get(name)?.map(Number) ?? (fallback === undefined ? undefined : [fallback])
  const max = read('GainMapMax')
  if (max === undefined) return readIsoRange(map)
  return { min: read('GainMapMin', 0)!, max, gamma: read('Gamma', 1)! }
}

/** Versions, then flags. */
const FLAGS_AT = 4
const MULTIPLE_CHANNELS = 0x80
/** Drafts of the standard had one denominator for all fractions. */
const COMMON_DENOMINATOR = 0x08
/** Behind the flags and two fractions, the headrooms. */
const CHANNELS_AT = FLAGS_AT + 1 + 16
/** Five fractions: least and greatest gain, gamma, and two offsets. (ISO 21496-1:2025, annex C.2) */
const CHANNEL_BYTES = 40

function readIsoRange(map: Uint8Array): GainRange | undefined {
  const body = readIsoParameters(map)
  const flags = body?.[FLAGS_AT]
  if (body === undefined || flags === undefined || (flags & COMMON_DENOMINATOR) !== 0) return undefined
  const channels = (flags & MULTIPLE_CHANNELS) === 0 ? 1 : 3
  if (body.length < CHANNELS_AT + channels * CHANNEL_BYTES) return undefined
  const fraction = (index: number) =>
    Array.from({ length: channels }, (_, channel) => {
      const at = CHANNELS_AT + channel * CHANNEL_BYTES + index * 8
      return body.readInt32BE(at) / body.readUInt32BE(at + 4)
    })
  return { min: fraction(0), max: fraction(1), gamma: fraction(2) }
}

/** Values beyond 0 and 1 that are a rounding. */
const TOLERANCE = 0.02

/**
 * Returns the value, 0 to 255, that leaves a picture as bright as it is: one, or one for each channel. Returns undefined if the
 * map has none.
 */
export function neutralOf({ min, max, gamma }: GainRange): readonly number[] | undefined {
  const channels = Math.max(min.length, max.length, gamma.length)
  const values = Array.from({ length: channels }, (_, channel) => {
    const [low, high, exponent] = [min, max, gamma].map((list) => list[channel] ?? list[0] ?? NaN)
    const place = high! > low! ? -low! / (high! - low!) : NaN
    if (!(place >= -TOLERANCE && place <= 1 + TOLERANCE)) return NaN
    return Math.round(255 * Math.min(1, Math.max(0, place)) ** exponent!)
  })
  return values.every(Number.isFinite) ? values : undefined
}
