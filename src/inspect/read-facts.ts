import type { Metadata } from 'sharp'
import { isAnimated, type OpenImage } from '../image/open-image.js'
import { readJpegHeader } from '../image/jpeg-header.js'
import { transferOf } from '../metadata/colour-description.js'
import { readJxl } from '../jxl/read-header.js'
import { openExif } from '../metadata/exif-reader.js'
import { readHeif } from '../metadata/heif.js'
import { readProfileName } from '../metadata/icc-profile.js'
import { readPngColour } from '../metadata/png/colour.js'
import { estimateJpegQuality } from './jpeg-quality.js'
import { readMetadata } from './read-metadata.js'
import type { AnimationFacts, ColorFacts, EncodingFacts, Inspection } from './types.js'

/** Bits a channel by libvips' names of number types. */
const BITS: Readonly<Record<string, number>> = {
  uchar: 8,
  char: 8,
  ushort: 16,
  short: 16,
  uint: 32,
  int: 32,
  float: 32,
}

/**
 * Returns the facts that the header of a file tells.
 *
 * @param file bytes of the source, which may differ from those of the image.
 */
export function readFacts(image: OpenImage, file: Uint8Array, withPosition: boolean): Inspection {
  const { metadata, format, hasCredentials = false } = image
  const { orientation = 1, density, autoOrient, pageHeight, pages = 1 } = metadata
  const animation = isAnimated(image) ? readAnimation(metadata) : undefined
  const preview = readPreview(metadata)
  return {
    format,
    bytes: file.length,
    width: autoOrient.width,
    height: pageHeight ?? autoOrient.height,
    ...(orientation > 1 && { orientation }),
    // libvips reports 72 if the file tells nothing.
    ...(density !== undefined && density !== 72 && { density }),
    color: readColor(image, file),
    encoding: readEncoding(image, file),
    ...(animation !== undefined && { animation }),
    ...(pages > 1 && animation === undefined && { pages }),
    metadata: {
      ...readMetadata(metadata, withPosition),
      ...(hasCredentials && { contentCredentials: true }),
    },
    ...(preview !== undefined && { preview }),
  }
}

function readColor({ metadata, format }: OpenImage, file: Uint8Array): ColorFacts {
  const { space, channels, depth, bitsPerSample, hasAlpha, icc, gainMap } = metadata
  const profile = icc && readProfileName(icc)
  const hdr = gainMap === undefined ? readHdrCurve(format, file) : 'gain map'
  // A decoder turns other depths into 8 or 16 bits.
  const stored = readJxlFile(file)?.header.bits
  return {
    space,
    ...(profile !== undefined && { profile }),
    channels,
    bits: stored ?? bitsPerSample ?? BITS[depth] ?? 64,
    alpha: hasAlpha,
    ...(hdr !== undefined && { hdr }),
  }
}

function readJxlFile(file: Uint8Array) {
  const jxl = readJxl(file)
  return jxl === 'damaged' ? undefined : jxl
}

function readHdrCurve(format: string, file: Uint8Array): 'pq' | 'hlg' | undefined {
  const colour = readJxlFile(file)?.header.colour
  if (colour?.kind === 'hdr') return colour.transfer
  const curve = format === 'png' ? readPngCurve(file) : transferOf(readHeif(file)?.codes?.transfer ?? 0)
  return curve === 'pq' || curve === 'hlg' ? curve : undefined
}

function readPngCurve(file: Uint8Array) {
  const color = readPngColour(file)
  return typeof color === 'object' ? color.transfer : undefined
}

function readEncoding({ metadata, format }: OpenImage, file: Uint8Array): EncodingFacts {
  const { chromaSubsampling, isProgressive } = metadata
  const compression = metadata.compression ?? readJxlCompression(file)
  const jpegQuality = format === 'jpeg' ? estimateJpegQuality(file) : undefined
  return {
    ...(chromaSubsampling !== undefined && { chroma: chromaSubsampling }),
    ...(isProgressive && { progressive: true }),
    ...(compression !== undefined && { compression }),
    ...(jpegQuality !== undefined && { jpegQuality }),
  }
}

/** Tells how a JPEG XL holds its pixels: as the coefficients of a JPEG, or in XYB, which is lossy; undefined for neither. */
function readJxlCompression(file: Uint8Array): string | undefined {
  const jxl = readJxlFile(file)
  if (jxl?.holdsJpeg === true) return 'jpeg, which it can give back'
  return jxl?.header.isXyb === true ? 'xyb' : undefined
}

function readAnimation({ pages = 1, loop = 0, delay = [] }: Metadata): AnimationFacts {
  return { frames: pages, loop, delays: delay.slice(0, pages) }
}

function readPreview({ exif }: Metadata): Inspection['preview'] {
  const jpeg = openExif(exif)?.thumbnail
  const header = jpeg && readJpegHeader(jpeg)
  if (jpeg === undefined || header === undefined) return undefined
  return { width: header.width, height: header.height, bytes: jpeg.length }
}
