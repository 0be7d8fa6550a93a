import { createDamagedError, createUnreadError } from '../errors.js'

/*
 * A BMP is a file header of 14 bytes, an information header of 12 to 124 bytes, masks, a colour table, and rows of pixels,
 * the lowest first. An icon holds the same without the file header. (Microsoft, "Bitmap Storage"; OS/2 2.x has its own
 * headers of 16 to 64 bytes)
 */

/** Bits of red, green, blue and alpha in a pixel. Alpha is 0 without alpha. */
export type Masks = readonly [red: number, green: number, blue: number, alpha: number]

/** The place and meaning of the pixels of a BMP. */
export interface BmpLayout {
  readonly width: number
  readonly height: number
  readonly isTopDown: boolean
  readonly bits: 1 | 2 | 4 | 8 | 16 | 24 | 32
  readonly isRle: boolean
  /** Only for 16, 24 and 32 bits. */
  readonly masks: Masks
  /** Red, green and blue of each colour, for up to 8 bits. */
  readonly palette: Uint8Array
  /** Position of the first row. */
  readonly dataAt: number
  readonly icc: Buffer | undefined
}

const FILE_HEADER_BYTES = 14
const INFO_BYTES = 40
const V5_BYTES = 124
/** Values of the compression. */
const RGB = 0
const RLE8 = 1
const RLE4 = 2
const BITFIELDS = 3
const ALPHA_BITFIELDS = 6

/** Header sizes: OS/2 1.x and 2.x, Windows 3 and its successors. */
const HEADER_SIZES: ReadonlySet<number> = new Set([12, 16, 40, 52, 56, 64, 108, 124])

/** Returns true for a file that begins with the headers of a BMP. */
export function isBmp(bytes: Uint8Array): boolean {
  if (bytes.length < FILE_HEADER_BYTES + 12 || bytes[0] !== 0x42 || bytes[1] !== 0x4d) return false
  return HEADER_SIZES.has(view(bytes).readUInt32LE(FILE_HEADER_BYTES))
}

/** Reads the layout of a BMP. Throws CORRUPT_IMAGE and UNSUPPORTED_FORMAT. */
export function readBmpLayout(bytes: Uint8Array): BmpLayout {
  return readLayout(view(bytes), FILE_HEADER_BYTES, view(bytes).readUInt32LE(10))
}

/** Reads the layout of a BMP in an icon: without a file header, and twice as high, with a mask below it. */
export function readIconLayout(bytes: Uint8Array): BmpLayout {
  const layout = readLayout(view(bytes), 0, 0)
  if (layout.isRle) throw createDamagedError('a picture in an icon cannot have RLE compression')
  return { ...layout, height: Math.floor(layout.height / 2) }
}

interface Sizes {
  readonly width: number
  readonly height: number
  readonly bits: number
  readonly compression: number
  readonly colours: number
}

function readLayout(file: Buffer, at: number, announcedDataAt: number): BmpLayout {
  const headerBytes = at + 4 <= file.length ? file.readUInt32LE(at) : 0
  if (!HEADER_SIZES.has(headerBytes) || at + headerBytes > file.length)
    throw createDamagedError('its header is none of a BMP, or cut off')
  const { width, height: signedHeight, bits, compression, colours } = readSizes(file, at, headerBytes)
  const height = Math.abs(signedHeight)
  if (width <= 0 || height === 0) throw createDamagedError(`its header says ${width}x${height} pixels`)
  const isTopDown = signedHeight < 0
  checkCompression({ bits, compression, isTopDown, isOs2: headerBytes === 16 || headerBytes === 64 })
  const { masks, behind } = readMasks(file, { at, headerBytes, bits, compression })
  const entryBytes = headerBytes === 12 ? 3 : 4
  const count = bits > 8 ? colours : Math.min(colours || 2 ** bits, 2 ** bits)
  const paletteEnd = behind + count * entryBytes
  // Some programs leave out the position of the pixels, or let it point into the header.
  const dataAt = announcedDataAt >= behind ? announcedDataAt : paletteEnd
  const palette =
    bits > 8 ? new Uint8Array() : readPalette(file.subarray(behind, Math.min(paletteEnd, dataAt)), entryBytes)
  const isRle = compression === RLE8 || compression === RLE4
  const icc = headerBytes === V5_BYTES ? readProfile(file, at) : undefined
  return { width, height, isTopDown, bits: bits as BmpLayout['bits'], isRle, masks, palette, dataAt, icc } // was checked
}

function readSizes(file: Buffer, at: number, headerBytes: number): Sizes {
  if (headerBytes === 12) {
    const [width, height] = [file.readUInt16LE(at + 4), file.readUInt16LE(at + 6)]
    return { width, height, bits: file.readUInt16LE(at + 10), compression: RGB, colours: 0 }
  }
  return {
    width: file.readInt32LE(at + 4),
    height: file.readInt32LE(at + 8),
    bits: file.readUInt16LE(at + 14),
    compression: headerBytes >= INFO_BYTES ? file.readUInt32LE(at + 16) : RGB,
    colours: headerBytes >= INFO_BYTES ? file.readUInt32LE(at + 32) : 0,
  }
}

