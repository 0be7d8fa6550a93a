import type { Metadata } from 'sharp'
import { sharp } from '../sharp.js'
import type { OpenImage } from '../image/open-image.js'
import { addExifToAvif } from '../metadata/containers/avif.js'
import { addExifToJpeg, MAX_JPEG_EXIF_BYTES } from '../metadata/containers/jpeg.js'
import { addExifToTiff } from '../metadata/containers/tiff.js'
import { addExifToWebp } from '../metadata/containers/webp.js'
import { parseExif } from '../metadata/exif/parse-exif.js'
import { requiredTags, selectTags, withoutLongValues, withSize } from '../metadata/exif/select-tags.js'
import { writeExif, type ExifDirectories } from '../metadata/exif/write-exif.js'
import { keepsExif, type Keep } from '../metadata/keep.js'
import { readIptcCredit } from '../metadata/iptc.js'
import { readXmpCredit, type Credit } from '../metadata/xmp/credit.js'
import { filterXmp } from '../metadata/xmp/filter-xmp.js'
import { namesExtension } from '../metadata/xmp/extended-xmp.js'
import { addXmpToJpeg, readMainXmp } from '../metadata/xmp/jpeg-xmp.js'
import type { XmpSelection } from '../metadata/xmp/unwanted.js'
import { addExifToPng } from '../metadata/png-chunks.js'
import type { FormatType } from '../operations/settings/format.js'

/** Metadata that is written into an encoded file. sharp never writes EXIF: it would copy the embedded thumbnail. */
export interface OutputMetadata {
  readonly exif: ExifDirectories | undefined
  readonly xmp: string | undefined
  /** Pixels per inch. */
  readonly density: number
  /** True if a TIFF without EXIF gets the density too. libvips writes another. */
  readonly keepsDensity: boolean
  /** Collects sentences about metadata that could not be kept. */
  readonly warnings: Set<string>
}

/** The value of libvips, and of the standard for an unknown density. */
const DEFAULT_DENSITY = 72

/** The picture that an output shows. */
interface Shown {
  /** EXIF orientation, if the pixels are not turned by it. */
  readonly orientation: number | undefined
  /** True if all of the source is shown, perhaps turned by its orientation. */
  readonly isSamePicture: boolean
}

/** Selects the metadata of an output, before its pixels are made. */
export function planMetadata(
  { metadata, undrawn = [] }: OpenImage,
  keep: Keep,
  shown: Shown,
): OutputMetadata {
  const { density, exif, orientation: stored = 1 } = metadata
  const { orientation } = shown
  const warnings = new Set(
    undrawn.map((feature) => `The SVG uses ${feature}, which is not drawn as in browsers.`),
  )
  const block = exif && parseExif(exif)
  if (exif !== undefined && block === undefined && keepsExif(keep))
    warnings.add('The EXIF is damaged and was left out.')
  const isUpright = orientation === undefined
  const regions = shown.isSamePicture && (stored === 1 || !isUpright)
  return {
    exif: selectTags(block, { keep, orientation, ...(keep.copyright && { credit: readCredit(metadata) }) }),
    density: density ?? DEFAULT_DENSITY,
    keepsDensity: keep.exif && density !== undefined,
    xmp: selectXmp(metadata, { ...keep, orientation: !isUpright, regions }, warnings),
    warnings,
  }
}

/** Returns author and copyright of the XMP, or of the IPTC. */
function readCredit({ xmp, iptc }: Metadata): Credit {
  const { artist, copyright } = xmp === undefined ? {} : readXmpCredit(xmp)
  const other = iptc === undefined ? {} : readIptcCredit(iptc)
  return { artist: artist ?? other.artist, copyright: copyright ?? other.copyright }
}

function selectXmp(
  { xmp }: Metadata,
  selection: Keep & XmpSelection,
  warnings: Set<string>,
): string | undefined {
  if (xmp === undefined || !selection.xmp) return undefined
  const clean = filterXmp(xmp, selection)
  // It could hold anything, such as coordinates, or a picture of what was cropped away.
  if (clean === undefined) warnings.add('The XMP is not valid XML and was left out.')
  else if (namesExtension(xmp)) warnings.add('Parts of the XMP are missing in the source.')
  return clean || undefined
}

/** Returns an encoded file with its metadata. GIF has no place for EXIF. */
export async function attachMetadata(
  data: Buffer<ArrayBuffer>,
  type: FormatType,
  planned: OutputMetadata,
): Promise<Buffer<ArrayBuffer>> {
  const file = type === 'jpeg' ? attachXmp(data, planned) : data
  const exif = withRequired(type, planned)
  if (type === 'gif' && (exif ?? planned.xmp) !== undefined)
    planned.warnings.add('A GIF has no place for EXIF and XMP, so they were left out.')
  return exif === undefined || type === 'gif' ? file : attachExif(file, type, exif, planned.warnings)
}

/** sharp leaves XMP out that is too long for one segment of a JPEG. */
function attachXmp(jpeg: Buffer<ArrayBuffer>, { xmp, warnings }: OutputMetadata): Buffer<ArrayBuffer> {
  if (xmp === undefined || readMainXmp(jpeg) !== undefined) return jpeg
  const file = addXmpToJpeg(jpeg, xmp)
  if (file === undefined) warnings.add('The XMP is too long for a JPEG and was left out.')
  return file ?? jpeg
}

async function attachExif(
  data: Buffer<ArrayBuffer>,
  type: Exclude<FormatType, 'gif'>,
  exif: ExifDirectories,
  warnings: Set<string>,
): Promise<Buffer<ArrayBuffer>> {
  const { width, height, pageHeight, hasAlpha } = await sharp(data, { limitInputPixels: false }).metadata()
  const size = { width, height: pageHeight ?? height }
  const { block, directories } = fit(withSize(exif, size), type, warnings)
  switch (type) {
    case 'jpeg':
      return addExifToJpeg(data, block)
    case 'png':
      return addExifToPng(data, block)
    case 'webp':
      return addExifToWebp(data, block, { ...size, hasAlpha })
    case 'tiff':
      return addExifToTiff(data, directories)
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
