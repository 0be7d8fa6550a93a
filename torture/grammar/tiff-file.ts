import { deflateSync } from 'node:zlib'
import { packBits, packLzw } from './tiff-compression.js'

/** Numbers of TIFF's SampleFormat tag. */
export type SampleFormat = 1 | 2 | 3 | 4 | 5 | 6

/** A TIFF to write. Nothing in it is checked, so that wrong files can be written as well. */
export interface TiffSpec {
  readonly width: number
  readonly height: number
  readonly photometric: number
  readonly bits: number
  /** Channels of a pixel, with the extra ones. */
  readonly channels: number
  /** Returns the samples of a pixel as numbers of the sample format. A complex number has an imaginary part of 0. */
  readonly pixel: (x: number, y: number) => readonly number[]
  /** @default 1, unsigned */
  readonly format?: SampleFormat
  /** Values of the ExtraSamples tag. @default no such tag */
  readonly extra?: readonly number[]
  readonly isPlanar?: boolean
  /** Width and height of a tile. @default strips of 5 rows */
  readonly tile?: number
  readonly isBigEndian?: boolean
  readonly isBigTiff?: boolean
  /** Number of the Compression tag; the blocks of an unknown one hold uncompressed bytes. @default 1, none */
  readonly compression?: number
  readonly predictor?: 1 | 2 | 3
  readonly fillOrder?: 1 | 2
  /** Horizontal and vertical subsampling of the chroma of YCbCr. */
  readonly subsampling?: readonly [number, number]
  readonly tags?: readonly Tag[]
}

/** A tag with numbers, or with bytes as they are. */
export type Tag = readonly [tag: number, type: number, values: readonly number[] | Uint8Array]

const [SHORT, LONG] = [3, 4]
const ROWS_PER_STRIP = 5
const TYPE_BYTES: readonly number[] = [0, 1, 1, 2, 4, 8, 1, 1, 2, 4, 8, 4, 8]

/** Samples of one plane, row by row. A row holds whole pixels, or the units of subsampled YCbCr. */
interface Block {
  readonly rows: readonly (readonly number[])[]
  /** Distance of a sample to that of the same channel in the pixel before it. */
  readonly stride: number
}

/** Writes a TIFF (TIFF 6.0, and BigTIFF) of one directory. */
export function writeTiffFile(spec: TiffSpec): Buffer {
  const { isBigEndian = false, isBigTiff = false, compression = 1, format = 1 } = spec
  const blocks = blocksOf(spec).map((block) => compress(encodeBlock(block, spec), spec))
  const head = isBigTiff ? 16 : 8
  const offsets: number[] = []
  let at = head
  for (const block of blocks) {
    offsets.push(at)
    at += block.length + (block.length % 2)
  }
  const layout: Tag[] =
    spec.tile === undefined
      ? [
          [273, LONG, offsets],
          [278, LONG, [ROWS_PER_STRIP]],
          [279, LONG, blocks.map(({ length }) => length)],
        ]
      : [
          [322, LONG, [spec.tile]],
          [323, LONG, [spec.tile]],
          [324, LONG, offsets],
          [325, LONG, blocks.map(({ length }) => length)],
        ]
  const perChannel = (value: number): number[] => Array.from({ length: spec.channels }, () => value)
  const tags: Tag[] = [
    [256, LONG, [spec.width]],
    [257, LONG, [spec.height]],
    [258, SHORT, perChannel(spec.bits)],
    [259, SHORT, [compression]],
    [262, SHORT, [spec.photometric]],
    ...(spec.fillOrder === undefined ? [] : [[266, SHORT, [spec.fillOrder]] as const]),
    [277, SHORT, [spec.channels]],
    [284, SHORT, [spec.isPlanar ? 2 : 1]],
    ...(spec.predictor === undefined ? [] : [[317, SHORT, [spec.predictor]] as const]),
    ...(spec.extra === undefined ? [] : [[338, SHORT, spec.extra] as const]),
    ...(format === 1 ? [] : [[339, SHORT, perChannel(format)] as const]),
    ...(spec.subsampling === undefined ? [] : [[530, SHORT, spec.subsampling] as const]),
    ...layout,
    ...(spec.tags ?? []),
  ]
  const body = blocks.flatMap((block) => [block, Buffer.alloc(block.length % 2)])
  return Buffer.concat([
    writeHead(at, isBigEndian, isBigTiff),
    ...body,
    writeDirectory(
      tags.toSorted(([one], [other]) => one - other),
      at,
      isBigEndian,
      isBigTiff,
    ),
  ])
}

