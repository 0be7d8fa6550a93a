import type { Metadata, SharpOptions } from 'sharp'
import { sharp } from '../sharp.js'
import { ImgprocError } from '../errors.js'
import { scaleSize } from '../operations/geometry.js'
import type { Picture, Size, RawPixels } from '../picture.js'
import { readJpegMetadata } from './jpeg-metadata.js'
import { explainSharpError } from './explain-sharp-error.js'
import { maybeSvg, openDrawing, type Drawing } from './svg.js'
import { estimatePictureMemory, DRAWING } from './memory-estimate.js'
import type { FastJpeg } from '../jpeg/types.js'
import type { Compute, Decoder, FailOn, Limits } from './types.js'
import { checkFailOn, checkLimits } from './limits.js'

/** How an image is opened. */
export interface OpenOptions {
  readonly limits: Limits
  readonly failOn: FailOn
  /** Reads a file that an operation names, such as a watermark; none is read unless it is given. */
  readonly read?: ((ref: string) => Promise<Uint8Array>) | undefined
  /** What reads formats that sharp doesn't. */
  readonly decoders?: readonly Decoder[] | undefined
  /** For JPEGs. @default sharp's way */
  readonly fastJpeg?: FastJpeg | undefined
  /** For what is decoded while the image is opened. @default at once */
  readonly compute?: Compute | undefined
  readonly signal?: AbortSignal | undefined
}

/** An image's bytes and what its header says. */
export interface OpenImage {
  readonly bytes: Uint8Array
  readonly metadata: Metadata
  /** The format in our words: `heif` is told apart into avif and heic. */
  readonly format: string
  readonly options: OpenOptions
  /** Where the bytes are bare pixels: what they are. */
  readonly raw?: SharpOptions['raw']
  /** Of an SVG: sharp itself is never given its bytes, which may keep it busy for ever. */
  readonly draw?: Drawing['draw']
  /** All of its pixels, upright and in sRGB, where they are decoded already and a first pass would decode no fewer. */
  readonly decoded?: RawPixels
  /** Of what one of our decoders has read: tells `compute` that nobody needs its bytes any more. */
  readonly release?: () => void
}

/** Reads the header. Throws CORRUPT_IMAGE, UNSUPPORTED_FORMAT, TOO_MANY_PIXELS; INVALID_USAGE for a bad option. */
export async function openImage(bytes: Uint8Array, options: OpenOptions): Promise<OpenImage> {
  checkFailOn(options.failOn)
  if (bytes.length === 0) {
    throw new ImgprocError('CORRUPT_IMAGE', 'The file is empty (0 bytes).', { stage: 'decode' })
  }
  const vectors = maybeSvg(bytes) ? await openVectors(bytes, options) : undefined
  if (vectors !== undefined) return vectors
  // What is too large is refused below, with its size: a header costs nothing.
  const metadata = readJpegMetadata(bytes) ?? (await readHeader(bytes, options))
  const format =
    metadata.format === 'heif' ? (metadata.compression === 'av1' ? 'avif' : 'heic') : metadata.format
  checkLimits(metadata, options.limits)
  const decoder = options.decoders?.find(({ formats }) => formats.includes(format))
  if (decoder === undefined) return { bytes, metadata, format, options }
  const { limits, signal, compute = atOnce } = options
  const { pixels: maxPixels, seconds } = limits
  const decode = async (): Promise<OpenImage> => {
    const decoded = await decoder.decode(bytes, metadata, { maxPixels, seconds, signal })
    const header = await sharp(decoded).metadata()
    return { bytes: decoded, metadata: header, format, options, release: compute.reserve(decoded.length) }
  }
  return compute(decode, estimatePictureMemory({ metadata, format }, 0))
}

async function readHeader(bytes: Uint8Array, options: OpenOptions): Promise<Metadata> {
  return sharp(bytes, { ...sharpOptions(options), limitInputPixels: false })
    .metadata()
    .catch((error: unknown) => {
      throw explainSharpError(error, 'decode')
    })
}

/** Where nobody else is at work. */
export const atOnce: Compute = Object.assign(async <T>(work: () => Promise<T>) => work(), {
  reserve: () => () => {},
})

async function openVectors(bytes: Uint8Array, options: OpenOptions): Promise<OpenImage | undefined> {
  const { limits, signal, compute = atOnce } = options
  const { pixels: maxPixels, seconds } = limits
  const drawing = await compute(() => openDrawing(bytes, { maxPixels, seconds, signal }), DRAWING)
  if (drawing === undefined) return undefined
  const { metadata, draw } = drawing
  checkLimits(metadata, limits)
  return { bytes, metadata, format: 'svg', options, draw }
}

/** The same image as a file that sharp may be given: an SVG is drawn, anything else is one already. */
export async function toPixels(image: OpenImage): Promise<OpenImage> {
  return image.draw === undefined ? image : { ...image, bytes: await image.draw(image.metadata) }
}

/** How every first pass opens the source. */
export function sharpOptions({ limits, failOn }: OpenOptions): SharpOptions {
  return { failOn, limitInputPixels: limits.pixels }
}

/** Whether the frames of an image are an animation: those of a GIF or WebP are, a TIFF's pages are not. */
export function isAnimated({ format, metadata }: OpenImage): boolean {
  return (format === 'gif' || format === 'webp') && (metadata.pages ?? 1) > 1
}

/** Pixels an inch, unless told otherwise: librsvg's own. */
export const DENSITY = 72

/** The picture that enters the first pass; an SVG's at a density in pixels an inch. */
export function pictureOf(
  image: OpenImage,
  autoOrient: boolean,
  animated: boolean,
  density = DENSITY,
): Picture {
  const { metadata, format } = image
  const size = sizeOf(image, autoOrient, density)
  return {
    width: size.width,
    height: autoOrient ? (metadata.pageHeight ?? size.height) : size.height,
    pages: animated ? (metadata.pages ?? 1) : 1,
    alpha: metadata.hasAlpha,
    depth: metadata.depth === 'ushort' ? 16 : 8,
    space: /^(?:b-w|grey16)$/.test(metadata.space ?? '')
      ? 'grey'
      : metadata.space === 'cmyk'
        ? 'cmyk'
        : 'rgb',
    vector: format === 'svg',
    shrinks: format === 'jpeg' || format === 'webp',
  }
}

function sizeOf({ metadata, draw }: OpenImage, autoOrient: boolean, density: number): Size {
  if (draw !== undefined) return scaleSize(metadata, density / DENSITY)
  return autoOrient
    ? metadata.autoOrient
    : { width: metadata.width, height: metadata.pageHeight ?? metadata.height }
}
