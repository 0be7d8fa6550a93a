import type { ColourTables } from '../../codec/types.js'
import { tabulateConversion } from './conversion-tables.js'

type Conversion = ReturnType<typeof tabulateConversion>

/** Profiles of a run are few. */
const MAX_CACHED = 16
/** Longer profiles hold lookup tables, and are not worth to be remembered. */
const MAX_BYTES = 64 * 1024

/** Conversions by the bytes of their profiles. */
const cache = new Map<string, Conversion>()

/**
 * Returns the conversion from a profile to sRGB, to the same values as libvips; 'none' if it changes nothing, and undefined
 * if it is not known. The conversions of the last profiles are remembered.
 */
export function conversionOf(icc: Uint8Array): ColourTables | 'none' | undefined {
  if (icc.length > MAX_BYTES) return undefined
  const key = Buffer.from(icc.buffer, icc.byteOffset, icc.byteLength).toString('latin1')
  if (cache.has(key)) return cache.get(key)
  const conversion = tabulateConversion(icc)
  if (cache.size === MAX_CACHED) cache.clear()
  cache.set(key, conversion)
  return conversion
}