function writeHead(directoryAt: number, isBigEndian: boolean, isBigTiff: boolean): Buffer {
  const head = Buffer.alloc(isBigTiff ? 16 : 8)
  head.write(isBigEndian ? 'MM' : 'II', 'latin1')
  writeNumber(head, isBigTiff ? 43 : 42, 2, 2, isBigEndian)
  if (isBigTiff) writeNumber(head, 8, 4, 2, isBigEndian)
  writeNumber(head, directoryAt, isBigTiff ? 8 : 4, isBigTiff ? 8 : 4, isBigEndian)
  return head
}

function writeDirectory(
  tags: readonly Tag[],
  position: number,
  isBigEndian: boolean,
  isBigTiff: boolean,
): Buffer {
  const [countBytes, entryBytes, offsetBytes] = isBigTiff ? [8, 20, 8] : [2, 12, 4]
  const directory = Buffer.alloc(countBytes + tags.length * entryBytes + offsetBytes)
  writeNumber(directory, tags.length, 0, countBytes, isBigEndian)
  const values: Buffer[] = []
  let end = position + directory.length
  for (const [index, [tag, type, value]] of tags.entries()) {
    const at = countBytes + index * entryBytes
    const size = TYPE_BYTES[type] ?? 1
    const bytes = Buffer.alloc(value.length * size)
    for (const [each, number] of value.entries()) writeNumber(bytes, number, each * size, size, isBigEndian)
    writeNumber(directory, tag, at, 2, isBigEndian)
    writeNumber(directory, type, at + 2, 2, isBigEndian)
    writeNumber(directory, value.length, at + 4, offsetBytes, isBigEndian)
    if (bytes.length <= offsetBytes) {
      bytes.copy(directory, at + 4 + offsetBytes)
      continue
    }
    writeNumber(directory, end, at + 4 + offsetBytes, offsetBytes, isBigEndian)
    values.push(bytes, Buffer.alloc(bytes.length % 2))
    end += bytes.length + (bytes.length % 2)
  }
  return Buffer.concat([directory, ...values])
}

/** Writes an unsigned number of 1 to 8 bytes. */
function writeNumber(into: Buffer, value: number, at: number, bytes: number, isBigEndian: boolean): void {
  let rest = BigInt(value)
  for (let each = 0; each < bytes; each++, rest >>= 8n)
    into[isBigEndian ? at + bytes - 1 - each : at + each] = Number(rest & 255n)
}

/** Returns the strips or tiles of all planes. A tile is filled up with 0. */
function blocksOf(spec: TiffSpec): Block[] {
  const { width, height, channels, tile, isPlanar = false, photometric } = spec
  const [blockWidth, blockHeight] = tile === undefined ? [width, ROWS_PER_STRIP] : [tile, tile]
  const planes = isPlanar ? channels : 1
  const blocks: Block[] = []
  for (let plane = 0; plane < planes; plane++) {
    const isChroma = photometric === 6 && isPlanar && plane > 0
    const [stepX, stepY] = isChroma ? (spec.subsampling ?? [2, 2]) : [1, 1]
    for (let top = 0; top < height; top += blockHeight) {
      const bottom = tile === undefined ? Math.min(height, top + blockHeight) : top + blockHeight
      for (let left = 0; left < width; left += blockWidth) {
        const area = { left, top, right: left + blockWidth, bottom }
        blocks.push(isPlanar ? planeOf(spec, area, plane, stepX, stepY) : pixelsOf(spec, area))
      }
    }
  }
  return blocks
}

interface Area {
  readonly left: number
  readonly top: number
  readonly right: number
  readonly bottom: number
}

function sampleAt({ width, height, pixel }: TiffSpec, x: number, y: number, channel: number): number {
  return x < width && y < height ? (pixel(x, y)[channel] ?? 0) : 0
}

function planeOf(spec: TiffSpec, area: Area, plane: number, stepX: number, stepY: number): Block {
  const rows: number[][] = []
  for (let y = area.top; y < area.bottom; y += stepY) {
    const row: number[] = []
    for (let x = area.left; x < area.right; x += stepX) row.push(sampleAt(spec, x, y, plane))
    rows.push(row)
  }
  return { rows, stride: 1 }
}

function pixelsOf(spec: TiffSpec, area: Area): Block {
  const { photometric, channels, subsampling: [stepX, stepY] = [2, 2] } = spec
  const isSubsampled = photometric === 6 && stepX * stepY > 1
  const rows: number[][] = []
  for (let y = area.top; y < area.bottom; y += isSubsampled ? stepY : 1) {
    const row: number[] = []
    for (let x = area.left; x < area.right; x += isSubsampled ? stepX : 1) {
      if (isSubsampled) {
        for (let unit = 0; unit < stepX * stepY; unit++)
          row.push(sampleAt(spec, x + (unit % stepX), y + Math.floor(unit / stepX), 0))
        row.push(sampleAt(spec, x, y, 1), sampleAt(spec, x, y, 2))
      } else {
        for (let channel = 0; channel < channels; channel++) row.push(sampleAt(spec, x, y, channel))
      }
    }
    rows.push(row)
  }
  return { rows, stride: isSubsampled ? stepX * stepY + 2 : channels }
}

