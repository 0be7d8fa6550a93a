import { withoutExifName } from '../containers/jpeg.js'

/*
 * Reads EXIF into entries, from a block of a JPEG, PNG, WebP or AVIF, or from a whole TIFF, whose IFD0 is that of the EXIF
 * (Exif 2.32, CIPA DC-008, section 4.5). Values are views into the block, so damaged counts and overlapping values take no
 * memory. Entries that lie outside the block are left out. BigTIFF stores counts and positions in 8 bytes (the BigTIFF
 * design of Adobe and libtiff).
 */

/** An entry of a directory. */
export interface ExifEntry {
  readonly tag: number
  readonly type: number
  /** Number of values. */
  readonly count: number
  /** The values, in the byte order of the block. */
  readonly value: Uint8Array
}

/** Entries by their tags. */
export type ExifEntries = ReadonlyMap<number, ExifEntry>

/** The directories of an EXIF block, except that of the thumbnail. */
export interface ExifBlock {
  readonly littleEndian: boolean
  /** IFD0: about the picture. */
  readonly image: ExifEntries
  /** Exif IFD: how the picture was taken. */
  readonly photo: ExifEntries
  readonly gps: ExifEntries
}

/** Bytes of the fields of a structure. */
export interface TiffLayout {
  readonly header: number
  readonly count: number
  readonly entry: number
  /** A position, and a value that is stored in its entry. */
  readonly offset: number
}

export const CLASSIC: TiffLayout = { header: 8, count: 2, entry: 12, offset: 4 }
const BIG_TIFF: TiffLayout = { header: 16, count: 8, entry: 20, offset: 8 }

export const POINTER = { photo: 0x8769, gps: 0x8825 } as const

/** Bytes of one value by type: those of TIFF, IFD (13), those of BigTIFF (16 to 18), and UTF-8 of Exif 3.0 (129). */
// oxfmt-ignore
const VALUE_BYTES: Readonly<Record<number, number>> = {
  1: 1, 2: 1, 3: 2, 4: 4, 5: 8, 6: 1, 7: 1, 8: 2, 9: 4, 10: 8, 11: 4, 12: 8, 13: 4, 16: 8, 17: 8, 18: 8, 129: 1,
}

/** A directory can have no more, and in a BigTIFF has no more useful ones. */
const MAX_ENTRIES = 65_535

/** Bytes of a TIFF or EXIF block, their byte order and layout. */
export interface OpenTiffBlock {
  readonly view: DataView
  readonly littleEndian: boolean
  readonly layout: TiffLayout
  /** Position of the first directory. */
  readonly first: number
}

/** Opens a TIFF structure. Returns undefined if its header is cut off or invalid. */
export function openTiffBlock(bytes: Uint8Array): OpenTiffBlock | undefined {
  if (bytes.length < CLASSIC.header) return undefined
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const order = view.getUint16(0)
  if (order !== 0x4949 && order !== 0x4d4d) return undefined
  const littleEndian = order === 0x4949
  const isBig = view.getUint16(2, littleEndian) === 43
  const layout = isBig ? BIG_TIFF : CLASSIC
  if (bytes.length < layout.header) return undefined
  return {
    view,
    littleEndian,
    layout,
    first: readOffset(view, layout.header - layout.offset, littleEndian, layout),
  }
}

/** Reads the directories of an EXIF block or a TIFF. Returns undefined if the header is damaged. */
export function parseExif(block: Uint8Array): ExifBlock | undefined {
  const tiff = openTiffBlock(withoutExifName(block))
  if (tiff === undefined) return undefined
  const image = readEntries(tiff, tiff.first)
  const follow = (tag: number) => {
    const entry = image.get(tag)
    return entry === undefined ? NO_ENTRIES : readEntries(tiff, readPointer(tiff, entry))
  }
  return { littleEndian: tiff.littleEndian, image, photo: follow(POINTER.photo), gps: follow(POINTER.gps) }
}

const NO_ENTRIES: ExifEntries = new Map()

/** Reads the entries of a directory. The first of several with one tag counts. */
export function readEntries(tiff: OpenTiffBlock, position: number): ExifEntries {
  const entries = new Map<number, ExifEntry>()
  for (const entry of walkEntries(tiff, position)) if (!entries.has(entry.tag)) entries.set(entry.tag, entry)
  return entries
}

/** Returns the entries of a directory that lie inside the block. */
export function* walkEntries(tiff: OpenTiffBlock, position: number): Generator<ExifEntry> {
  const { view, littleEndian, layout } = tiff
  const start = position + layout.count
  if (!(position >= layout.header && start <= view.byteLength)) return
  const stored =
    layout.count === 2
      ? view.getUint16(position, littleEndian)
      : readOffset(view, position, littleEndian, layout)
  const count = Math.min(stored, MAX_ENTRIES, Math.floor((view.byteLength - start) / layout.entry))
  for (let index = 0; index < count; index++) {
    const entry = readEntry(tiff, start + index * layout.entry)
    if (entry !== undefined) yield entry
  }
}

/** Returns the position of the directory behind one; 0 if there is none. */
export function readNext({ view, littleEndian, layout }: OpenTiffBlock, position: number): number {
  const count =
    layout.count === 2
      ? view.getUint16(position, littleEndian)
      : readOffset(view, position, littleEndian, layout)
  const link = position + layout.count + count * layout.entry
  return link + layout.offset <= view.byteLength ? readOffset(view, link, littleEndian, layout) : 0
}

function readEntry({ view, littleEndian, layout }: OpenTiffBlock, at: number): ExifEntry | undefined {
  const tag = view.getUint16(at, littleEndian)
  const type = view.getUint16(at + 2, littleEndian)
  const count = readOffset(view, at + 4, littleEndian, layout)
  const bytes = (VALUE_BYTES[type] ?? 0) * count
  const field = at + layout.entry - layout.offset
  const start = bytes <= layout.offset ? field : readOffset(view, field, littleEndian, layout)
  if (bytes === 0 || start + bytes > view.byteLength) return undefined
  return { tag, type, count, value: new Uint8Array(view.buffer, view.byteOffset + start, bytes) }
}

function readOffset(view: DataView, at: number, littleEndian: boolean, { offset }: TiffLayout): number {
  return offset === 4 ? view.getUint32(at, littleEndian) : Number(view.getBigUint64(at, littleEndian))
}

/** Reads the position of a directory: a LONG, an IFD, or those of 8 bytes. */
export function readPointer({ littleEndian }: OpenTiffBlock, { value }: ExifEntry): number {
  const view = new DataView(value.buffer, value.byteOffset, value.byteLength)
  if (value.length === 8) return Number(view.getBigUint64(0, littleEndian))
  return value.length === 4 ? view.getUint32(0, littleEndian) : Number.NaN
}
