import type { Metadata } from 'sharp'
import { JXL_DECODE_BYTES, jxlEncodeBytes } from '../jxl/memory.js'
import type { Format } from '../operations/settings/format.js'

/**
 * Bytes per pixel of the source that decoding takes, whatever the output: the growth of the process's peak memory, measured
 * for 12 MP to 100x75 on libvips 8.18.
 */
const DECODE_BYTES: Readonly<Record<string, number>> = {
  // Decoded one row of blocks at a time; the rest is libjpeg's scaling.
  jpeg: 0.2,
  png: 0.6,
  tiff: 1,
  // For lossless WebP. Lossy WebP takes as much as JPEG, but the header does not tell them apart.
  webp: 4,
  gif: 5,
  avif: 18,
  // libheif in WebAssembly holds a copy of its own.
  heic: 30,
  // Decoded here: RGBA pixels, the uncompressed PNG of them, and sharp's copy of one.
  bmp: 16,
  ico: 16,
  cur: 16,
  pnm: 16,
  qoi: 16,
  jxl: JXL_DECODE_BYTES,
}
const DEFAULT_DECODE_BYTES = 4
/** Bytes per pixel of each further frame, where frames are decoded one after the other: RGBA, and the encoder's copy. */
const FRAME_BYTES: Readonly<Record<string, number>> = { avif: 8 }
/** Added for progressive JPEG, which holds all coefficients, and for interlaced PNG, which holds all pixels. */
const PROGRESSIVE_BYTES = 3
/** Bytes per output pixel: buffers of the resize and the encoder. */
const ENCODE_BYTES = 10
/** The AV1 encoder holds several copies of the picture. */
const ENCODE_AVIF_BYTES = 45

/** Returns the bytes per output pixel that making and encoding it takes. Without a format it is one of sharp's own. */
export function encodeBytesOf(format: Format | undefined): number {
  if (format?.type === 'avif') return ENCODE_AVIF_BYTES
  if (format?.type === 'jxl') return ENCODE_BYTES + jxlEncodeBytes(format)
  const mayBeJxl = format?.type === 'auto' && format.among?.includes('jxl') === true
  return mayBeJxl ? ENCODE_BYTES + jxlEncodeBytes({}) : ENCODE_BYTES
}

/** Bytes that a drawing takes, assumed before its size is known. */
export const UNREAD_DRAWING_BYTES = 64e6

/** Properties of a picture that are known before it is decoded. */
export interface UndecodedPicture {
  readonly metadata: Pick<Metadata, 'width' | 'height' | 'pages' | 'isProgressive' | 'depth'>
  readonly format: string
}

/**
 * Estimates the bytes of memory that decoding a picture and making an output takes.
 *
 * @param madePixels pixels of the largest intermediate picture or output; 0 to only decode.
 * @param encodeBytes bytes per pixel of that picture, as `encodeBytesOf` tells.
 * @param decodeBytes bytes per pixel of the source that a decoder takes. @default by the format
 */
export function estimatePictureMemory(
  { metadata, format }: UndecodedPicture,
  madePixels: number,
  encodeBytes = ENCODE_BYTES,
  decodeBytes = DECODE_BYTES[format] ?? DEFAULT_DECODE_BYTES,
): number {
  const { width, height, pages = 1, isProgressive, depth } = metadata
  const perPixel = decodeBytes + (isProgressive ? PROGRESSIVE_BYTES : 0)
  const depthFactor = depth === 'ushort' ? 2 : 1
  const frameBytes = FRAME_BYTES[format]
  const sourceBytes =
    frameBytes === undefined
      ? pages * perPixel * depthFactor
      : perPixel * depthFactor + (pages - 1) * frameBytes
  return Math.round(width * height * sourceBytes + madePixels * encodeBytes)
}
