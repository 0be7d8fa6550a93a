import { readBits, type BitReader } from './bit-reader.js'
import { readColourCodes, type ColourCodes } from './colour-codes.js'

/*
 * Reads the colours that AV1 data announces, in its sequence header. (AV1 Bitstream & Decoding Process Specification,
 * section 5.5)
 */

const SEQUENCE_HEADER = 1

/** Returns the codes in coded data; undefined if there are none. Throws a RangeError for damaged data. */
export function readAv1Colour(data: Uint8Array): ColourCodes | undefined {
  const header = findSequenceHeader(data)
  return header && readSequenceHeader(readBits(header))
}

/** Returns the first sequence header. (section 5.3) */
function findSequenceHeader(data: Uint8Array): Uint8Array | undefined {
  for (let at = 0; at < data.length;) {
    const head = data[at]!
    const type = (head >> 3) & 0xf
    const hasExtension = (head & 4) !== 0
    const hasSize = (head & 2) !== 0
    at += hasExtension ? 2 : 1
    const size = hasSize ? readLeb128(data, at) : { value: data.length - at, bytes: 0 }
    at += size.bytes
    if (type === SEQUENCE_HEADER) return data.subarray(at, at + size.value)
    at += size.value
  }
  return undefined
}

/** Section 4.10.5. */
function readLeb128(data: Uint8Array, start: number): { value: number; bytes: number } {
  let value = 0
  for (let bytes = 0; bytes < 8; bytes++) {
    const byte = data[start + bytes]
    if (byte === undefined) break
    value += (byte & 0x7f) * 2 ** (7 * bytes)
    if (byte < 0x80) return { value, bytes: bytes + 1 }
  }
  throw new RangeError('The size does not end.')
}

function readSequenceHeader(bits: BitReader): ColourCodes | undefined {
  const { read, flag, skip } = bits
  const profile = read(3)
  skip(1)
  const isReduced = flag()
  if (isReduced) skip(5)
  else skipOperatingPoints(bits)
  const [widthBits, heightBits] = [read(4) + 1, read(4) + 1]
  skip(widthBits + heightBits)
  // Numbers of frames.
  if (!isReduced && flag()) skip(4 + 3)
  skip(3)
  if (!isReduced) skipTools(bits)
  skip(3)
  return readColorConfig(bits, profile)
}

function skipOperatingPoints(bits: BitReader): void {
  const { read, flag, skip } = bits
  const delayBits = flag() ? readTiming(bits) : undefined
  const hasDisplayDelay = flag()
  for (let count = read(5) + 1; count > 0; count--) {
    skip(12)
    const level = read(5)
    // The tier.
    if (level > 7) skip(1)
    if (delayBits !== undefined && flag()) skip(2 * delayBits + 1)
    if (hasDisplayDelay && flag()) skip(4)
  }
}

/** Returns the number of bits of a buffer's delay; undefined without a decoder model. */
function readTiming({ read, flag, skip, golomb }: BitReader): number | undefined {
  skip(32 + 32)
  // An equal interval between pictures.
  if (flag()) golomb()
  if (!flag()) return undefined
  const delayBits = read(5) + 1
  skip(32 + 5 + 5)
  return delayBits
}

function skipTools({ flag, skip }: BitReader): void {
  skip(4)
  const hasOrderHint = flag()
  if (hasOrderHint) skip(2)
  const choosesScreenContent = flag()
  const mayBeScreenContent = choosesScreenContent || flag()
  // The decoder chooses whether motion vectors are integers, or a flag says so.
  if (mayBeScreenContent && !flag()) skip(1)
  if (hasOrderHint) skip(3)
}

function readColorConfig(bits: BitReader, profile: number): ColourCodes | undefined {
  const { flag, skip } = bits
  const isDeep = flag()
  // 12 bits.
  if (profile === 2 && isDeep) skip(1)
  // Profile 1 always has colours.
  const isGrey = profile !== 1 && flag()
  const codes = readColourCodes(bits)
  if (codes === undefined) return undefined
  // RGB stored as such has no flag for its range.
  const isRgb = codes.primaries === 1 && codes.transfer === 13 && codes.matrix === 0
  return { ...codes, isFullRange: (isRgb && !isGrey) || flag() }
}
