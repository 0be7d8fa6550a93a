import { TYPE_BYTES } from './tiff-directory.js'

/** A tag of a directory; nothing in it is checked. */
export interface TiffTag {
  readonly tag: number
  readonly type: number
  /** Number of values, not of bytes. */
  readonly count: number
  /** Position of the values. */
  readonly position: number
  /** The entry as stored, with its value or the position of its values. */
  readonly entry: Uint8Array
}

/** The first directory of a TIFF or BigTIFF. */
export interface TiffTags {
  readonly view: DataView
  readonly littleEndian: boolean
  /** True if counts and positions have 64 bits (BigTIFF). */
  readonly isBig: boolean
  readonly tags: ReadonlyMap<number, TiffTag>
  /** Position of the next directory; 0 after the last one. */
  readonly next: number
}

/** Bytes of the parts of a TIFF and of a BigTIFF (TIFF 6.0, section 2; BigTIFF Design, libtiff.gitlab.io). */
export const TIFF_SIZES = {
  small: { header: 8, count: 2, entry: 12, offset: 4 },
  big: { header: 16, count: 8, entry: 20, offset: 8 },
} as const

/** TIFF 6.0 has 42 here. */
const BIG_VERSION = 43
/** A directory with more entries is damaged. */
const MAX_ENTRIES = 4096

/** Reads the first directory. Returns undefined if the file is no TIFF, or if the directory is cut off. */
export function readTiffTags(bytes: Uint8Array): TiffTags | undefined {
  const [first, second] = bytes
  const littleEndian = first === 0x49
  if (bytes.length < TIFF_SIZES.big.header || first !== second || !(littleEndian || first === 0x4d)) {
    return undefined
  }
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const version = view.getUint16(2, littleEndian)
  if (version !== 42 && version !== BIG_VERSION) return undefined
  const isBig = version === BIG_VERSION
  const sizes = isBig ? TIFF_SIZES.big : TIFF_SIZES.small
  const offsetAt = (at: number): number =>
    isBig ? Number(view.getBigUint64(at, littleEndian)) : view.getUint32(at, littleEndian)
  const start = offsetAt(isBig ? 8 : 4)
  if (start + sizes.count > bytes.length) return undefined
  const count = isBig ? offsetAt(start) : view.getUint16(start, littleEndian)
  const end = start + sizes.count + count * sizes.entry
  if (count > MAX_ENTRIES || end + sizes.offset > bytes.length) return undefined
  const tags = new Map<number, TiffTag>()
  for (let at = start + sizes.count; at < end; at += sizes.entry) {
    const [tag, type] = [view.getUint16(at, littleEndian), view.getUint16(at + 2, littleEndian)]
    const values = offsetAt(at + 4)
    const field = at + sizes.entry - sizes.offset
    const isInline = values * bytesOf(type) <= sizes.offset
    const position = isInline ? field : offsetAt(field)
    tags.set(tag, { tag, type, count: values, position, entry: bytes.subarray(at, at + sizes.entry) })
  }
  return { view, littleEndian, isBig, tags, next: offsetAt(end) }
}

/** Returns the values of a tag; none if the tag is missing, has another type or lies outside the file. */
export function numbersOf({ view, littleEndian, tags }: TiffTags, tag: number): readonly number[] {
  const found = tags.get(tag)
  if (found === undefined) return []
  const read = readerOf(view, littleEndian, found.type)
  const size = bytesOf(found.type)
  if (read === undefined || !(found.position + found.count * size <= view.byteLength)) return []
  return Array.from({ length: found.count }, (_, index) => read(found.position + index * size))
}

/** Returns the only or first value of a tag. */
export function numberOf(tags: TiffTags, tag: number): number | undefined {
  return numbersOf(tags, tag)[0]
}

/** Returns the bytes of a value: IFD has the number 13, and LONG8, SLONG8 and IFD8 of BigTIFF have 16 to 18. */
function bytesOf(type: number): number {
  return TYPE_BYTES[type] ?? (type === 13 ? 4 : type >= 16 && type <= 18 ? 8 : 1)
}

function readerOf(view: DataView, littleEndian: boolean, type: number): ((at: number) => number) | undefined {
  switch (type) {
    case 1:
      return (at) => view.getUint8(at)
    case 3:
      return (at) => view.getUint16(at, littleEndian)
    case 4:
    case 13:
      return (at) => view.getUint32(at, littleEndian)
    case 5:
      return (at) => view.getUint32(at, littleEndian) / view.getUint32(at + 4, littleEndian)
    case 11:
      return (at) => view.getFloat32(at, littleEndian)
    case 12:
      return (at) => view.getFloat64(at, littleEndian)
    case 16:
    case 18:
      return (at) => Number(view.getBigUint64(at, littleEndian))
    default:
      return undefined
  }
}
