import { crc32, deflateSync } from 'node:zlib'
import { withOrientation } from './exif-filter.js'

/** Metadata to add to a PNG. */
export interface PictureMetadata {
  readonly icc?: Uint8Array | undefined
  readonly exif?: Uint8Array | undefined
  readonly xmp?: Uint8Array | undefined
  /** Replaces the orientation in the EXIF. @default 1 */
  readonly orientation?: number | undefined
}

/** The signature, then IHDR: length, type, 13 bytes, checksum. (PNG, third edition, sections 5.2 and 11.2.1) */
const HEADER_BYTES = 8 + 4 + 4 + 13 + 4

/**
 * Returns a PNG with metadata inserted behind its header. sharp would convert the colours to the profile that it attaches,
 * but these pixels already have the profile's colours. EXIF that can't be read is left out.
 */
export function addMetadata(png: Uint8Array, { icc, exif, xmp, orientation = 1 }: PictureMetadata): Buffer {
  const tiff = exif && withOrientation(exif, orientation)
  return Buffer.concat([
    png.subarray(0, HEADER_BYTES),
    // A PNG in colour is invalid with a profile of another colour space.
    ...(icc !== undefined && colourSpace(icc) === 'RGB ' ? [makeChunk('iCCP', profileData(icc))] : []),
    ...(tiff === undefined ? [] : [makeChunk('eXIf', tiff)]),
    ...(xmp === undefined ? [] : [makeChunk('iTXt', xmpData(xmp))]),
    png.subarray(HEADER_BYTES),
  ])
}

/** Writes length, type, data, and the checksum of type and data. */
function makeChunk(type: string, data: Uint8Array): Buffer {
  const chunk = Buffer.alloc(data.length + 12)
  chunk.writeUInt32BE(data.length)
  chunk.write(type, 4, 'latin1')
  chunk.set(data, 8)
  chunk.writeUInt32BE(crc32(chunk.subarray(4, -4)), data.length + 8)
  return chunk
}

function colourSpace(icc: Uint8Array): string {
  return Buffer.from(icc.subarray(16, 20)).toString('latin1')
}

/** Writes a name, its end, 0 for deflate, and the profile. */
function profileData(icc: Uint8Array): Buffer {
  return Buffer.concat([Buffer.from('icc\0\0'), deflateSync(icc)])
}

/** Writes the keyword and its end, 0 and 0 for no compression, no language, no translated keyword, and the text. */
function xmpData(xmp: Uint8Array): Buffer {
  return Buffer.concat([Buffer.from('XML:com.adobe.xmp\0\0\0\0\0'), xmp])
}
