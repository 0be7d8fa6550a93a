import { crc32 } from 'node:zlib'
import type { Keep } from './keep.js'

/*
 * EXIF is a TIFF structure: a header, then directories (IFDs) of 12-byte entries. IFD0 describes the picture and
 * points to the Exif and GPS directories; IFD1, linked behind it, holds a thumbnail of the picture as it was
 * taken, which would show what was cropped away. (Exif 2.32, CIPA DC-008, sections 4.5 and 4.6)
 */
const TAG = {
  orientation: 0x0112,
  artist: 0x013b,
  copyright: 0x8298,
  gps: 0x8825,
  thumbnailOffset: 0x0201,
  thumbnailLength: 0x0202,
}
const ENTRY = 12

/**
 * A copy of an image file whose EXIF holds only what is kept, never the embedded thumbnail. The structure is
 * edited in place, which no container notices. Undefined where the EXIF can't be found or read in the file.
 */
export function filterExif(file: Uint8Array, exif: Uint8Array, keep: Keep): Uint8Array | undefined {
  const tiff = structureOf(exif)
  const copy = Buffer.from(file)
  const start = copy.indexOf(tiff)
  if (start < 0) return undefined
  const block = copy.subarray(start, start + tiff.length)
  try {
    filterTiff(block, keep)
  } catch (error) {
    if (error instanceof RangeError) return undefined
    throw error
  }
  mendPngChecksum(copy, start, tiff.length)
  return copy
}

function filterTiff(tiff: Buffer, keep: Keep): void {
  const little = tiff.toString('latin1', 0, 2) === 'II'
  const read16 = (at: number) => (little ? tiff.readUInt16LE(at) : tiff.readUInt16BE(at))
  const read32 = (at: number) => (little ? tiff.readUInt32LE(at) : tiff.readUInt32BE(at))
  const ifd0 = read32(4)
  const count = read16(ifd0)
  const entries = Array.from({ length: count }, (_, index) => ifd0 + 2 + index * ENTRY)
  const end = ifd0 + 2 + count * ENTRY
  eraseThumbnail(tiff, read32(end), read16, read32)

  const kept = entries
    .filter((at) => isKept(read16(at), keep))
    .map((at) => Buffer.from(tiff.subarray(at, at + ENTRY)))
  const body = Buffer.concat(kept)
  // The kept entries close up; what follows them is the link to the next directory: none.
  tiff.fill(0, ifd0 + 2, end + 4)
  body.copy(tiff, ifd0 + 2)
  if (little) tiff.writeUInt16LE(kept.length, ifd0)
  else tiff.writeUInt16BE(kept.length, ifd0)
}

function isKept(tag: number, keep: Keep): boolean {
  // sharp has yet to turn the pixels by it.
  if (tag === TAG.orientation) return true
  if (tag === TAG.gps) return keep.gps
  if (tag === TAG.artist || tag === TAG.copyright) return keep.copyright || keep.exif
  return keep.exif
}

type Reader = (at: number) => number

/**
 * The TIFF structure of an EXIF block, its orientation set; a block that has none gets none. Undefined where it
 * can't be read: a tag that wasn't found could turn the picture once more.
 */
export function withOrientation(exif: Uint8Array, orientation: number): Buffer | undefined {
  const tiff = Buffer.from(structureOf(exif))
  const order = tiff.toString('latin1', 0, 2)
  if (order !== 'II' && order !== 'MM') return undefined
  const view = new DataView(tiff.buffer, tiff.byteOffset, tiff.byteLength)
  const little = order === 'II'
  try {
    const ifd0 = view.getUint32(4, little)
    const end = ifd0 + 2 + view.getUint16(ifd0, little) * ENTRY
    for (let entry = ifd0 + 2; entry < end; entry += ENTRY) {
      if (view.getUint16(entry, little) === TAG.orientation) view.setUint16(entry + 8, orientation, little)
    }
    return tiff
  } catch (error) {
    if (error instanceof RangeError) return undefined
    throw error
  }
}

/** EXIF as most containers have it, without the name that JPEG puts before it. */
function structureOf(exif: Uint8Array): Uint8Array {
  return Buffer.from(exif.subarray(0, 6)).toString('latin1') === 'Exif\0\0' ? exif.subarray(6) : exif
}

/** Overwrites the embedded thumbnail, in case something reads EXIF without its directories. */
function eraseThumbnail(tiff: Buffer, ifd1: number, read16: Reader, read32: Reader): void {
  if (ifd1 === 0) return
  const value = new Map<number, number>()
  for (let index = 0; index < read16(ifd1); index++) {
    const at = ifd1 + 2 + index * ENTRY
    value.set(read16(at), read32(at + 8))
  }
  const offset = value.get(TAG.thumbnailOffset)
  if (offset !== undefined) tiff.fill(0, offset, offset + (value.get(TAG.thumbnailLength) ?? 0))
}

/** A PNG chunk's checksum covers its type and data: length, `eXIf`, data, checksum. */
function mendPngChecksum(file: Buffer, start: number, length: number): void {
  if (file.toString('latin1', 1, 4) !== 'PNG' || file.toString('latin1', start - 4, start) !== 'eXIf') return
  file.writeUInt32BE(crc32(file.subarray(start - 4, start + length)), start + length)
}
