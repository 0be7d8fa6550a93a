import {
  openTiffBlock,
  readEntries,
  readNext,
  type ExifEntry,
  type OpenTiffBlock,
} from '../exif/parse-exif.js'
import { findIptc } from '../iptc/image-resources.js'
import { encodeNumber, inByteOrder, writeDirectories, type ExifDirectories } from '../exif/write-exif.js'

/** IPTC, and the Photoshop resources that may hold it instead. (XMP Specification Part 3, section 1.1.10) */
const IPTC = 0x83bb
const PHOTOSHOP_RESOURCES = 0x8649
const LONG = 4

/**
 * Returns a TIFF with EXIF and IPTC: its first directory is written again at the end, with the tags of the EXIF, and
 * directories for the rest (TIFF 6.0, section 2; Exif 2.32, section 4.6.3). Tags that describe the pixels are never in `exif`.
 */
export function addToTiff<B extends Buffer>(
  tiff: B,
  { exif, iptc }: { readonly exif?: ExifDirectories | undefined; readonly iptc?: Uint8Array | undefined },
): B | Buffer<ArrayBuffer> {
  const open = openTiffBlock(tiff)
  if (open === undefined) return tiff
  const { littleEndian, layout, first } = open
  const { image, photo, gps } = inByteOrder(exif ?? NO_TAGS, littleEndian)
  const added = [...image, ...(iptc === undefined ? [] : [toIptcEntry(iptc)])]
  const tags = new Set(added.map(({ tag }) => tag))
  const own = [...readEntries(open, first).values()].filter(({ tag }) => !tags.has(tag))
  const padding = Buffer.alloc(tiff.length % 2)
  const position = tiff.length + padding.length
  const directories = writeDirectories(
    { littleEndian, image: [...own, ...added], photo, gps },
    { position, layout, next: readNext(open, first) },
  )
  const file = Buffer.concat([tiff, padding, directories])
  encodeNumber(position, layout.offset, littleEndian).copy(file, layout.header - layout.offset)
  return file
}

const NO_TAGS: ExifDirectories = { littleEndian: true, image: [], photo: [], gps: [] }

/**
 * Returns the tag of IPTC: bytes that are never swapped, announced as LONG. Photoshop and ExifTool write this type, and libtiff
 * reads no other, although the specification says UNDEFINED.
 */
function toIptcEntry(iptc: Uint8Array): ExifEntry {
  const value = Buffer.alloc(Math.ceil(iptc.length / 4) * 4)
  value.set(iptc)
  return { tag: IPTC, type: LONG, count: value.length / 4, value }
}

/** Returns the IPTC of a TIFF or BigTIFF. */
export function readTiffIptc(tiff: Uint8Array): Buffer | undefined {
  const open = openTiffBlock(tiff)
  const own = open && readValue(open, IPTC)
  if (own !== undefined) return own
  const resources = open && readValue(open, PHOTOSHOP_RESOURCES)
  const iptc = resources && findIptc(resources)
  return iptc === undefined || iptc.length === 0 ? undefined : iptc
}

function readValue(open: OpenTiffBlock, tag: number): Buffer | undefined {
  const value = readEntries(open, open.first).get(tag)?.value
  return value && Buffer.from(value.buffer, value.byteOffset, value.byteLength)
}
