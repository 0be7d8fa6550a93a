import { jpegSegments } from './containers/jpeg.js'
import { hasWebpChunk } from './containers/webp.js'
import { openTiffBlock, readEntries } from './exif/parse-exif.js'
import { readBoxes } from './iso-boxes.js'
import { hasPngChunk } from './png/chunks.js'

/*
 * Content Credentials are signed statements about the very bytes of a file, so no changed picture may carry them. They are
 * stored as JUMBF boxes of the type `c2pa` (C2PA Technical Specification 2.4, section 11.1, and annex A.3 for each container).
 */

const APP11 = 0xeb
/** Common identifier, instance and number of a segment, then the heads of the superbox and its description. */
const JPEG_TYPE_AT = 24
/** First bytes of the type's UUID, 63327061-0011-0010-8000-00aa00389b71. */
const JUMBF_TYPE = 'c2pa\0\x11\0\x10'
const BOX_UUID = Buffer.from('d8fec3d61b0e483c92975828877ec481', 'hex')
const TIFF_TAG = 0xcd41
const GIF_APPLICATION = Buffer.from('\x21\xff\x0bC2PA_GIF\x01\0\0', 'latin1')

/** Returns true if a file has Content Credentials in it. Looks into JPEG, PNG, WebP, GIF, AVIF, HEIC and TIFF. */
export function hasContentCredentials(bytes: Uint8Array): boolean {
  const file = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  switch (file[0]) {
    case 0xff:
      return [...jpegSegments(file)].some(
        ({ marker, body }) =>
          marker === APP11 &&
          body.toString('latin1', JPEG_TYPE_AT, JPEG_TYPE_AT + JUMBF_TYPE.length) === JUMBF_TYPE,
      )
    case 0x89:
      return hasPngChunk(file, 'caBX')
    case 0x52:
      return hasWebpChunk(file, 'C2PA')
    case 0x47:
      return file.includes(GIF_APPLICATION)
    case 0x49:
    case 0x4d:
      return hasTiffTag(file)
    default:
      return (
        file.toString('latin1', 4, 8) === 'ftyp' &&
        readBoxes(file).some(({ type, body }) => type === 'uuid' && BOX_UUID.equals(body.subarray(0, 16)))
      )
  }
}

function hasTiffTag(file: Buffer): boolean {
  const tiff = openTiffBlock(file)
  return tiff !== undefined && readEntries(tiff, tiff.first).has(TIFF_TAG)
}
