/*
 * Of EXIF (CIPA DC-008, section 4.6) only the tags asked for are read, and never more of one than the block holds:
 * readers that take all of it can be made to fill the memory by a block of 64 KB.
 */

/** One of EXIF's directories. */
export interface ExifDirectory {
  /** A tag's text, undefined where there is none or it says nothing. */
  readonly text: (tag: number) => string | undefined
  /** A tag's numbers, none where there is no such tag; NaN for a fraction of 0/0, which means unknown. */
  readonly numbers: (tag: number) => readonly number[]
}

/** The directories that say something of the picture as it was taken, and the small JPEG that a camera adds. */
export interface Exif {
  readonly image: ExifDirectory
  readonly photo: ExifDirectory
  readonly gps: ExifDirectory
  /** Undefined where there is none, or where it isn't all there. */
  readonly thumbnail: Uint8Array | undefined
}

const POINTER = { photo: 0x8769, gps: 0x8825 }
const THUMBNAIL = { offset: 0x0201, length: 0x0202 }
const ENTRY = 12
/** The longest that is read of any tag here: four fractions, as a lens has them. */
const MOST_NUMBERS = 4

type ReadNumber = (view: DataView, at: number, little: boolean) => number
const unsigned: ReadNumber = (view, at, little) => view.getUint32(at, little)
const signed: ReadNumber = (view, at, little) => view.getInt32(at, little)
const NUMBERS: Readonly<Record<number, { size: number; read: ReadNumber }>> = {
  1: { size: 1, read: (view, at) => view.getUint8(at) },
  3: { size: 2, read: (view, at, little) => view.getUint16(at, little) },
  4: { size: 4, read: unsigned },
  5: { size: 8, read: (view, at, little) => unsigned(view, at, little) / unsigned(view, at + 4, little) },
  9: { size: 4, read: signed },
  10: { size: 8, read: (view, at, little) => signed(view, at, little) / signed(view, at + 4, little) },
}

/** Opens an EXIF block; undefined where there is none, or its header is damaged. */
export function openExif(block: Uint8Array | undefined): Exif | undefined {
  if (block === undefined) return undefined
  const prefixed = Buffer.from(block.subarray(0, 6)).toString('latin1') === 'Exif\0\0'
  const tiff = prefixed ? block.subarray(6) : block
  const order = Buffer.from(tiff.subarray(0, 2)).toString('latin1')
  if (tiff.length < 8 || (order !== 'II' && order !== 'MM')) return undefined
  const view = new DataView(tiff.buffer, tiff.byteOffset, tiff.length)
  const little = order === 'II'
  const first = view.getUint32(4, little)
  const image = openDirectory(view, first, little)
  const follow = (pointer: number) =>
    openDirectory(view, image.numbers(pointer)[0] ?? view.byteLength, little)
  return {
    image,
    photo: follow(POINTER.photo),
    gps: follow(POINTER.gps),
    get thumbnail() {
      return readThumbnail(tiff, openDirectory(view, findNext(view, first, little), little))
    },
  }
}

/** Where the next directory of a chain begins: behind the last entry of this one (TIFF 6.0, section 2). */
function findNext(view: DataView, start: number, little: boolean): number {
  if (start + 2 > view.byteLength) return view.byteLength
  const link = start + 2 + view.getUint16(start, little) * ENTRY
  const next = link + 4 <= view.byteLength ? view.getUint32(link, little) : 0
  return next === 0 ? view.byteLength : next
}

function readThumbnail(tiff: Uint8Array, { numbers }: ExifDirectory): Uint8Array | undefined {
  const [offset] = numbers(THUMBNAIL.offset)
  const [length] = numbers(THUMBNAIL.length)
  if (offset === undefined || length === undefined || offset + length > tiff.length) return undefined
  return tiff.subarray(offset, offset + length)
}

function openDirectory(view: DataView, start: number, little: boolean): ExifDirectory {
  const entries = new Map<number, number>()
  const count = start + 2 <= view.byteLength ? view.getUint16(start, little) : 0
  for (let index = 0; index < count; index++) {
    const at = start + 2 + index * ENTRY
    if (at + ENTRY > view.byteLength) break
    entries.set(view.getUint16(at, little), at)
  }
  return {
    text: (tag) => {
      const at = entries.get(tag)
      return at === undefined ? undefined : readText(view, at, little)
    },
    numbers: (tag) => {
      const at = entries.get(tag)
      return at === undefined ? [] : readNumbers(view, at, little)
    },
  }
}

function readNumbers(view: DataView, at: number, little: boolean): readonly number[] {
  const kind = NUMBERS[view.getUint16(at + 2, little)]
  if (kind === undefined) return []
  const { size, read } = kind
  const count = view.getUint32(at + 4, little)
  const start = placeOf(view, at, count * size, little)
  const there = Math.max(0, Math.floor((view.byteLength - start) / size))
  const length = Math.min(count, there, MOST_NUMBERS)
  return Array.from({ length }, (_, index) => read(view, start + index * size, little))
}

function readText(view: DataView, at: number, little: boolean): string | undefined {
  const length = view.getUint32(at + 4, little)
  const start = placeOf(view, at, length, little)
  if (start > view.byteLength) return undefined
  const bytes = Buffer.from(view.buffer, view.byteOffset + start, Math.min(length, view.byteLength - start))
  // The standard says ASCII; cameras and programs write UTF-8, some the Latin-1 of their makers.
  const utf8 = bytes.toString('utf8')
  const whole = utf8.includes('\uFFFD') ? bytes.toString('latin1') : utf8
  // Texts end at a NUL; where the first is blank, as in a copyright without a photographer, another may follow.
  const parts = whole.split('\0').map((part) => part.replace(/\p{Cc}+/gu, ' ').trim())
  return parts.find((part) => part !== '')
}

/** Where a value lies: in its entry if it fits there. */
function placeOf(view: DataView, at: number, length: number, little: boolean): number {
  return length <= 4 ? at + 8 : view.getUint32(at + 8, little)
}
