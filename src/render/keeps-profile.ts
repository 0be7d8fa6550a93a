import type { Picture } from '../picture.js'
import type { FormatFacts } from '../image/formats.js'

/** The colour space that a profile is for stands at byte 16 of its header (ICC.1:2022, 7.2.8). */
const SPACES: Readonly<Record<string, Picture['space']>> = { 'RGB ': 'rgb', GRAY: 'grey', CMYK: 'cmyk' }

/** Whether a picture can keep its profile: in a format that holds one, and in the colour space that it is for. */
export function keepsProfile(
  icc: Uint8Array | undefined,
  { space }: Picture,
  holds: Pick<FormatFacts, 'icc' | 'grey' | 'cmyk'>,
): boolean {
  if (!holds.icc || (space === 'cmyk' && !holds.cmyk)) return false
  const written = space === 'grey' && !holds.grey ? 'rgb' : space
  return icc === undefined || SPACES[Buffer.from(icc.subarray(16, 20)).toString('latin1')] === written
}
