import { jpegSegments, withoutExifName } from './containers/jpeg.js'
import { rewriteChunk } from './png/chunks.js'
import { ENTRY_BYTES, firstDirectory, isWhole, openTiff, readEntry, TIFF_TYPE } from './tiff-directory.js'

/*
 * libvips reads any number of pixels per millimetre from a file, but on copying a picture GLib writes a warning to stderr for
 * more than 1,000,000.
 */

const MOST_PER_MILLIMETRE = 1e6
/** Pixels per inch. */
const DEFAULT_DENSITY = 72
const MILLIMETRES_PER_INCH = 25.4
const MILLIMETRES_PER_METRE = 1000
const TIFF_NUMBER = 42
/** Tags XResolution and YResolution. (TIFF 6.0, section 8) */
const RESOLUTIONS: ReadonlySet<number> = new Set([282, 283])

/** Returns a file whose density, if it has an absurd one, is replaced by 72 pixels per inch. Returns others unchanged. */
export function tameDensity(bytes: Uint8Array): Uint8Array {
  const file = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  if (file[0] === 0x89) return tamePng(file) ?? bytes
  const places = file[0] === 0xff ? placesInJpeg(file) : placesInTiff(file)
  if (places.length === 0) return bytes
  const copy = Buffer.from(file)
  for (const { at, littleEndian } of places) {
    const write = littleEndian ? 'writeUInt32LE' : 'writeUInt32BE'
    copy[write](DEFAULT_DENSITY, at)
    copy[write](1, at + 4)
  }
  return copy
}

/** Position of a rational number in a file. */
interface Place {
  readonly at: number
  readonly littleEndian: boolean
}

function placesInJpeg(file: Buffer): readonly Place[] {
  return [...jpegSegments(file)].flatMap(({ body, end }) => {
    const tiff = withoutExifName(body)
    return tiff === body ? [] : placesInTiff(tiff, end - tiff.length)
  })
}

/** Finds densities that are too large, in either unit. */
function placesInTiff(bytes: Uint8Array, start = 0): readonly Place[] {
  const tiff = openTiff(bytes)
  const directory = tiff && firstDirectory(tiff)
  if (tiff === undefined || directory === undefined || !isWhole(tiff, directory)) return []
  const { view, littleEndian } = tiff
  // BigTIFF has another number, and longer entries.
  if (view.getUint16(2, littleEndian) !== TIFF_NUMBER) return []
  const places: Place[] = []
  for (let position = directory.start; position < directory.end; position += ENTRY_BYTES) {
    const { tag, type } = readEntry(tiff, position)
    const at = view.getUint32(position + 8, littleEndian)
    if (!RESOLUTIONS.has(tag) || type !== TIFF_TYPE.rational || at + 8 > view.byteLength) continue
    const density = view.getUint32(at, littleEndian) / view.getUint32(at + 4, littleEndian)
    if (density > MOST_PER_MILLIMETRE) places.push({ at: start + at, littleEndian })
  }
  return places
}

/** Returns undefined if the density of a PNG is not too large. (PNG, third edition, section 11.3.4.3) */
function tamePng(file: Buffer): Buffer | undefined {
  return rewriteChunk(file, 'pHYs', (body) => {
    if (body.length !== 9) return undefined
    const most = MOST_PER_MILLIMETRE * (body[8] === 1 ? MILLIMETRES_PER_METRE : 1)
    if (Math.max(body.readUInt32BE(0), body.readUInt32BE(4)) <= most) return undefined
    const density = Buffer.alloc(9, 1)
    for (const at of [0, 4])
      density.writeUInt32BE(Math.round((DEFAULT_DENSITY * MILLIMETRES_PER_METRE) / MILLIMETRES_PER_INCH), at)
    return density
  })
}
