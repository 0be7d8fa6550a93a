import { ImgprocError } from '../errors.js'
import { filterExif, withOrientation } from '../metadata/exif-filter.js'
import { keepsExif, type Keep } from '../metadata/keep.js'
import type { OpenImage } from '../image/open-image.js'

/**
 * A source's bytes with only that EXIF in them which is kept: where an orientation is, sharp hands on the embedded thumbnail
 * along with it. Throws INVALID_OPERATION where that can't be done.
 */
export function cleanSource(
  { bytes, metadata }: OpenImage,
  keep: Keep,
  orientation: number | undefined,
): Uint8Array {
  if (metadata.exif === undefined || (!keepsExif(keep) && orientation === undefined)) return bytes
  return filterExif(bytes, metadata.exif, keep) ?? throwUnreadable()
}

/**
 * The EXIF that an output has, for pixels that come without the source's: what is kept, and how to turn them.
 * Undefined where there is nothing to say. Throws INVALID_OPERATION where it can't be filtered.
 */
export function outputExif(
  { metadata: { exif } }: OpenImage,
  keep: Keep,
  orientation = 1,
): Buffer | undefined {
  if (exif === undefined || (!keepsExif(keep) && orientation === 1)) return undefined
  const clean = filterExif(exif, exif, keep) ?? throwUnreadable()
  return withOrientation(clean, orientation) ?? throwUnreadable()
}

function throwUnreadable(): never {
  throw new ImgprocError(
    'INVALID_OPERATION',
    'metadata: the EXIF of this image is packed in a way that can not be filtered; strip it, or keep only icc, and leave autoOrient on.',
  )
}
