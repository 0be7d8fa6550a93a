import type { Metadata } from 'sharp'

/**
 * Bytes that decoding holds for each pixel of the source, whatever is made of it: the peak of a process over what it
 * holds anyway, measured with 12 MP to 100x75 on libvips 8.18.
 */
const DECODED: Readonly<Record<string, number>> = {
  // A line of blocks at a time; libjpeg's scaling takes the rest.
  jpeg: 0.2,
  png: 0.6,
  tiff: 1,
  // Lossless WebP; the lossy kind is read like a JPEG, but no header tells the two apart.
  webp: 4,
  gif: 5,
  avif: 18,
  // libheif as WebAssembly holds its own copy beside what it hands over.
  heic: 30,
}
const ANY_OTHER = 4
/** Progressive JPEG holds all its coefficients, interlaced PNG all its pixels. */
const PROGRESSIVE = 3
/** For each pixel that comes out: buffers of the scaling and the encoder. */
const MADE = 10
/** The AV1 encoder holds several pictures. */
const MADE_AS_AVIF = 45

/** What a drawing takes that nobody has looked at yet. */
export const DRAWING = 64e6

/** What is known of a picture before it is decoded. */
export interface Weighed {
  readonly metadata: Pick<Metadata, 'width' | 'height' | 'pages' | 'isProgressive' | 'depth'>
  readonly format: string
}

/**
 * About how many bytes decoding a picture and making something of it takes.
 *
 * @param made pixels of the largest picture that is made on the way.
 */
export function estimatePictureMemory({ metadata, format }: Weighed, made: number, toAvif = false): number {
  const { width, height, pages = 1, isProgressive, depth } = metadata
  const perPixel = (DECODED[format] ?? ANY_OTHER) + (isProgressive ? PROGRESSIVE : 0)
  const depths = depth === 'ushort' ? 2 : 1
  return Math.round(width * height * pages * perPixel * depths + made * (toAvif ? MADE_AS_AVIF : MADE))
}
