import { crc32 } from 'node:zlib'
import { withoutExifName } from './jpeg-exif-segment.js'
import type { Keep } from './keep.js'
import {
  ENTRY_BYTES,
  firstDirectory,
  isWhole,
  nextDirectory,
  openTiff,
  readDirectory,
  type TiffDirectory,
  type TiffStructure,
} from './tiff-directory.js'

/*
 * EXIF is a TIFF structure. Its first directory, IFD0, describes the picture and points to the Exif and GPS directories.
 * IFD1, linked behind it, holds a thumbnail of the uncropped photo, which would reveal what was cropped away.
 * (Exif 2.32, CIPA DC-008, sections 4.5 and 4.6)
 */
const TAG = {
  orientation: 0x0112,
  artist: 0x013b,
  copyright: 0x8298,
  gps: 0x8825,
  thumbnailOffset: 0x0201,
  thumbnailLength: 0x0202,
}

/**
 * Returns a copy of an image file whose EXIF holds only the metadata to keep, never the embedded thumbnail. The file keeps
 * its length, so the container needs no change. Returns undefined if the EXIF can't be found in the file or read.
 */
export function filterExif(file: Uint8Array, exif: Uint8Array, keep: Keep): Uint8Array | undefined {
  const structure = withoutExifName(exif)
  const copy = Buffer.from(file)
  const start = copy.indexOf(structure)
  if (start < 0 || !filterInPlace(copy.subarray(start, start + structure.length), keep)) return undefined
  updatePngChecksum(copy, start, structure.length)
  return copy
}

/** Returns false, perhaps after some changes, if the block can't be read. */
function filterInPlace(block: Buffer, keep: Keep): boolean {
  const tiff = openTiff(block, true)
  const ifd0 = tiff && firstDirectory(tiff)
  if (tiff === undefined || ifd0 === undefined) return false
  const next = nextDirectory(tiff, ifd0)
  if (next === undefined || !eraseThumbnail(block, tiff, next)) return false

  const kept: Buffer[] = []
  for (let position = ifd0.start; position < ifd0.end; position += ENTRY_BYTES) {
    const tag = tiff.view.getUint16(position, tiff.littleEndian)
    if (isKept(tag, keep)) kept.push(Buffer.from(block.subarray(position, position + ENTRY_BYTES)))
  }
  // Zeros behind the kept entries also remove the link to IFD1.
  block.fill(0, ifd0.start, ifd0.end + 4)
  Buffer.concat(kept).copy(block, ifd0.start)
  tiff.view.setUint16(ifd0.start - 2, kept.length, tiff.littleEndian)
  return true
}

function isKept(tag: number, keep: Keep): boolean {
  // sharp still has to orient the pixels by it.
  if (tag === TAG.orientation) return true
  if (tag === TAG.gps) return keep.gps
  if (tag === TAG.artist || tag === TAG.copyright) return keep.copyright || keep.exif
  return keep.exif
}

/** Overwrites the embedded thumbnail, which a reader could find without IFD1. Returns false if IFD1 can't be read. */
function eraseThumbnail(block: Buffer, tiff: TiffStructure, position: number): boolean {
  if (position === 0) return true
  const ifd1 = readDirectory(tiff, position)
  if (ifd1 === undefined || !isWhole(tiff, ifd1)) return false
  const { view, littleEndian } = tiff
  let offset: number | undefined
  let length = 0
  for (let entry = ifd1.start; entry < ifd1.end; entry += ENTRY_BYTES) {
    const tag = view.getUint16(entry, littleEndian)
    if (tag === TAG.thumbnailOffset) offset = view.getUint32(entry + 8, littleEndian)
    if (tag === TAG.thumbnailLength) length = view.getUint32(entry + 8, littleEndian)
  }
  if (offset === undefined) return true
  if (offset + length > block.length) return false
  block.fill(0, offset, offset + length)
  return true
}

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
    if (view.getUint16(entry, littleEndian) !== TAG.orientation) continue
    view.setUint16(entry + 8, orientation, littleEndian)
  }
}

/** The checksum of a PNG chunk covers its type and data. A chunk is length, type (`eXIf`), data, checksum. */
function updatePngChecksum(file: Buffer, start: number, length: number): void {
  if (file.toString('latin1', 1, 4) !== 'PNG' || file.toString('latin1', start - 4, start) !== 'eXIf') return
  file.writeUInt32BE(crc32(file.subarray(start - 4, start + length)), start + length)
}
