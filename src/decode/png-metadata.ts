import { crc32, deflateSync } from 'node:zlib'

/** What a picture file says beside its pixels. */
export interface PictureMetadata {
  readonly icc?: Uint8Array | undefined
  readonly exif?: Uint8Array | undefined
  readonly xmp?: Uint8Array | undefined
}

// The signature, then IHDR: length, type, 13 bytes, checksum. (PNG, third edition, sections 5.2 and 11.2.1)
const HEADER = 8 + 4 + 4 + 13 + 4

/**
 * A PNG with metadata put in behind its header, byte for byte. sharp can only attach a profile by converting the
 * colours to it, and these pixels are in it already. The EXIF says upright, whatever it said before.
 */
export function addMetadata(png: Uint8Array, { icc, exif, xmp }: PictureMetadata): Buffer {
  const tiff = exif && makeUpright(exif)
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

const ORIENTATION = 0x0112

/** The TIFF structure of an EXIF block, its orientation set to 1. Undefined where it can't be read. */
function makeUpright(exif: Uint8Array): Buffer | undefined {
  const copy = Buffer.from(exif)
  const tiff = copy.toString('latin1', 0, 6) === 'Exif\0\0' ? copy.subarray(6) : copy
  const order = tiff.toString('latin1', 0, 2)
  if (order !== 'II' && order !== 'MM') return undefined
  const view = new DataView(tiff.buffer, tiff.byteOffset, tiff.byteLength)
  const little = order === 'II'
  try {
    const ifd0 = view.getUint32(4, little)
    const end = ifd0 + 2 + view.getUint16(ifd0, little) * 12
    for (let entry = ifd0 + 2; entry < end; entry += 12) {
      if (view.getUint16(entry, little) === ORIENTATION) view.setUint16(entry + 8, 1, little)
    }
    return tiff
  } catch (error) {
    // Its offsets point outside: left in, a tag that wasn't found could turn the picture once more.
    if (error instanceof RangeError) return undefined
    throw error
  }
}
