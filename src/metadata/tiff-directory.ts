/*
 * A TIFF structure is a header and a chain of directories (IFDs). The header holds the byte order, the number 42 and the
 * position of the first directory. A directory holds a count, entries of 12 bytes, and the position of the next
 * directory, 0 after the last one. Positions count from the first byte of the header. (TIFF 6.0, section 2)
 */

/** Bytes of an entry: tag, type, count, and the value or its position. */
export const ENTRY_BYTES = 12
const HEADER_BYTES = 8
const COUNT_BYTES = 2
const LINK_BYTES = 4
/** Longer values lie elsewhere. */
const MAX_INLINE_BYTES = 4

/** Types of values. */
export const TIFF_TYPE = {
  byte: 1,
  short: 3,
  long: 4,
  rational: 5,
  undefined: 7,
  signedLong: 9,
  signedRational: 10,
} as const

/** Bytes of one value, by type. No type has the number 0. */
export const TYPE_BYTES: readonly number[] = [0, 1, 1, 2, 4, 8, 1, 1, 2, 4, 8, 4, 8]

/** Bytes of a TIFF structure, and their byte order. */
export interface TiffStructure {
  readonly view: DataView
  readonly littleEndian: boolean
}

/** Positions of a directory's entries. */
export interface TiffDirectory {
  readonly start: number
  /** Position behind the last entry. A damaged count puts it beyond the end of the structure. */
  readonly end: number
}

/** An entry as stored; nothing in it is checked. */
export interface TiffEntry {
  readonly position: number
  readonly tag: number
  readonly type: number
  /** Number of values, not of bytes. */
  readonly count: number
}

const INTEL = 0x4949
const MOTOROLA = 0x4d4d

/**
 * Opens a TIFF structure without copying it. Returns undefined if its header is cut off or names no byte order.
 *
 * @param assumeBigEndian opens a header without a byte order as big-endian.
 */
export function openTiff(bytes: Uint8Array, assumeBigEndian = false): TiffStructure | undefined {
  if (bytes.length < HEADER_BYTES) return undefined
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const order = view.getUint16(0)
  if (order !== INTEL && order !== MOTOROLA && !assumeBigEndian) return undefined
  return { view, littleEndian: order === INTEL }
}

/** Returns the first directory, or undefined if it lies outside the structure. */
export function firstDirectory(tiff: TiffStructure): TiffDirectory | undefined {
  return readDirectory(tiff, tiff.view.getUint32(4, tiff.littleEndian))
}

/** Returns the directory at a position, or undefined if the position lies outside the structure or is no number. */
export function readDirectory(
  { view, littleEndian }: TiffStructure,
  position: number,
): TiffDirectory | undefined {
  const start = position + COUNT_BYTES
  if (!(position >= 0 && start <= view.byteLength)) return undefined
  return { start, end: start + view.getUint16(position, littleEndian) * ENTRY_BYTES }
}

/** Returns the position of the next directory: 0 if there is none, undefined if the directory is cut off. */
export function nextDirectory(
  { view, littleEndian }: TiffStructure,
  { end }: TiffDirectory,
): number | undefined {
  return end + LINK_BYTES <= view.byteLength ? view.getUint32(end, littleEndian) : undefined
}

/** Returns true if all entries lie inside the structure. */
export function isWhole({ view }: TiffStructure, { end }: TiffDirectory): boolean {
  return end <= view.byteLength
}

/** Reads the entry at a position. Throws a RangeError if the entry is cut off. */
export function readEntry({ view, littleEndian }: TiffStructure, position: number): TiffEntry {
  return {
    position,
    tag: view.getUint16(position, littleEndian),
    type: view.getUint16(position + 2, littleEndian),
    count: view.getUint32(position + 4, littleEndian),
  }
}

/** Returns the position of an entry's value, which may lie outside the structure. */
export function valuePosition(
  { view, littleEndian }: TiffStructure,
  { position }: TiffEntry,
  bytes: number,
): number {
  const field = position + 8
  return bytes <= MAX_INLINE_BYTES ? field : view.getUint32(field, littleEndian)
}

/** An entry to write: a number is stored in the entry, bytes are stored behind the directory. */
export type NewTiffEntry = readonly [tag: number, type: number, count: number, value: number | Uint8Array]

/**
 * Writes a little-endian structure of one directory.
 *
 * @param entries in ascending order of their tags, as TIFF requires.
 */
export function writeTiff(entries: readonly NewTiffEntry[]): Buffer {
  const head = Buffer.alloc(HEADER_BYTES + COUNT_BYTES + entries.length * ENTRY_BYTES + LINK_BYTES)
  head.write('II*\0', 'latin1')
  head.writeUInt32LE(HEADER_BYTES, 4)
  head.writeUInt16LE(entries.length, HEADER_BYTES)
  const parts: Uint8Array[] = [head]
  let length = head.length
  for (const [index, [tag, type, count, value]] of entries.entries()) {
    const position = HEADER_BYTES + COUNT_BYTES + index * ENTRY_BYTES
    head.writeUInt16LE(tag, position)
    head.writeUInt16LE(type, position + 2)
    head.writeUInt32LE(count, position + 4)
    head.writeUInt32LE(typeof value === 'number' ? value : length, position + 8)
    if (typeof value === 'number') continue
    // Values begin at even positions.
    const padding = value.length % 2
    parts.push(value, Buffer.alloc(padding))
    length += value.length + padding
  }
  return Buffer.concat(parts)
}
