import { toImgprocError, type ImgprocError } from '../../errors.js'
import { readIconLayout, type BmpLayout } from '../bmp/layout.js'
import { createDamagedError } from '../errors.js'

/*
 * An ICO or CUR is a header of 6 bytes, an entry of 16 bytes for each picture, and the pictures: PNG files, or BMPs without
 * a file header and with a mask of one bit below the colours. (Microsoft, "Icons", 1995; PNG since Windows Vista)
 */

/** A picture of an icon. */
export interface IconPicture {
  readonly bytes: Uint8Array
  readonly width: number
  readonly height: number
  /** Bits a pixel. */
  readonly bits: number
  /** Undefined for a PNG. */
  readonly bmp: BmpLayout | undefined
}

/** A list of pictures. */
export interface IconLayout {
  readonly kind: 'ico' | 'cur'
  /** In the order of the file. A picture that is damaged is undefined. */
  readonly pictures: readonly (IconPicture | undefined)[]
  /** The reason why the first damaged one is. */
  readonly error: ImgprocError | undefined
}

const HEADER_BYTES = 6
const ENTRY_BYTES = 16

/** Returns true for a file that begins with the header of an icon or cursor, and a sound first entry. */
export function isIcon(bytes: Uint8Array): boolean {
  if (bytes.length < HEADER_BYTES + ENTRY_BYTES) return false
  const file = view(bytes)
  const [reserved, kind, count] = [0, 2, 4].map((at) => file.readUInt16LE(at))
  const [size, offset] = [file.readUInt32LE(14), file.readUInt32LE(18)]
  return (
    reserved === 0 &&
    (kind === 1 || kind === 2) &&
    count! > 0 &&
    size > 0 &&
    offset >= HEADER_BYTES + ENTRY_BYTES * count!
  )
}

/** Reads the headers of all pictures. Throws CORRUPT_IMAGE if the list is cut off. */
export function readIcon(bytes: Uint8Array): IconLayout {
  const file = view(bytes)
  const count = file.readUInt16LE(4)
  if (HEADER_BYTES + ENTRY_BYTES * count > file.length)
    throw createDamagedError(`its list of ${count} pictures is cut off`)
  let first: ImgprocError | undefined
  const pictures = Array.from({ length: count }, (_, index) => {
    try {
      return readPicture(file, HEADER_BYTES + ENTRY_BYTES * index)
    } catch (error) {
      first ??= toImgprocError(error)
      return undefined
    }
  })
  return { kind: file[2] === 1 ? 'ico' : 'cur', pictures, error: first }
}

/** Returns the picture with the most pixels, of those the one with the most bits. Throws if all are damaged. */
export function largestPicture({ pictures, error }: IconLayout): IconPicture {
  let largest: IconPicture | undefined
  for (const picture of pictures) {
    if (picture === undefined) continue
    const more = picture.width * picture.height - (largest === undefined ? 0 : largest.width * largest.height)
    if (largest === undefined || more > 0 || (more === 0 && picture.bits > largest.bits)) largest = picture
  }
  if (largest === undefined) throw error ?? createDamagedError('none of its pictures can be read')
  return largest
}

const PNG_SIGNATURE = '\x89PNG\r\n\x1a\n'

function readPicture(file: Buffer, entryAt: number): IconPicture {
  const [size, offset] = [file.readUInt32LE(entryAt + 8), file.readUInt32LE(entryAt + 12)]
  if (offset >= file.length) throw createDamagedError('its picture lies beyond its end')
  // A picture that is cut off may be decoded in part.
  const bytes = file.subarray(offset, offset + size)
  if (bytes.toString('latin1', 0, 8) !== PNG_SIGNATURE) {
    const bmp = readIconLayout(bytes)
    return { bytes, width: bmp.width, height: bmp.height, bits: bmp.bits, bmp }
  }
  if (bytes.length < 26) throw createDamagedError('its picture is cut off')
  const [width, height] = [bytes.readUInt32BE(16), bytes.readUInt32BE(20)]
  if (width === 0 || height === 0) throw createDamagedError(`its picture has ${width}x${height} pixels`)
  return { bytes, width, height, bits: bytes[24]! * (SAMPLES[bytes[25]!] ?? 1), bmp: undefined }
}

/** Samples of a pixel by the colour type of a PNG: grey, RGB, palette, grey and RGB with alpha. */
const SAMPLES: Readonly<Record<number, number>> = { 0: 1, 2: 3, 3: 1, 4: 2, 6: 4 }

function view(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
}
