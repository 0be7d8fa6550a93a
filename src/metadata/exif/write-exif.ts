import { CLASSIC, POINTER, type ExifEntry, type TiffLayout } from './parse-exif.js'

/** Directories to write; an empty one is left out. */
export interface ExifDirectories {
  /** Byte order of the values. */
  readonly littleEndian: boolean
  readonly image: readonly ExifEntry[]
  readonly photo: readonly ExifEntry[]
  readonly gps: readonly ExifEntry[]
}

/** Place and form of directories that are written. */
export interface DirectoryPlace {
  /** Position of the first directory, even. */
  readonly position: number
  readonly layout: TiffLayout
  /** Position of the directory behind the first. @default none */
  readonly next?: number
}

/** Type of a position: LONG, or LONG8 in a BigTIFF. */
const pointerType = ({ offset }: TiffLayout) => (offset === 4 ? 4 : 16)

/** Units in which the bytes of a value are swapped, by type; 1 for other types. */
// oxfmt-ignore
const UNIT_BYTES: Readonly<Record<number, number>> = {
  3: 2, 8: 2, 4: 4, 5: 4, 9: 4, 10: 4, 11: 4, 13: 4, 12: 8, 16: 8, 17: 8, 18: 8,
}

/** Writes an EXIF block in the byte order of its values, without the name that it has in a JPEG. */
export function writeExif(directories: ExifDirectories): Buffer {
  const { littleEndian } = directories
  const header = Buffer.from(littleEndian ? 'II*\0\x08\0\0\0' : 'MM\0*\0\0\0\x08', 'latin1')
  return Buffer.concat([header, writeDirectories(directories, { position: CLASSIC.header, layout: CLASSIC })])
}

/** Returns the directories with their values in a byte order. */
export function inByteOrder(directories: ExifDirectories, littleEndian: boolean): ExifDirectories {
  if (directories.littleEndian === littleEndian) return directories
  const { image, photo, gps } = directories
  return { littleEndian, image: image.map(swapBytes), photo: photo.map(swapBytes), gps: gps.map(swapBytes) }
}

/** Writes IFD0 and the Exif and GPS directories that it points to, in the byte order of the values. */
export function writeDirectories(directories: ExifDirectories, place: DirectoryPlace): Buffer {
  const { littleEndian, image, photo, gps } = directories
  const { layout, position } = place
  const others = [
    { tag: POINTER.photo, entries: photo },
    { tag: POINTER.gps, entries: gps },
  ].filter(({ entries }) => entries.length > 0)
  let end = position + lengthOf(image, layout, others.length)
  const pointers: ExifEntry[] = []
  const written: Buffer[] = []
  for (const { tag, entries } of others) {
    const value = encodeNumber(end, layout.offset, littleEndian)
    pointers.push({ tag, type: pointerType(layout), count: 1, value })
    written.push(writeDirectory(entries, { position: end, layout }, littleEndian))
    end += lengthOf(entries, layout)
  }
  return Buffer.concat([writeDirectory([...image, ...pointers], place, littleEndian), ...written])
}

/** Returns the bytes of an unsigned number. */
export function encodeNumber(value: number, bytes: number, littleEndian: boolean): Buffer {
  const number = Buffer.alloc(bytes)
  // 6 bytes are the most that a Buffer reads or writes at once.
  const used = Math.min(bytes, 6)
  if (littleEndian) number.writeUIntLE(value, 0, used)
  else number.writeUIntBE(value, bytes - used, used)
  return number
}

function lengthOf(entries: readonly ExifEntry[], layout: TiffLayout, pointers = 0): number {
  const directory = layout.count + (entries.length + pointers) * layout.entry + layout.offset
  const values = entries.map(({ value }) => (value.length > layout.offset ? padded(value.length) : 0))
  return values.reduce((sum, length) => sum + length, padded(directory))
}

/** Values and directories begin at even positions (TIFF 6.0, section 2). */
function padded(length: number): number {
  return length + (length % 2)
}

function writeDirectory(
  entries: readonly ExifEntry[],
  { position, layout, next = 0 }: DirectoryPlace,
  littleEndian: boolean,
): Buffer {
  const number = (value: number, bytes: number) => encodeNumber(value, bytes, littleEndian)
  const directory = layout.count + entries.length * layout.entry + layout.offset
  const head: Buffer[] = [number(entries.length, layout.count)]
  const values: Uint8Array[] = [Buffer.alloc(directory % 2)]
  let end = position + padded(directory)
  for (const { tag, type, count, value } of entries.toSorted((a, b) => a.tag - b.tag)) {
    head.push(number(tag, 2), number(type, 2), number(count, layout.offset))
    if (value.length <= layout.offset) {
      head.push(Buffer.concat([value], layout.offset))
      continue
    }
    head.push(number(end, layout.offset))
    values.push(value, Buffer.alloc(value.length % 2))
    end += padded(value.length)
  }
  return Buffer.concat([...head, number(next, layout.offset), ...values])
}

function swapBytes(entry: ExifEntry): ExifEntry {
  const unit = UNIT_BYTES[entry.type] ?? 1
  const value = Buffer.from(entry.value)
  for (let at = 0; at + unit <= value.length; at += unit) value.subarray(at, at + unit).reverse()
  return { ...entry, value }
}
