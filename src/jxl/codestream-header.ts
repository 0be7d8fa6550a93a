import { readBits, type BitReader } from './bit-reader.js'
import type { JxlColour, JxlHeader } from './types.js'

/** Bytes of the signature of a codestream. */
const SIGNATURE_BYTES = 2

/** Width to height by code. (ISO/IEC 18181-1, table of SizeHeader) */
const RATIOS = [
  [1, 1],
  [12, 10],
  [4, 3],
  [3, 2],
  [16, 9],
  [5, 4],
  [2, 1],
] as const

/**
 * Reads the header of a codestream, up to its colours. (ISO/IEC 18181-1, annexes A and D)
 *
 * Throws a RangeError if it ends too early.
 */
export function readCodestreamHeader(codestream: Uint8Array): JxlHeader {
  const reader = readBits(codestream, SIGNATURE_BYTES)
  const size = readSize(reader)
  const isDefault = reader.flag()
  const metadata = isDefault ? DEFAULT_METADATA : readMetadata(reader)
  const { orientation } = metadata
  return {
    ...metadata,
    // From 5 on, the picture is stored on its side.
    width: orientation > 4 ? size.height : size.width,
    height: orientation > 4 ? size.width : size.height,
  }
}

const DEFAULT_METADATA: Omit<JxlHeader, 'width' | 'height'> = {
  orientation: 1,
  bits: 8,
  isFloat: false,
  isGrey: false,
  hasAlpha: false,
  isPremultiplied: false,
  hasBlack: false,
  isAnimated: false,
  isXyb: true,
  colour: { kind: 'srgb' },
}

function readSize(reader: BitReader) {
  const isSmall = reader.flag()
  const side = () =>
    isSmall
      ? (reader.bits(5) + 1) * 8
      : reader.u32({ bits: 9, plus: 1 }, { bits: 13, plus: 1 }, { bits: 18, plus: 1 }, { bits: 30, plus: 1 })
  const height = side()
  const ratio = RATIOS[reader.bits(3) - 1]
  const width = ratio === undefined ? side() : Math.floor((height * ratio[0]) / ratio[1])
  return { width, height }
}

function readMetadata(reader: BitReader): Omit<JxlHeader, 'width' | 'height'> {
  const hasExtra = reader.flag()
  const extra = hasExtra ? readExtraFields(reader) : { orientation: 1, isAnimated: false }
  const depth = readBitDepth(reader)
  // Says how wide the decoder's buffers have to be.
  reader.flag()
  const channels = Array.from({ length: reader.u32(0, 1, { bits: 4, plus: 2 }, { bits: 12, plus: 1 }) }, () =>
    readExtraChannel(reader),
  )
  const alpha = channels.find(({ type }) => type === ALPHA)
  const isXyb = reader.flag()
  return {
    ...extra,
    ...depth,
    hasAlpha: alpha !== undefined,
    isPremultiplied: alpha?.isPremultiplied === true,
    hasBlack: channels.some(({ type }) => type === BLACK),
    isXyb,
    ...readColour(reader),
  }
}

function readExtraFields(reader: BitReader) {
  const orientation = reader.bits(3) + 1
  if (reader.flag()) readSize(reader)
  if (reader.flag()) skipPreview(reader)
  const isAnimated = reader.flag()
  if (isAnimated) skipAnimation(reader)
  return { orientation, isAnimated }
}

function skipPreview(reader: BitReader): void {
  const isSmall = reader.flag()
  const side = () =>
    isSmall
      ? reader.u32(16, 32, { bits: 5, plus: 1 }, { bits: 9, plus: 33 })
      : reader.u32(
          { bits: 6, plus: 1 },
          { bits: 8, plus: 65 },
          { bits: 10, plus: 321 },
          { bits: 12, plus: 1345 },
        )
  side()
  if (reader.bits(3) === 0) side()
}

/** Ticks a second as a fraction, the number of plays, and a flag. */
function skipAnimation(reader: BitReader): void {
  reader.u32(100, 1000, { bits: 10, plus: 1 }, { bits: 30, plus: 1 })
  reader.u32(1, 1001, { bits: 8, plus: 1 }, { bits: 10, plus: 1 })
  reader.u32(0, { bits: 3 }, { bits: 16 }, { bits: 32 })
  reader.flag()
}

function readBitDepth(reader: BitReader) {
  const isFloat = reader.flag()
  if (!isFloat) return { isFloat, bits: reader.u32(8, 10, 12, { bits: 6, plus: 1 }) }
  const bits = reader.u32(32, 16, 24, { bits: 6, plus: 1 })
  // Bits of the exponent.
  reader.bits(4)
  return { isFloat, bits }
}

const ALPHA = 0
const SPOT = 2
const BLACK = 4
const COLOUR_FILTER = 5

function readExtraChannel(reader: BitReader) {
  if (reader.flag()) return { type: ALPHA, isPremultiplied: false }
  const type = reader.enumerated()
  readBitDepth(reader)
  // By how much it is smaller than the picture.
  reader.u32(0, 3, 4, { bits: 3, plus: 1 })
  const nameBytes = reader.u32(0, { bits: 4 }, { bits: 5, plus: 16 }, { bits: 10, plus: 48 })
  for (let byte = 0; byte < nameBytes; byte++) reader.bits(8)
  const isPremultiplied = type === ALPHA && reader.flag()
  if (type === SPOT) reader.bits(4 * 16)
  if (type === COLOUR_FILTER) reader.u32(1, { bits: 2 }, { bits: 4, plus: 3 }, { bits: 8, plus: 19 })
  return { type, isPremultiplied }
}

const GREY = 1
const XYB = 2
const D65 = 1
const CUSTOM = 2
const SRGB_PRIMARIES = 1
/** Codes of primaries that differ from those of ITU-T H.273: P3 there has the white of cinemas with 11. */
const P3 = 11
const P3_D65 = 12
const SRGB_CURVE = 13
const HDR_CURVES: Readonly<Record<number, 'pq' | 'hlg'>> = { 16: 'pq', 18: 'hlg' }

function readColour(reader: BitReader): Pick<JxlHeader, 'isGrey' | 'colour'> {
  const srgb: JxlColour = { kind: 'srgb' }
  if (reader.flag()) return { isGrey: false, colour: srgb }
  const hasProfile = reader.flag()
  const space = reader.enumerated()
  const isGrey = space === GREY
  if (hasProfile || space === XYB) return { isGrey, colour: { kind: 'profile' } }
  const white = reader.enumerated()
  if (white === CUSTOM) skipChromaticities(reader, 1)
  const primaries = isGrey ? SRGB_PRIMARIES : reader.enumerated()
  if (primaries === CUSTOM) skipChromaticities(reader, 3)
  const transfer = reader.flag() ? undefined : reader.enumerated()
  const hdr = HDR_CURVES[transfer ?? 0]
  if (hdr !== undefined && white === D65 && primaries !== CUSTOM) {
    const code = primaries === P3 ? P3_D65 : primaries
    return { isGrey, colour: { kind: 'hdr', primaries: code, transfer: hdr } }
  }
  const isSrgb = white === D65 && primaries === SRGB_PRIMARIES && transfer === SRGB_CURVE
  return { isGrey, colour: isSrgb ? srgb : { kind: 'profile' } }
}

function skipChromaticities(reader: BitReader, points: number): void {
  for (let coordinate = 0; coordinate < points * 2; coordinate++)
    reader.u32(
      { bits: 19 },
      { bits: 19, plus: 524_288 },
      { bits: 20, plus: 1_048_576 },
      { bits: 21, plus: 2_097_152 },
    )
}
