import type { Metadata } from 'sharp'
import { readTiffExif } from '../metadata/exif/tiff-exif.js'
import { readWholeXmp } from '../metadata/xmp/jpeg-xmp.js'

/** Adds metadata that sharp does not read: the EXIF of a TIFF, and the extended XMP of a JPEG. */
export function completeMetadata(bytes: Uint8Array, metadata: Metadata): Metadata {
  if (metadata.format === 'tiff') {
    const exif = readTiffExif(bytes, metadata.orientation)
    return exif === undefined ? metadata : { ...metadata, exif }
  }
  if (metadata.format !== 'jpeg') return metadata
  const xmp = readWholeXmp(bytes)
  return xmp === undefined ? metadata : { ...metadata, xmp }
}
