import { crc32, deflateSync } from 'node:zlib'
import { withOrientation } from './exif-filter.js'

/** What a picture file says beside its pixels. */
export interface PictureMetadata {
  readonly icc?: Uint8Array | undefined
  readonly exif?: Uint8Array | undefined
  readonly xmp?: Uint8Array | undefined
  /** What the EXIF says of how to turn the pixels, whatever it said before. @default 1 */
  readonly orientation?: number | undefined
}

// The signature, then IHDR: length, type, 13 bytes, checksum. (PNG, third edition, sections 5.2 and 11.2.1)
const HEADER = 8 + 4 + 4 + 13 + 4

/**
 * A PNG with metadata put in behind its header, byte for byte. sharp can only attach a profile by converting the
 * colours to it, and these pixels are in it already.
 */
export function addMetadata(png: Uint8Array, { icc, exif, xmp, orientation = 1 }: PictureMetadata): Buffer {
  const tiff = exif && withOrientation(exif, orientation)
  return Buffer.concat([
    png.subarray(0, HEADER),
    // A PNG in colour takes no other profile: a grey picture's, for one, would make it invalid.
    ...(icc !== undefined && colourSpace(icc) === 'RGB ' ? [makeChunk('iCCP', profile(icc))] : []),
    ...(tiff === undefined ? [] : [makeChunk('eXIf', tiff)]),
    ...(xmp === undefined ? [] : [makeChunk('iTXt', xmpText(xmp))]),
    png.subarray(HEADER),
  ])
}

/** Length, type, data, and the checksum of type and data. */
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

/** A name, its end, 0 for deflate, the profile. */
function profile(icc: Uint8Array): Buffer {
  return Buffer.concat([Buffer.from('icc\0\0'), deflateSync(icc)])
}

/** The keyword and its end, 0 and 0 for no compression, no language, no translated keyword, the text. */
function xmpText(xmp: Uint8Array): Buffer {
  return Buffer.concat([Buffer.from('XML:com.adobe.xmp\0\0\0\0\0'), xmp])
}
