import type { ColourPair } from './colour-description.js'

/** Matrix and tone curves of an RGB profile: the curves linearise the channels, the matrix converts them to XYZ. */
export interface MatrixProfile {
  /** Linear light, 0 to 1, for a value from 0 to 1; red, green and blue. */
  readonly curves: readonly [Curve, Curve, Curve]
  /** 3x3, row by row: the rows are X, Y and Z relative to D50, the columns are red, green and blue. */
  readonly matrix: readonly number[]
}

/** Linear light for a value, both from 0 to 1. */
export type Curve = (value: number) => number

/**
 * Reads an ICC profile of a matrix and three curves, as cameras, screens and Photoshop use. Returns undefined for other
 * kinds of profiles and for damaged ones. (ICC.1:2022, sections 7, 8.3.3, 10.6, 10.18, 10.31)
 */
export function readMatrixProfile(icc: Uint8Array): MatrixProfile | undefined {
  const file = Buffer.from(icc.buffer, icc.byteOffset, icc.byteLength)
  try {
    if (file.toString('latin1', 16, 24) !== 'RGB XYZ ') return undefined
    const tags = readTags(file)
    // Lookup tables take precedence over the matrix.
    if (tags.has('A2B0') || tags.has('A2B1')) return undefined
    const [red, green, blue] = ['rTRC', 'gTRC', 'bTRC'].map((name) => readCurve(tags.get(name)))
    const columns = ['rXYZ', 'gXYZ', 'bXYZ'].map((name) => readXyz(tags.get(name)))
    if (red === undefined || green === undefined || blue === undefined) return undefined
    const matrix = [0, 1, 2].flatMap((row) => columns.map((xyz) => xyz?.[row] ?? NaN))
    return matrix.some(Number.isNaN) ? undefined : { curves: [red, green, blue], matrix }
  } catch (error) {
    if (error instanceof RangeError) return undefined
    throw error
  }
}

/** Reads the curve of a grey ICC profile. Returns undefined for other profiles and for damaged ones. */
export function readGreyCurve(icc: Uint8Array): Curve | undefined {
  const file = Buffer.from(icc.buffer, icc.byteOffset, icc.byteLength)
  try {
    const tags = file.toString('latin1', 16, 20) === 'GRAY' ? readTags(file) : undefined
    return tags === undefined || tags.has('A2B0') ? undefined : readCurve(tags.get('kTRC'))
  } catch (error) {
    if (error instanceof RangeError) return undefined
    throw error
  }
}

/** Returns true if a profile is for RGB colours, by its header. */
export function isRgbProfile(icc: Uint8Array): boolean {
  return Buffer.from(icc.subarray(16, 20)).toString('latin1') === 'RGB '
}

const HEADER_BYTES = 128
/** Bytes of an entry of the tag table: name, place and length. */
const ENTRY_BYTES = 12

interface Tag {
  readonly name: string
  readonly start: number
  readonly length: number
}

/** Returns the tag table. Throws a RangeError if it is cut off. */
function listTags(file: Buffer): readonly Tag[] {
  return Array.from({ length: file.readUInt32BE(HEADER_BYTES) }, (_, index) => {
    const at = HEADER_BYTES + 4 + ENTRY_BYTES * index
    return {
      name: file.toString('latin1', at, at + 4),
      start: file.readUInt32BE(at + 4),
      length: file.readUInt32BE(at + 8),
    }
  })
}

/** Returns the position behind the tag table. */
function tableEnd(file: Buffer): number {
  return HEADER_BYTES + 4 + ENTRY_BYTES * file.readUInt32BE(HEADER_BYTES)
}

function readTags(file: Buffer): ReadonlyMap<string, Buffer> {
  return new Map(
    listTags(file).map(({ name, start, length }) => [name, file.subarray(start, start + length)]),
  )
}

/** Returns the description of a profile, such as `Display P3`; undefined without one, or if it is damaged. */
export function readProfileName(icc: Uint8Array): string | undefined {
  try {
    const tag = readTags(Buffer.from(icc.buffer, icc.byteOffset, icc.byteLength)).get('desc')
    const text = tag?.toString('latin1', 0, 4) === 'mluc' ? readFirstLanguage(tag) : readAscii(tag)
    return text?.replaceAll(/\p{Cc}+/gu, ' ').trim() || undefined
  } catch (error) {
    if (error instanceof RangeError) return undefined
    throw error
  }
}

/** Reads the codes of ITU-T H.273 of a profile for RGB in full range; undefined if it has none. (ICC.1:2022, 9.2.17) */
export function readProfileCodes(icc: Uint8Array): ColourPair | undefined {
  try {
    const tag = readTags(Buffer.from(icc.buffer, icc.byteOffset, icc.byteLength)).get('cicp')
    if (tag?.length !== 12 || tag.readUInt16BE(10) !== 1) return undefined
    return { primaries: tag[8]!, transfer: tag[9]! }
  } catch (error) {
    if (error instanceof RangeError) return undefined
    throw error
  }
}

/** Reads a text of version 2: type, 4 bytes, length, ASCII. (ICC.1:2001-04, 6.5.17) */
function readAscii(tag: Buffer | undefined): string | undefined {
  return tag?.toString('latin1', 12, 12 + tag.readUInt32BE(8))
}

