import { withoutExifName } from './containers/jpeg.js'
import {
  ENTRY_BYTES,
  firstDirectory,
  nextDirectory,
  openTiff,
  readDirectory,
  readEntry,
  TIFF_TYPE,
  TYPE_BYTES,
  valuePosition,
  type TiffDirectory,
  type TiffEntry,
  type TiffStructure,
} from './tiff-directory.js'

/*
 * Reads single EXIF tags on request (CIPA DC-008, section 4.6), and never more of a value than the block holds. A block of
 * 64 KB can make a reader of all tags fill the memory.
 */

/** One directory of EXIF. */
export interface ExifDirectory {
  /** Returns a tag's text, undefined if the tag is missing or blank. */
  readonly text: (tag: number) => string | undefined
  /** Returns a tag's numbers: at most 4, none if the tag is missing, NaN for the fraction 0/0, which means unknown. */
  readonly numbers: (tag: number) => readonly number[]
}

/** The directories about the picture and how it was taken, and the thumbnail that a camera adds. */
export interface Exif {
  readonly image: ExifDirectory
  readonly photo: ExifDirectory
  readonly gps: ExifDirectory
  /** A JPEG; undefined if there is none or it is cut off. */
  readonly thumbnail: Uint8Array | undefined
}

const POINTER = { photo: 0x8769, gps: 0x8825 }
const THUMBNAIL = { offset: 0x0201, length: 0x0202 }
/** The longest value read here, LensSpecification, has four fractions. */
const MAX_NUMBERS = 4

type ReadNumber = (view: DataView, position: number, littleEndian: boolean) => number
const readUnsigned: ReadNumber = (view, position, littleEndian) => view.getUint32(position, littleEndian)
const readSigned: ReadNumber = (view, position, littleEndian) => view.getInt32(position, littleEndian)
const READ_NUMBER: Readonly<Record<number, ReadNumber>> = {
  [TIFF_TYPE.byte]: (view, position) => view.getUint8(position),
  [TIFF_TYPE.short]: (view, position, littleEndian) => view.getUint16(position, littleEndian),
  [TIFF_TYPE.long]: readUnsigned,
  [TIFF_TYPE.rational]: (...at) => readFraction(readUnsigned, ...at),
  [TIFF_TYPE.signedLong]: readSigned,
  [TIFF_TYPE.signedRational]: (...at) => readFraction(readSigned, ...at),
}

function readFraction(read: ReadNumber, view: DataView, position: number, littleEndian: boolean): number {
  return read(view, position, littleEndian) / read(view, position + 4, littleEndian)
}

/** Opens an EXIF block. Returns undefined if there is none or its header is damaged. */
export function openExif(block: Uint8Array | undefined): Exif | undefined {
  if (block === undefined) return undefined
  const bytes = withoutExifName(block)
  const tiff = openTiff(bytes)
  if (tiff === undefined) return undefined
  const first = firstDirectory(tiff)
  const image = openDirectory(tiff, first)
  const follow = (tag: number) => {
    const [position] = image.numbers(tag)
    return openDirectory(tiff, position === undefined ? undefined : readDirectory(tiff, position))
  }
  return {
    image,
    photo: follow(POINTER.photo),
    gps: follow(POINTER.gps),
    get thumbnail() {
      const next = first && nextDirectory(tiff, first)
      return next === undefined || next === 0
        ? undefined
        : readThumbnail(bytes, openDirectory(tiff, readDirectory(tiff, next)))
    },
  }
}

function readThumbnail(bytes: Uint8Array, { numbers }: ExifDirectory): Uint8Array | undefined {
  const [offset] = numbers(THUMBNAIL.offset)
  const [length] = numbers(THUMBNAIL.length)
  if (offset === undefined || length === undefined || offset + length > bytes.length) return undefined
  return bytes.subarray(offset, offset + length)
}

function openDirectory(tiff: TiffStructure, directory: TiffDirectory | undefined): ExifDirectory {
  const positions = new Map<number, number>()
  const { start, end } = directory ?? { start: 0, end: 0 }
  const readable = Math.min(end, tiff.view.byteLength)
  for (let position = start; position + ENTRY_BYTES <= readable; position += ENTRY_BYTES) {
    positions.set(tiff.view.getUint16(position, tiff.littleEndian), position)
  }
  return {
    text: (tag) => {
      const position = positions.get(tag)
      return position === undefined ? undefined : readText(tiff, readEntry(tiff, position))
    },
    numbers: (tag) => {
      const position = positions.get(tag)
      return position === undefined ? [] : readNumbers(tiff, readEntry(tiff, position))
    },
  }
}

function readNumbers(tiff: TiffStructure, entry: TiffEntry): readonly number[] {
  const { view, littleEndian } = tiff
  const read = READ_NUMBER[entry.type]
  const size = TYPE_BYTES[entry.type]
  if (read === undefined || size === undefined) return []
  const start = valuePosition(tiff, entry, entry.count * size)
  const available = Math.max(0, Math.floor((view.byteLength - start) / size))
  const length = Math.min(entry.count, available, MAX_NUMBERS)
  return Array.from({ length }, (_, index) => read(view, start + index * size, littleEndian))
}

function readText(tiff: TiffStructure, entry: TiffEntry): string | undefined {
  const { view } = tiff
  const start = valuePosition(tiff, entry, entry.count)
  if (start > view.byteLength) return undefined
  const length = Math.min(entry.count, view.byteLength - start)
  const bytes = Buffer.from(view.buffer, view.byteOffset + start, length)
  // The standard says ASCII. Cameras and programs write UTF-8, some older ones Latin-1.
  const utf8 = bytes.toString('utf8')
  const text = utf8.includes('\uFFFD') ? bytes.toString('latin1') : utf8
  // A text ends at a NUL. A copyright of an editor only is a blank text, a NUL, and the editor's text.
  const parts = text.split('\0').map((part) => part.replace(/\p{Cc}+/gu, ' ').trim())
  return parts.find((part) => part !== '')
}
