import type { ExifEntry } from '../../src/metadata/exif/parse-exif.js'
import type { ExifDirectories } from '../../src/metadata/exif/write-exif.js'

const TYPE = { byte: 1, ascii: 2, short: 3, long: 4, rational: 5, undefined: 7 } as const

/** Returns an entry of bytes. */
export function entry(tag: number, type: number, value: Uint8Array, count = value.length): ExifEntry {
  return { tag, type, count, value }
}

/** Returns an entry of UTF-8 text with the NUL at its end. */
export function text(tag: number, value: string): ExifEntry {
  return entry(tag, TYPE.ascii, Buffer.from(`${value}\0`))
}

/** Returns an entry of 16-bit numbers. */
export function short(littleEndian: boolean, tag: number, values: readonly number[]): ExifEntry {
  return entry(tag, TYPE.short, numbers(values, 2, littleEndian), values.length)
}

/** Returns an entry of fractions. */
export function rational(
  littleEndian: boolean,
  tag: number,
  values: readonly (readonly [number, number])[],
): ExifEntry {
  return entry(tag, TYPE.rational, numbers(values.flat(), 4, littleEndian), values.length)
}

/** Returns directories to write as a block, or into a TIFF. */
export function makeExif(
  littleEndian: boolean,
  { image = [], photo = [], gps = [] }: Partial<Omit<ExifDirectories, 'littleEndian'>>,
): ExifDirectories {
  return { littleEndian, image, photo, gps }
}

function numbers(values: readonly number[], bytes: number, littleEndian: boolean): Buffer {
  const value = Buffer.alloc(values.length * bytes)
  for (const [index, number] of values.entries()) {
    if (littleEndian) value.writeUIntLE(number, index * bytes, bytes)
    else value.writeUIntBE(number, index * bytes, bytes)
  }
  return value
}