/** Packs samples into bytes: whole bytes in the file's byte order, others as a stream of bits. */
function encodeBlock({ rows, stride }: Block, spec: TiffSpec): Buffer {
  const { bits, format = 1, predictor = 1, isBigEndian = false } = spec
  const isComplex = format === 5 || format === 6
  const codes = rows.map((row) => row.map((value) => encodeSample(value, spec)))
  const encoded = codes.map((row) => {
    const apart = predictor === 2 ? differences(row, stride, bits) : row
    if (predictor === 3) return floatingPointPredictor(apart, stride, bits)
    if (bits % 8 !== 0) return packBitStream(apart, bits)
    const bytes = Buffer.alloc((apart.length * bits) / 8)
    for (const [index, code] of apart.entries()) {
      // The real part of a complex number comes first.
      const size = isComplex ? bits / 16 : bits / 8
      const at = (index * bits) / 8
      for (let each = 0; each < size; each++)
        bytes[isBigEndian ? at + size - 1 - each : at + each] = Number((code >> BigInt(8 * each)) & 255n)
    }
    return bytes
  })
  return Buffer.concat(encoded)
}

/** Returns the bits of a sample as an unsigned number. */
function encodeSample(value: number, { bits, format = 1 }: TiffSpec): bigint {
  if (format === 3) return encodeFloat(value, bits)
  if (format === 6) return encodeFloat(value, bits / 2)
  const width = format === 5 ? bits / 2 : bits
  const code = BigInt(Math.round(value))
  // The largest number of 64 bits is rounded up.
  return code >> BigInt(width) === 1n ? code - 1n : BigInt.asUintN(width, code)
}

/** Bits of the exponent, by the bits of the number (IEEE 754; for 24 bits Adobe's TIFF Technical Note 3). */
const EXPONENT_BITS: Readonly<Record<number, number>> = { 16: 5, 24: 7, 32: 8, 64: 11 }

/** Returns the bits of a floating-point number of any width. Small numbers become 0. */
function encodeFloat(value: number, bits: number): bigint {
  const exponentBits = EXPONENT_BITS[bits] ?? 8
  const mantissaBits = bits - 1 - exponentBits
  const bias = 2 ** (exponentBits - 1) - 1
  const size = Math.abs(value)
  const exponent = size === 0 ? -bias : Math.floor(Math.log2(size))
  if (exponent <= -bias) return 0n
  const mantissa = BigInt(Math.round((size / 2 ** exponent - 1) * 2 ** mantissaBits))
  const sign = value < 0 ? 1n << BigInt(bits - 1) : 0n
  return sign | ((BigInt(exponent + bias) << BigInt(mantissaBits)) + mantissa)
}

function differences(row: readonly bigint[], stride: number, bits: number): bigint[] {
  return row.map((code, index) => BigInt.asUintN(bits, code - (row[index - stride] ?? 0n)))
}

/** Splits the samples of a row into planes of bytes, most significant first, and takes differences (Adobe's Technical Note 3). */
function floatingPointPredictor(row: readonly bigint[], stride: number, bits: number): Buffer {
  const size = bits / 8
  const planes = Buffer.alloc(row.length * size)
  for (const [index, code] of row.entries()) {
    for (let byte = 0; byte < size; byte++)
      planes[byte * row.length + index] = Number((code >> BigInt(8 * (size - 1 - byte))) & 255n)
  }
  return planes.map((byte, at) => byte - (planes[at - stride] ?? 0)) as Buffer
}

function packBitStream(row: readonly bigint[], bits: number): Buffer {
  const bytes = Buffer.alloc(Math.ceil((row.length * bits) / 8))
  let at = 0
  for (const code of row) {
    for (let bit = bits - 1; bit >= 0; bit--, at++) {
      if ((code >> BigInt(bit)) & 1n) bytes[at >> 3] = (bytes[at >> 3] ?? 0) | (128 >> (at & 7))
    }
  }
  return bytes
}

function compress(bytes: Buffer, { compression = 1, fillOrder }: TiffSpec): Buffer {
  const packed = packerOf(compression)(bytes)
  return fillOrder === 2 ? (packed.map(reverseBits) as Buffer) : packed
}

function packerOf(compression: number): (bytes: Buffer) => Buffer {
  if (compression === 5) return packLzw
  if (compression === 8 || compression === 32946) return (bytes) => deflateSync(bytes)
  return compression === 32773 ? packBits : (bytes) => bytes
}

function reverseBits(byte: number): number {
  let reversed = 0
  for (let bit = 0; bit < 8; bit++) reversed |= ((byte >> bit) & 1) << (7 - bit)
  return reversed
}
