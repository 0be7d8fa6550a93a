import { cursorAt } from '../iso-boxes.js'
import { readBits, type BitReader } from './bit-reader.js'
import { readColourCodes, type ColourCodes } from './colour-codes.js'

/*
 * Reads the colours that HEVC data announces, in the video usability information (VUI) of the sequence parameter set (SPS).
 * All that stands before has to be read, since its length varies. (ITU-T H.265, sections 7.3.2.2 and E.2.1)
 */

const SPS = 33
/** Bits of the profile in profile_tier_level. */
const PROFILE_BITS = 88
const EXTENDED_ASPECT_RATIO = 255
/** Highest number of pictures in a decoded picture buffer. Also limits each reference picture set. */
const MAX_PICTURES = 16
/** Order of a reference picture relative to the current one. */
type PictureDelta = number

/** Returns the codes in the body of an hvcC box; undefined if there are none. Throws a RangeError for damaged data. */
export function readHevcColour(hvcC: Buffer): ColourCodes | undefined {
  const sps = findSps(hvcC)
  return sps && readSps(readBits(removeEmulationPrevention(sps)))
}

/** Returns the first SPS without its header of two bytes. (ISO 14496-15, section 8.3.3.1) */
function findSps(hvcC: Buffer): Buffer | undefined {
  const { next, skip, place } = cursorAt(hvcC, 22)
  for (let arrays = next(1); arrays > 0; arrays--) {
    const type = next(1) & 0x3f
    for (let units = next(2); units > 0; units--) {
      const length = next(2)
      const unit = hvcC.subarray(place(), place() + length)
      if (type === SPS) return unit.subarray(2)
      skip(length)
    }
  }
  return undefined
}

/** Removes the 3 of each 0, 0, 3, which encoders insert so that no start code appears. */
function removeEmulationPrevention(unit: Buffer): Buffer {
  let zeros = 0
  return Buffer.from(
    unit.filter((byte) => {
      const isInserted = zeros >= 2 && byte === 3
      zeros = byte === 0 ? zeros + 1 : 0
      return !isInserted
    }),
  )
}

function readSps(bits: BitReader): ColourCodes | undefined {
  const { read, flag, skip, golomb } = bits
  skip(4)
  const subLayers = read(3)
  skip(1)
  skipProfileTierLevel(bits, subLayers)
  golomb()
  // chroma_format_idc 3 has separate_colour_plane_flag.
  if (golomb() === 3) skip(1)
  skipGolombs(bits, 2)
  // The conformance window.
  if (flag()) skipGolombs(bits, 4)
  skipGolombs(bits, 2)
  const orderBits = golomb() + 4
  skipGolombs(bits, 3 * (flag() ? subLayers + 1 : 1))
  // Sizes of blocks.
  skipGolombs(bits, 6)
  if (flag() && flag()) skipScalingLists(bits)
  skip(2)
  if (flag()) skipPcm(bits)
  skipShortTermSets(bits)
  if (flag()) for (let count = golomb(); count > 0; count--) skip(orderBits + 1)
  skip(2)
  return flag() ? readVui(bits) : undefined
}

function skipGolombs({ golomb }: BitReader, count: number): void {
  for (let rest = count; rest > 0; rest--) golomb()
}

/** Section 7.3.3. `subLayers` does not count the highest. */
function skipProfileTierLevel({ flag, skip }: BitReader, subLayers: number): void {
  skip(PROFILE_BITS + 8)
  const present = Array.from({ length: subLayers }, () => ({ profile: flag(), level: flag() }))
  if (subLayers > 0) skip(2 * (8 - subLayers))
  for (const { profile, level } of present) skip((profile ? PROFILE_BITS : 0) + (level ? 8 : 0))
}

/** Section 7.3.4. */
function skipScalingLists(bits: BitReader): void {
  for (const { lists, coefficients } of [
    { lists: 6, coefficients: 16 },
    { lists: 6, coefficients: 64 },
    { lists: 6, coefficients: 1 + 64 },
    { lists: 2, coefficients: 1 + 64 },
  ]) {
    // A list without coefficients names another that it equals.
    for (let list = 0; list < lists; list++) skipGolombs(bits, bits.flag() ? coefficients : 1)
  }
}

function skipPcm(bits: BitReader): void {
  bits.skip(8)
  skipGolombs(bits, 2)
  bits.skip(1)
}

function skipShortTermSets(bits: BitReader): void {
  let previous: readonly PictureDelta[] | undefined
  for (let count = bits.golomb(); count > 0; count--) {
    previous = previous !== undefined && bits.flag() ? predictSet(bits, previous) : readSet(bits)
  }
}

/** Reads a set of its own: the pictures before, then those behind, each the nearest first. (section 7.3.7) */
function readSet({ golomb, skip }: BitReader): readonly PictureDelta[] {
  const counts = [golomb(), golomb()]
  if (counts.some((count) => count > MAX_PICTURES)) throw new RangeError('Too many reference pictures.')
  return counts.flatMap((count, side) => {
    let delta = 0
    return Array.from({ length: count }, () => {
      delta += (golomb() + 1) * (side === 0 ? -1 : 1)
      skip(1)
      return delta
    })
  })
}

/** Reads the changes to the previous set. The number of flags depends on its pictures. (section 7.4.8) */
function predictSet({ golomb, flag }: BitReader, previous: readonly PictureDelta[]): readonly PictureDelta[] {
  const isNegative = flag()
  const shift = (golomb() + 1) * (isNegative ? -1 : 1)
  const kept = [...previous, 0]
    .map((delta) => ({ delta: delta + shift, isKept: flag() || flag() }))
    .filter(({ delta, isKept }) => isKept && delta !== 0)
    .map(({ delta }) => delta)
  const before = kept.filter((delta) => delta < 0).toSorted((a, b) => b - a)
  const behind = kept.filter((delta) => delta > 0).toSorted((a, b) => a - b)
  return [...before, ...behind]
}

function readVui(bits: BitReader): ColourCodes | undefined {
  const { read, flag, skip } = bits
  if (flag() && read(8) === EXTENDED_ASPECT_RATIO) skip(32)
  // The overscan.
  if (flag()) skip(1)
  if (!flag()) return undefined
  // The video format.
  skip(3)
  const isFullRange = flag()
  const codes = readColourCodes(bits)
  return codes && { ...codes, isFullRange }
}
