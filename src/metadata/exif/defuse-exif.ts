import { crc32 } from 'node:zlib'
import { jpegSegments, withoutExifName } from '../containers/jpeg.js'
import { readPngExif } from '../png/chunks.js'
import { readWebpExif } from '../containers/webp.js'
import {
  openTiffBlock,
  POINTER,
  readNext,
  readPointer,
  walkEntries,
  type OpenTiffBlock,
} from './parse-exif.js'
import { encodeNumber } from './write-exif.js'

/*
 * libvips converts every value of EXIF to text, for each pipeline. Values that share their bytes make that as slow as one
 * likes: a block of 64 KB can hold gigabytes, and no timeout of sharp stops it. Cameras never write them.
 */

const ORIENTATION = 0x0112
const INTEROPERABILITY = 0xa005
const SUB_DIRECTORIES: ReadonlySet<number> = new Set([POINTER.photo, POINTER.gps, INTEROPERABILITY])
/** IFD0, IFD1, Exif, GPS and Interoperability, and as many unusual ones. */
const MAX_DIRECTORIES = 10
/** A value is counted twice if two directories share it, as some programs do. */
const MAX_FACTOR = 2

/** A file without slow EXIF. */
export interface DefusedFile {
  readonly bytes: Uint8Array
  /** The EXIF of the original. */
  readonly exif: Buffer
}

/**
 * Returns a file of the same length whose EXIF holds only the orientation, if its EXIF would take long to read. Returns
 * undefined for any other file. Looks into JPEG, PNG and WebP.
 */
export function defuseExif(file: Uint8Array): DefusedFile | undefined {
  const blocks = findBlocks(file).filter((block) => isSlow(withoutExifName(block)))
  const [first] = blocks
  if (first === undefined) return undefined
  const bytes = Buffer.from(file)
  for (const block of blocks) {
    const tiff = withoutExifName(block)
    const start = tiff.byteOffset - file.byteOffset
    bytes.set(onlyOrientation(tiff), start)
    updatePngChecksum(bytes, start, tiff.length)
  }
  return { bytes, exif: Buffer.from(first) }
}

function findBlocks(file: Uint8Array): readonly Uint8Array[] {
  if (file[0] === 0xff) {
    const bodies = [...jpegSegments(file)].filter(({ marker }) => marker === 0xe1).map(({ body }) => body)
    return bodies.filter((body) => withoutExifName(body).length < body.length)
  }
  const exif = file[0] === 0x89 ? readPngExif(file) : file[0] === 0x52 ? readWebpExif(file) : undefined
  return exif === undefined ? [] : [exif]
}

function isSlow(block: Uint8Array): boolean {
  const tiff = openTiffBlock(block)
  if (tiff === undefined) return false
  const seen = new Set<number>()
  const pending = [tiff.first]
  let bytes = 0
  for (let position = pending.pop(); position !== undefined; position = pending.pop()) {
    if (seen.has(position)) continue
    seen.add(position)
    for (const entry of walkEntries(tiff, position)) {
      bytes += entry.value.length
      if (SUB_DIRECTORIES.has(entry.tag)) pending.push(readPointer(tiff, entry))
    }
    pending.push(nextOf(tiff, position))
    if (bytes > block.length * MAX_FACTOR || seen.size > MAX_DIRECTORIES) return true
  }
  return false
}

function nextOf(tiff: OpenTiffBlock, position: number): number {
  return position + tiff.layout.count <= tiff.view.byteLength ? readNext(tiff, position) : 0
}

/** Returns a block of the same length with the orientation of another. */
function onlyOrientation(block: Uint8Array): Buffer {
  const clean = Buffer.alloc(block.length)
  const tiff = openTiffBlock(block)
  const orientation = tiff && [...walkEntries(tiff, tiff.first)].find(({ tag }) => tag === ORIENTATION)
  if (tiff === undefined) return clean
  const { littleEndian } = tiff
  const number = (value: number, bytes: number) => encodeNumber(value, bytes, littleEndian)
  const value = orientation?.value.subarray(0, 2) ?? number(1, 2)
  const entry = [number(ORIENTATION, 2), number(3, 2), number(1, 4), value, Buffer.alloc(2)]
  const header = Buffer.from(littleEndian ? 'II*\0\x08\0\0\0' : 'MM\0*\0\0\0\x08', 'latin1')
  Buffer.concat([header, number(1, 2), ...entry, number(0, 4)]).copy(clean)
  return clean
}

/** The checksum of a PNG chunk covers its type and data. A chunk is length, type (`eXIf`), data, checksum. */
function updatePngChecksum(file: Buffer, start: number, length: number): void {
  if (file[0] !== 0x89) return
  file.writeUInt32BE(crc32(file.subarray(start - 4, start + length)), start + length)
}
