import type { Metadata } from 'sharp'
import { readTiffExif } from '../metadata/exif/tiff-exif.js'
import { readPngExif } from '../metadata/png-chunks.js'
import { readMainXmp, readWholeXmp } from '../metadata/xmp/jpeg-xmp.js'

/**
 * Adds metadata that sharp does not read: the EXIF of a TIFF, that of a PNG behind its pixels, the extended XMP of a JPEG, and all
 * XMP of one with a gain map. The orientation of such a PNG does not count, as in browsers.
 */
export function completeMetadata(bytes: Uint8Array, metadata: Metadata): Metadata {
  if (metadata.format === 'tiff') {
    const exif = readTiffExif(bytes, metadata.orientation)
    return exif === undefined ? metadata : { ...metadata, exif }
  }
  if (metadata.format === 'png' && metadata.exif === undefined) {
    const exif = readPngExif(bytes)
    return exif === undefined ? metadata : { ...metadata, exif }
  }
  if (metadata.format !== 'jpeg') return metadata
  const xmp = readWholeXmp(bytes) ?? (metadata.gainMap && readMainXmp(bytes))
  return xmp === undefined ? metadata : { ...metadata, xmp }
}
