import type { Metadata } from 'sharp'
import { isAnimated, type OpenImage } from '../image/open-image.js'
import { readJpegHeader } from '../image/jpeg-header.js'
import { transferOf } from '../metadata/colour-description.js'
import { openExif } from '../metadata/exif-reader.js'
import { readHeif } from '../metadata/heif.js'
import { readProfileName } from '../metadata/icc-profile.js'
import { readPngColour } from '../metadata/png-colour.js'
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
  return {
    space,
    ...(profile !== undefined && { profile }),
    channels,
    bits: bitsPerSample ?? BITS[depth] ?? 64,
    alpha: hasAlpha,
    ...(hdr !== undefined && { hdr }),
  }
}

function readHdrCurve(format: string, file: Uint8Array): 'pq' | 'hlg' | undefined {
  const curve = format === 'png' ? readPngCurve(file) : transferOf(readHeif(file)?.codes?.transfer ?? 0)
  return curve === 'pq' || curve === 'hlg' ? curve : undefined
}

function readPngCurve(file: Uint8Array) {
  const color = readPngColour(file)
  return typeof color === 'object' ? color.transfer : undefined
}

function readEncoding({ metadata, format }: OpenImage, file: Uint8Array): EncodingFacts {
  const { chromaSubsampling, isProgressive, compression } = metadata
  const jpegQuality = format === 'jpeg' ? estimateJpegQuality(file) : undefined
  return {
    ...(chromaSubsampling !== undefined && { chroma: chromaSubsampling }),
    ...(isProgressive && { progressive: true }),
    ...(compression !== undefined && { compression }),
    ...(jpegQuality !== undefined && { jpegQuality }),
  }
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
