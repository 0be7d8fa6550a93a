import { TIFF_SIZES, type TiffTags } from './tiff-tags.js'

/** Uncompressed pixels, row by row, in the byte order of the machine. */
export interface NewTiffPixels {
  readonly width: number
  readonly height: number
  readonly pixels: Uint8Array | Uint16Array
  readonly photometric: number
  readonly channels: number
  readonly hasAlpha: boolean
}

/** Tags that describe how pixels are stored. All others are kept: orientation, resolution, EXIF, GPS, ICC, XMP. */
const PIXEL_TAGS: ReadonlySet<number> = new Set([
  256, 257, 258, 259, 262, 263, 264, 265, 266, 273, 277, 278, 279, 280, 281, 284, 288, 289, 290, 291, 292,
  293, 301, 317, 318, 319, 320, 321, 322, 323, 324, 325, 326, 327, 328, 330, 332, 333, 334, 336, 337, 338,
  339, 340, 341, 342, 347, 512, 513, 514, 515, 517, 518, 519, 520, 521, 529, 530, 531, 532,
])

/** Tag of the ICC profile. */
export const ICC_TAG = 34675

const SHORT = 3
const LONG = 4
const UNCOMPRESSED = 1
const UNASSOCIATED_ALPHA = 2
const LITTLE_ENDIAN_MACHINE = new Uint8Array(Uint16Array.of(1).buffer)[0] === 1

/**
 * Returns a TIFF with other pixels for its first picture. The new pixels and a new directory are appended to the file, so
 * that all positions in it, such as those of EXIF, stay valid.
 *
 * @param without tags to leave out as well.
 */
export function replaceTiffPixels(
  file: Uint8Array,
  old: TiffTags,
  { width, height, pixels, photometric, channels, hasAlpha }: NewTiffPixels,
  without: readonly number[] = [],
): Buffer {
  const { littleEndian, isBig } = old
  const stored = Buffer.from(pixels.buffer, pixels.byteOffset, pixels.byteLength)
  if (pixels instanceof Uint16Array && littleEndian !== LITTLE_ENDIAN_MACHINE) stored.swap16()
  const pixelsAt = file.length + (-file.length & 7)
  const bitsAt = pixelsAt + stored.length + (-stored.length & 7)
  const bits = Buffer.alloc(channels * 2 + (-(channels * 2) & 7))
  const values = new DataView(bits.buffer, bits.byteOffset, bits.length)
  for (let channel = 0; channel < channels; channel++)
    values.setUint16(channel * 2, pixels.BYTES_PER_ELEMENT * 8, littleEndian)
  const isInline = channels * 2 <= (isBig ? 8 : 4)
  const describing: readonly (readonly [tag: number, type: number, count: number, value: number | Buffer])[] =
    [
      [256, LONG, 1, width],
      [257, LONG, 1, height],
      isInline ? [258, SHORT, channels, bits] : [258, SHORT, channels, bitsAt],
      [259, SHORT, 1, UNCOMPRESSED],
      [262, SHORT, 1, photometric],
      [273, LONG, 1, pixelsAt],
      [277, SHORT, 1, channels],
      [278, LONG, 1, height],
      [279, LONG, 1, stored.length],
      ...(hasAlpha ? [[338, SHORT, 1, UNASSOCIATED_ALPHA] as const] : []),
    ]
  const kept = [...old.tags.values()].filter(({ tag }) => !PIXEL_TAGS.has(tag) && !without.includes(tag))
  const entries: { tag: number; entry: Uint8Array }[] = [
    ...kept,
    ...describing.map(([tag, type, count, value]) => ({
      tag,
      entry: writeEntry(old, tag, type, count, value),
    })),
  ]
  const directoryAt = bitsAt + bits.length
  // Not filled with 0 first, which takes as long as the copy.
  const out = Buffer.allocUnsafeSlow(directoryAt + directoryBytes(entries.length, isBig))
  out.set(file)
  out.fill(0, file.length, pixelsAt)
  out.set(stored, pixelsAt)
  out.fill(0, pixelsAt + stored.length, bitsAt)
  out.set(bits, bitsAt)
  writeDirectory(
    out,
    directoryAt,
    old,
    entries.toSorted((one, other) => one.tag - other.tag),
  )
  return out
}

function directoryBytes(entries: number, isBig: boolean): number {
  const { count, entry, offset } = isBig ? TIFF_SIZES.big : TIFF_SIZES.small
  return count + entries * entry + offset
}

/** Writes a directory, and its position into the header. */
function writeDirectory(
  out: Buffer,
  position: number,
  { littleEndian, isBig, next }: TiffTags,
  entries: readonly { readonly entry: Uint8Array }[],
): void {
  const view = new DataView(out.buffer, out.byteOffset, out.length)
  const sizes = isBig ? TIFF_SIZES.big : TIFF_SIZES.small
  const setOffset = (at: number, value: number): void =>
    isBig ? view.setBigUint64(at, BigInt(value), littleEndian) : view.setUint32(at, value, littleEndian)
  setOffset(isBig ? 8 : 4, position)
  if (isBig) setOffset(position, entries.length)
  else view.setUint16(position, entries.length, littleEndian)
  let at = position + sizes.count
  for (const { entry } of entries) {
    out.set(entry, at)
    at += sizes.entry
  }
  setOffset(at, next)
}

/** @param value a number, or the bytes of short values. */
function writeEntry(
  { littleEndian, isBig }: TiffTags,
  tag: number,
  type: number,
  count: number,
  value: number | Buffer,
): Uint8Array {
  const { entry: size, offset } = isBig ? TIFF_SIZES.big : TIFF_SIZES.small
  const entry = new Uint8Array(size)
  const view = new DataView(entry.buffer)
  view.setUint16(0, tag, littleEndian)
  view.setUint16(2, type, littleEndian)
  const field = size - offset
  if (isBig) view.setBigUint64(4, BigInt(count), littleEndian)
  else view.setUint32(4, count, littleEndian)
  const isPosition = type === SHORT && count > 1
  if (typeof value !== 'number') entry.set(value.subarray(0, offset), field)
  else if (isPosition && isBig) view.setBigUint64(field, BigInt(value), littleEndian)
  else if (type === SHORT && !isPosition) view.setUint16(field, value, littleEndian)
  else view.setUint32(field, value, littleEndian)
  return entry
}
