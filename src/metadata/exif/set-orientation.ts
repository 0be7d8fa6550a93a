import { withoutExifName } from '../containers/jpeg.js'
import {
  ENTRY_BYTES,
  firstDirectory,
  openTiff,
  type TiffDirectory,
  type TiffStructure,
} from '../tiff-directory.js'

const ORIENTATION = 0x0112

/**
 * Returns the TIFF structure of an EXIF block with another orientation. A block without the tag gets none. Returns
 * undefined if the block can't be read: a tag that was missed could rotate the picture again.
 */
export function withOrientation(exif: Uint8Array, orientation: number): Buffer | undefined {
  const block = Buffer.from(withoutExifName(exif))
  const tiff = openTiff(block)
  const ifd0 = tiff && firstDirectory(tiff)
  if (tiff === undefined || ifd0 === undefined) return undefined
  try {
    setOrientation(tiff, ifd0, orientation)
    return block
  } catch (error) {
    if (error instanceof RangeError) return undefined
    throw error
  }
}

/** Throws a RangeError if an entry is cut off. */
function setOrientation(
  { view, littleEndian }: TiffStructure,
  ifd0: TiffDirectory,
  orientation: number,
): void {
  for (let entry = ifd0.start; entry < ifd0.end; entry += ENTRY_BYTES) {
    if (view.getUint16(entry, littleEndian) !== ORIENTATION) continue
    view.setUint16(entry + 8, orientation, littleEndian)
  }
}
