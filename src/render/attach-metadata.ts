import { FORMATS } from '../image/output-formats.js'
import { addExifToAvif } from '../metadata/containers/avif.js'
import { addXmpToGif } from '../metadata/containers/gif.js'
import {
  addExifToJpeg,
  addIptcToJpeg,
  MAX_JPEG_EXIF_BYTES,
  setJpegDensity,
} from '../metadata/containers/jpeg.js'
import { addToTiff } from '../metadata/containers/tiff.js'
import { addExifToWebp } from '../metadata/containers/webp.js'
import { requiredTags, withoutLongValues, withSize } from '../metadata/exif/select-tags.js'
import { writeExif, type ExifDirectories } from '../metadata/exif/write-exif.js'
import { addCodesToPng, addExifToPng, setPngDensity } from '../metadata/png/chunks.js'
import { addXmpToJpeg, readMainXmp } from '../metadata/xmp/jpeg-xmp.js'
import type { FormatType } from '../operations/settings/format.js'
import { addJxlMetadata } from '../jxl/container.js'
import type { OutputMetadata } from './output-metadata.js'
import { readOutput } from './read-output.js'

/**
 * Returns an encoded file with its metadata. sharp has written the XMP, but into no GIF, nor any that is long into a JPEG. It knows
 * no JPEG XL.
 */
export async function attachMetadata(
  data: Buffer<ArrayBuffer>,
  type: FormatType,
  planned: OutputMetadata,
): Promise<Buffer<ArrayBuffer>> {
  warnOfPlaces(type, planned)
  const { codes } = planned
  const coloured = type === 'png' && codes !== undefined ? addCodesToPng(data, codes) : data
  const file = attachXmp(setDensity(coloured, type, planned), type, planned)
  const exif = withRequired(type, planned)
  const described = exif === undefined ? file : await attachExif(file, type, exif, planned.warnings)
  return attachIptc(described, type, planned)
}

/** Tells what a format has no place for. The written texts stand in the XMP too. */
function warnOfPlaces(type: FormatType, { keeps, iptc, warnings }: OutputMetadata): void {
  const { label } = FORMATS[type]
  const article = /^[AEIOU]/.test(label) ? 'An' : 'A'
  if (type === 'gif' && keeps.exif) warnings.add('A GIF has no place for EXIF, so it was left out.')
  if (iptc === undefined) return
  const holdsIptc = type === 'jpeg' || type === 'tiff'
  if (iptc.isKept && !holdsIptc)
    warnings.add(`${article} ${label} has no place for IPTC, so it was left out.`)
  if (iptc.isCut && holdsIptc)
    warnings.add('A text is longer than IPTC allows and was cut off there. EXIF and XMP have all of it.')
}

function setDensity(
  data: Buffer<ArrayBuffer>,
  type: FormatType,
  { writesDensity, density }: OutputMetadata,
): Buffer<ArrayBuffer> {
  if (!writesDensity) return data
  if (type === 'png') return setPngDensity(data, density)
  if (type === 'jpeg') setJpegDensity(data, density)
  return data
}

function attachXmp(
  data: Buffer<ArrayBuffer>,
  type: FormatType,
  { xmp, warnings }: OutputMetadata,
): Buffer<ArrayBuffer> {
  if (xmp === undefined) return data
  if (type === 'gif') return addXmpToGif(data, xmp) ?? data
  if (type === 'jxl') return addJxlMetadata(data, { xmp: Buffer.from(xmp) })
  if (type !== 'jpeg' || readMainXmp(data) !== undefined) return data
  const file = addXmpToJpeg(data, xmp)
  if (file === undefined) warnings.add('The XMP is too long for a JPEG and was left out.')
  return file ?? data
}

function attachIptc(
  data: Buffer<ArrayBuffer>,
  type: FormatType,
  { iptc, warnings }: OutputMetadata,
): Buffer<ArrayBuffer> {
  if (iptc === undefined) return data
  if (type === 'tiff') return addToTiff(data, { iptc: iptc.iptc })
  if (type !== 'jpeg') return data
  const file = addIptcToJpeg(data, iptc.iptc)
  if (file === undefined) warnings.add('The IPTC is too long for a JPEG and was left out.')
  return file ?? data
}

async function attachExif(
  data: Buffer<ArrayBuffer>,
  type: FormatType,
  exif: ExifDirectories,
  warnings: Set<string>,
): Promise<Buffer<ArrayBuffer>> {
  if (type === 'gif') return data
  const { width, height, pageHeight, hasAlpha } = await readOutput(data)
  const size = { width, height: pageHeight ?? height }
  const { block, directories } = fit(withSize(exif, size), type, warnings)
  switch (type) {
    case 'jpeg':
      return addExifToJpeg(data, block)
    case 'png':
      return addExifToPng(data, block)
    case 'webp':
      return addExifToWebp(data, block, { ...size, hasAlpha })
    case 'jxl':
      return addJxlMetadata(data, { exif: block })
    case 'tiff':
      return addToTiff(data, { exif: directories })
    case 'avif': {
      const file = addExifToAvif(data, block)
      if (file === undefined) warnings.add('The EXIF could not be written into the AVIF and was left out.')
      return file ?? data
    }
  }
}

/** Returns the tags that a format needs, without those that the EXIF has. */
function withRequired(
  type: FormatType,
  { exif, density, keepsDensity }: OutputMetadata,
): ExifDirectories | undefined {
  if (type === 'jpeg' ? exif === undefined : type !== 'tiff' || !keepsDensity) return exif
  const { littleEndian, image, photo, gps } = exif ?? { littleEndian: true, image: [], photo: [], gps: [] }
  const known = new Set(image.map(({ tag }) => tag))
  const required = requiredTags(type === 'jpeg', density, littleEndian).filter(({ tag }) => !known.has(tag))
  return { littleEndian, image: [...image, ...required], photo, gps }
}

/** Bytes of EXIF that no photo needs, but a scientific TIFF may have. */
const MAX_EXIF_BYTES = 2 ** 20

/** Writes the block without long values if it would not fit. */
function fit(exif: ExifDirectories, type: FormatType, warnings: Set<string>) {
  const max = type === 'jpeg' ? MAX_JPEG_EXIF_BYTES : MAX_EXIF_BYTES
  let directories = exif
  for (const longest of [4096, 256]) {
    const block = writeExif(directories)
    if (block.length <= max) return { block, directories }
    directories = withoutLongValues(exif, longest)
    warnings.add(
      `EXIF values longer than ${longest} bytes were left out, since the EXIF does not fit into the file.`,
    )
  }
  return { block: writeExif(directories), directories }
}