interface Coding {
  readonly bits: number
  readonly compression: number
  readonly isTopDown: boolean
  readonly isOs2: boolean
}

/** Names of compressions that are not read, from 3 (Huffman in OS/2) on. */
const UNREAD: Readonly<Record<number, string>> = { 4: 'JPEG compression', 5: 'PNG compression' }
const UNREAD_OS2: Readonly<Record<number, string>> = {
  3: 'Huffman compression (OS/2)',
  4: 'RLE compression of 24 bits (OS/2)',
}

function checkCompression({ bits, compression, isTopDown, isOs2 }: Coding): void {
  const unread = (isOs2 ? UNREAD_OS2 : UNREAD)[compression]
  if (unread !== undefined) throw createUnreadError('BMP', unread)
  if (bits === 64) throw createUnreadError('BMP', '64 bits a pixel')
  const isRight =
    compression === RGB
      ? [1, 2, 4, 8, 16, 24, 32].includes(bits)
      : compression === RLE8
        ? bits === 8 && !isTopDown
        : compression === RLE4
          ? bits === 4 && !isTopDown
          : (compression === BITFIELDS || compression === ALPHA_BITFIELDS) && (bits === 16 || bits === 32)
  if (!isRight)
    throw createDamagedError(`its header says ${bits} bits a pixel with compression ${compression}`)
}

/** Masks of BMPs that tell none. 32 bits have a spare byte, which browsers ignore. */
const DEFAULT_MASKS: Readonly<Record<number, Masks>> = {
  16: [0x7c00, 0x03e0, 0x001f, 0],
  24: [0xff0000, 0x00ff00, 0x0000ff, 0],
  32: [0xff0000, 0x00ff00, 0x0000ff, 0],
}

interface Masked {
  readonly masks: Masks
  /** Position behind the header and its masks. */
  readonly behind: number
}

function readMasks(
  file: Buffer,
  {
    at,
    headerBytes,
    bits,
    compression,
  }: Pick<Coding, 'bits' | 'compression'> & { at: number; headerBytes: number },
): Masked {
  const behind = at + headerBytes
  const isMasked = compression === BITFIELDS || compression === ALPHA_BITFIELDS
  if (!isMasked) return { masks: DEFAULT_MASKS[bits] ?? [0, 0, 0, 0], behind }
  // Later headers include the masks; those of 40 bytes are followed by three, or four.
  const isInside = headerBytes > INFO_BYTES
  const hasAlpha = isInside ? headerBytes >= 56 : compression === ALPHA_BITFIELDS
  const end = isInside ? behind : behind + (hasAlpha ? 16 : 12)
  if (end > file.length) throw createDamagedError('its header is cut off')
  const mask = (index: number) => file.readUInt32LE(at + INFO_BYTES + 4 * index)
  const masks: Masks = [mask(0), mask(1), mask(2), hasAlpha ? mask(3) : 0]
  const isWrong = masks.some(
    (each, index) => !isOneRun(each, bits) || masks.some((o, i) => i < index && (o & each) !== 0),
  )
  if (isWrong) throw createDamagedError('the masks of its colours have gaps or overlap')
  return { masks, behind: end }
}

/** Returns true for no bits, or for adjacent bits of a pixel. */
function isOneRun(mask: number, bits: number): boolean {
  if (mask === 0) return true
  if (mask >= 2 ** bits) return false
  const lowest = 2 ** (31 - Math.clz32(mask & -mask))
  return Number.isInteger(Math.log2(mask / lowest + 1))
}

/** Returns red, green and blue of colours that are stored as blue, green, red and perhaps a spare byte. */
function readPalette(table: Buffer, entryBytes: number): Uint8Array {
  const count = Math.floor(table.length / entryBytes)
  const palette = new Uint8Array(count * 3)
  for (let index = 0; index < count; index++) {
    const at = index * entryBytes
    palette.set([table[at + 2]!, table[at + 1]!, table[at]!], index * 3)
  }
  return palette
}

/** Marks an ICC profile inside the file. */
const PROFILE_EMBEDDED = 0x4d424544

/** Reads the profile of a header of version 5. Positions count from the header. A damaged one is left out. */
function readProfile(file: Buffer, at: number): Buffer | undefined {
  if (file.readUInt32LE(at + 56) !== PROFILE_EMBEDDED) return undefined
  const start = at + file.readUInt32LE(at + 112)
  const end = start + file.readUInt32LE(at + 116)
  const isWhole = start >= at + V5_BYTES && end > start + 128 && end <= file.length
  return isWhole && file.toString('latin1', start + 36, start + 40) === 'acsp'
    ? file.subarray(start, end)
    : undefined
}

function view(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
}
