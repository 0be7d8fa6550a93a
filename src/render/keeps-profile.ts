import type { Picture } from '../picture.js'
import type { FormatFacts } from '../image/output-formats.js'
import { isWellFormed } from '../metadata/icc-profile.js'

/** Data colour space of a profile, at byte 16 of its header (ICC.1:2022, 7.2.8). */
const SPACES: Readonly<Record<string, Picture['space']>> = { 'RGB ': 'rgb', GRAY: 'grey', CMYK: 'cmyk' }

/**
 * Returns true if an output can keep its ICC profile: if the profile is well-formed, and the format stores profiles, and
 * in the profile's colour space.
 */
export function keepsProfile(
  icc: Uint8Array | undefined,
  { space }: Picture,
  format: Pick<FormatFacts, 'icc' | 'grey' | 'cmyk'>,
): boolean {
  if (!format.icc || (space === 'cmyk' && !format.cmyk)) return false
  const written = space === 'grey' && !format.grey ? 'rgb' : space
  if (icc === undefined) return true
  return SPACES[Buffer.from(icc.subarray(16, 20)).toString('latin1')] === written && isWellFormed(icc)
}
