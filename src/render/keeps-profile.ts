import type { Picture } from '../picture.js'
import type { FormatFacts } from '../image/output-formats.js'
import { isWellFormed } from '../metadata/icc-profile.js'
import { applyToPicture, type PixelOperation } from './passes/plan-passes.js'
import { convertsFromSrgb } from './profile-colours.js'

/** Data colour space of a profile, at byte 16 of its header (ICC.1:2022, 7.2.8). */
const SPACES: Readonly<Record<string, Picture['space']>> = { 'RGB ': 'rgb', GRAY: 'grey', CMYK: 'cmyk' }

/** Colours that have the same numbers in every RGB and grey profile. */
const FIXED_COLOURS: ReadonlySet<string> = new Set([
  'transparent',
  'white',
  'fff',
  '#fff',
  'ffffff',
  '#ffffff',
])

/**
 * Returns true if an output can keep its ICC profile: if the profile is well-formed, the format stores profiles in its
 * colour space, and all operations are right in that space.
 */
export function keepsProfile(
  icc: Uint8Array | undefined,
  from: Picture,
  operations: readonly PixelOperation[],
  format: Pick<FormatFacts, 'icc' | 'grey' | 'cmyk'>,
): boolean {
  const { space } = operations.reduce((picture, operation) => applyToPicture(operation, picture), from)
  if (!format.icc || (space === 'cmyk' && !format.cmyk)) return false
  const written = space === 'grey' && !format.grey ? 'rgb' : space
  if (icc !== undefined && (spaceOf(icc) !== written || !isWellFormed(icc))) return false
  return canApply(icc, from, operations)
}

function spaceOf(icc: Uint8Array): Picture['space'] | undefined {
  return SPACES[Buffer.from(icc.subarray(16, 20)).toString('latin1')]
}

/** Returns true if operations give right colours in the space of a profile. */
function canApply(
  icc: Uint8Array | undefined,
  from: Picture,
  operations: readonly PixelOperation[],
): boolean {
  let picture = from
  for (const operation of operations) {
    const { op, params } = operation
    if (op.isNoop?.(params, picture) !== true) {
      if (from.space === 'cmyk' && op.keepsInk?.(params) !== true) return false
      const colour = op.addsColor?.(params)
      const needsConversion = colour !== undefined && !FIXED_COLOURS.has(colour)
      if (icc !== undefined && needsConversion && convertsFromSrgb(icc) === undefined) return false
    }
    picture = applyToPicture(operation, picture)
  }
  return true
}