/** Reads the first of the texts in several languages, in UTF-16. (ICC.1:2022, 10.15) */
function readFirstLanguage(tag: Buffer): string {
  const [length, start] = [tag.readUInt32BE(20), tag.readUInt32BE(24)]
  // A copy, since the bytes are swapped in place.
  const text = Buffer.from(tag.subarray(start, start + length - (length % 2)))
  return text.swap16().toString('utf16le')
}

function readXyz(tag: Buffer | undefined): readonly number[] | undefined {
  return tag && [8, 12, 16].map((at) => readFixed(tag, at))
}

function readFixed(tag: Buffer, at: number): number {
  return tag.readInt32BE(at) / 65536
}

function readCurve(tag: Buffer | undefined): Curve | undefined {
  const type = tag?.toString('latin1', 0, 4)
  if (tag === undefined) return undefined
  if (type === 'curv') return readSampled(tag)
  return type === 'para' ? readParametric(tag) : undefined
}

function readSampled(tag: Buffer): Curve {
  const count = tag.readUInt32BE(8)
  if (count === 0) return (value) => value
  if (count === 1) {
    const power = tag.readUInt16BE(12) / 256
    return (value) => value ** power
  }
  const samples = Array.from({ length: count }, (_, index) => tag.readUInt16BE(12 + 2 * index) / 65535)
  return (value) => {
    const at = value * (count - 1)
    const low = Math.min(Math.floor(at), count - 2)
    return samples[low]! + (samples[low + 1]! - samples[low]!) * (at - low)
  }
}

/** Number of parameters of each type of function. */
const PARAMETER_COUNTS = [1, 3, 4, 5, 7]

function readParametric(tag: Buffer): Curve | undefined {
  const type = tag.readUInt16BE(8)
  const count = PARAMETER_COUNTS[type]
  if (count === undefined) return undefined
  const [g = 1, a = 1, b = 0, c = 0, d = 0, e = 0, f = 0] = Array.from({ length: count }, (_, index) =>
    readFixed(tag, 12 + 4 * index),
  )
  // A power above a threshold, a straight line below it. Types 0 to 2 leave parts of that out.
  if (type >= 3) return (value) => (value >= d ? (a * value + b) ** g + e : c * value + f)
  return (value) => (value >= -b / a ? (a * value + b) ** g : 0) + (type === 2 ? c : 0)
}

/** Linear light of the value 0.5, then the matrix, of sRGB adapted to D50 (IEC 61966-2-1, ICC.1:2022 annex E). */
const SRGB = [0.214, 0.436, 0.385, 0.143, 0.222, 0.717, 0.061, 0.014, 0.097, 0.714]
/** Differences below it are invisible. */
const TOLERANCE = 0.01

/** Returns true if a profile is sRGB, or differs from it invisibly. */
export function isSrgb(icc: Uint8Array): boolean {
  const profile = readMatrixProfile(icc)
  if (profile === undefined) return false
  const middle = profile.curves.map((curve) => curve(0.5))
  const actual = [...middle, ...profile.matrix]
  const expected = [...middle.map(() => SRGB[0]!), ...SRGB.slice(1)]
  return actual.every((value, at) => Math.abs(value - expected[at]!) < TOLERANCE)
}

/** D50, to which all profiles refer, in steps of 1/65536 (ICC.1:2022, 7.2.16). */
const D50 = [0xf6d6, 0x10000, 0xd32d]
const D50_TOLERANCE = 0.01 * 0x10000

/**
 * Returns true if browsers apply a profile, by its header and tag table. lcms applies some others too.
 * (skcms_Parse of Skia's skcms)
 */
export function isApplied(icc: Uint8Array): boolean {
  const file = Buffer.from(icc.buffer, icc.byteOffset, icc.byteLength)
  if (file.length < HEADER_BYTES + 4) return false
  const size = file.readUInt32BE(0)
  if (size > file.length || size < tableEnd(file)) return false
  if (file.toString('latin1', 36, 40) !== 'acsp' || file[8]! > 4) return false
  if (!/^(?:XYZ|Lab) $/.test(file.toString('latin1', 20, 24))) return false
  if (D50.some((value, at) => Math.abs(file.readInt32BE(68 + 4 * at) - value) > D50_TOLERANCE)) return false
  return listTags(file).every(({ start, length }) => length >= 4 && start + length <= size)
}

/** Classes of profiles that convert colours of one picture to others, and say nothing about a picture. */
const OTHER_CLASSES: ReadonlySet<string> = new Set(['abst', 'link'])

/**
 * Returns true if the header and tag table of a profile are valid. libpng refuses others, or leaves them out, although
 * lcms may read them. (ICC.1:2022, 7.2 and 7.3; png_icc_check_header and png_icc_check_tag_table of libpng)
 */
export function isWellFormed(icc: Uint8Array): boolean {
  const file = Buffer.from(icc.buffer, icc.byteOffset, icc.byteLength)
  const { length } = file
  if (length < HEADER_BYTES + 4 || file.readUInt32BE(0) !== length) return false
  const text = (at: number) => file.toString('latin1', at, at + 4)
  // Since version 4, tags are padded to 4 bytes.
  if (file[8]! > 3 && length % 4 !== 0) return false
  if (text(36) !== 'acsp' || file.readUInt32BE(64) >= 0xffff) return false
  if (OTHER_CLASSES.has(text(12)) || (text(20) !== 'XYZ ' && text(20) !== 'Lab ')) return false
  return tableEnd(file) <= length && listTags(file).every((tag) => tag.start + tag.length <= length)
}
