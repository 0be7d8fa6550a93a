import { openTiffBlock, readEntries, readNext } from '../exif/parse-exif.js'
import { encodeNumber, inByteOrder, writeDirectories, type ExifDirectories } from '../exif/write-exif.js'

/**
 * Returns a TIFF with EXIF: its first directory is written again at the end, with the tags of the EXIF, and directories for
 * the rest (TIFF 6.0, section 2; Exif 2.32, section 4.6.3). Tags that describe the pixels are never in `exif`.
 */
export function addExifToTiff<B extends Buffer>(tiff: B, exif: ExifDirectories): B | Buffer<ArrayBuffer> {
  const open = openTiffBlock(tiff)
  if (open === undefined) return tiff
  const { littleEndian, layout, first } = open
  const added = inByteOrder(exif, littleEndian)
  const tags = new Set(added.image.map(({ tag }) => tag))
  const own = [...readEntries(open, first).values()].filter(({ tag }) => !tags.has(tag))
  const padding = Buffer.alloc(tiff.length % 2)
  const position = tiff.length + padding.length
  const directories = writeDirectories(
    { ...added, image: [...own, ...added.image] },
    { position, layout, next: readNext(open, first) },
  )
  const file = Buffer.concat([tiff, padding, directories])
  encodeNumber(position, layout.offset, littleEndian).copy(file, layout.header - layout.offset)
  return file
}
