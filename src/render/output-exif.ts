import { ImgprocError } from '../errors.js'
import { filterExif, withOrientation } from '../metadata/exif-filter.js'
import { keepsExif, type Keep } from '../metadata/keep.js'
import type { OpenImage } from '../image/open-image.js'

/**
 * Returns a source's bytes with only the EXIF that is kept. Needed even if only the orientation is kept: sharp would
 * copy the embedded thumbnail with it. Throws INVALID_OPERATION if the EXIF cannot be filtered.
 */
export function filterSourceExif(
  { bytes, metadata }: OpenImage,
  keep: Keep,
  orientation: number | undefined,
): Uint8Array {
  if (metadata.exif === undefined || (!keepsExif(keep) && orientation === undefined)) return bytes
  return filterExif(bytes, metadata.exif, keep) ?? throwUnfilterable()
}

/**
 * Returns the EXIF of an output whose pixels are stored without the source's: the kept tags, and the orientation.
 * Undefined if there is none. Throws INVALID_OPERATION if the EXIF cannot be filtered.
 */
export function outputExif(
  { metadata: { exif } }: OpenImage,
  keep: Keep,
  orientation = 1,
): Buffer | undefined {
  if (exif === undefined || (!keepsExif(keep) && orientation === 1)) return undefined
  const clean = filterExif(exif, exif, keep) ?? throwUnfilterable()
  return withOrientation(clean, orientation) ?? throwUnfilterable()
}

function throwUnfilterable(): never {
  throw new ImgprocError(
    'INVALID_OPERATION',
    'metadata: the EXIF of this image cannot be filtered. Strip it, or keep only icc, and leave autoOrient on.',
  )
}
