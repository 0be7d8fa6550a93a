import { EVERYTHING } from '../keep.js'
import { parseExif } from './parse-exif.js'
import { describesPicture, selectTags } from './select-tags.js'
import { writeExif } from './write-exif.js'

/**
 * Returns the EXIF of a TIFF or BigTIFF as a block of its own. IFD0 of the file is that of its EXIF; tags that describe the
 * pixels are left out. Returns undefined if nothing but the resolution is left.
 */
export function readTiffExif(tiff: Uint8Array, orientation: number | undefined): Buffer | undefined {
  const directories = selectTags(parseExif(tiff), { keep: EVERYTHING, orientation })
  return directories && describesPicture(directories) ? writeExif(directories) : undefined
}
