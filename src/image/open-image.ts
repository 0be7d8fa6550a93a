import type { Metadata, SharpOptions } from 'sharp'
import { ImgprocError } from '../errors.js'
import type { FocalRegion } from '../operations/focal.js'
import { scaleSize } from '../operations/geometry.js'
import type { Picture, Size, RawPixels } from '../picture.js'
import { findUndrawnFeatures } from './svg-features.js'
import { maybeSvg, openDrawing, type Drawing } from './svg.js'
import { announcedSvgSize } from './svg-size.js'
import { estimatePictureMemory, UNREAD_DRAWING_BYTES } from './memory-estimate.js'
import type { FastCodec } from '../codec/types.js'
import type { Compute, Decoder, FailOn, Limits, SourceHeader } from './types.js'
import { checkFailOn, checkLimits, NO_PIXELS } from './limits.js'
import { readHeader, readSourceHeader } from './read-source-header.js'
import { hasContentCredentials } from '../metadata/c2pa.js'
import { countSequenceFrames } from '../metadata/heif/count-frames.js'
import type { AvifSequence } from '../metadata/heif/sequence.js'
import { readTiffTags } from '../metadata/tiff-tags.js'

/** Finds regions of a picture by a model. */
export type FindRegions = (what: 'faces' | 'objects', image: OpenImage) => Promise<readonly FocalRegion[]>

/** Options for opening an image. They also hold for its renditions. */
export interface OpenOptions {
  readonly limits: Limits
  readonly failOn: FailOn
  /** Reads a file that an operation names, such as a watermark. @default operations can't read files */
  readonly read?: ((ref: string) => Promise<Uint8Array>) | undefined
  /** Picture of a file that holds several, from 0 on, as `openPage` asks. @default the main one, or all frames */
  readonly page?: number | undefined
  /**
   * Finds faces or objects in the upright picture, the most important first; if there are none, the most salient point.
   * @default operations can't ask for them
   */
  readonly findRegions?: FindRegions | undefined
  /** Decoders of sources that sharp does not read, or reads wrongly. */
  readonly decoders?: readonly Decoder[] | undefined
  /** Faster implementation of some JPEG and PNG operations. @default sharp */
  readonly fastCodec?: FastCodec | undefined
  /** Schedules the work of decoders. @default runs it at once */
  readonly compute?: Compute | undefined
  readonly signal?: AbortSignal | undefined
}

/** Bytes and header of an image. */
export interface OpenImage {
  readonly bytes: Uint8Array
  readonly metadata: Metadata
  /** sharp's format, but avif or heic instead of `heif`. */
  readonly format: string
  readonly options: OpenOptions
  /** Layout of the bytes if they are raw pixels. */
  readonly raw?: SharpOptions['raw']
  /** Draws an SVG. Its bytes are never passed to sharp, because drawing them may take forever. */
  readonly draw?: Drawing['draw']
  /** Features of an SVG that are not drawn. */
  readonly undrawn?: readonly string[]
  /** True if the file has Content Credentials (C2PA). */
  readonly hasCredentials?: boolean
  /** Decoded pixels, upright and in sRGB. Given only if a first pass would not shrink on load. */
  readonly decoded?: RawPixels
  /** Bytes of the source, if a decoder converted them. */
  readonly original?: Uint8Array
  /** Frames, pages or pictures in the source, if there are several. */
  readonly pages?: number
  /** The one of them that this image is, from 0 on; undefined if it is an animation of all. */
  readonly page?: number
  /** Frames of an animated AVIF, the first of which the bytes hold as a still. */
  readonly sequence?: AvifSequence
  /** Why only the first frame of an animation is read, or how to keep all, as a sentence. */
  readonly onlyFirst?: string
  /** Ends the reservation of memory for bytes from a decoder. Call it when the bytes are no longer needed. */
  readonly release?: () => void
}

/**
 * Opens an image: reads its header, checks the limits, and calls the decoder that accepts it, if there is one.
 *
 * Throws CORRUPT_IMAGE, UNSUPPORTED_FORMAT, TOO_MANY_PIXELS, INVALID_USAGE for an invalid option, and the errors of a
 * decoder or of drawing an SVG (TIMED_OUT, INPUT_TOO_LARGE, ABORTED, INTERNAL).
 */
export async function openImage(file: Uint8Array, options: OpenOptions): Promise<OpenImage> {
  checkFailOn(options.failOn)
  if (file.length === 0) {
    throw new ImgprocError('CORRUPT_IMAGE', 'The file is empty (0 bytes). Copy or download it again.', {
      stage: 'decode',
    })
  }
  const svg = maybeSvg(file) ? await openSvg(file, options) : undefined
  if (svg !== undefined) return svg
  const { bytes, metadata, format, sequence, onlyFirst } = await readSourceHeader(file, options)
  const decoder = options.decoders?.find((each) => each.accepts({ bytes, metadata, format }))
  const hasCredentials = hasContentCredentials(file)
  const pages = describePages({ bytes, metadata, format, sequence, onlyFirst }, options.page)
  const own = { ...pages, hasCredentials, ...(sequence && { sequence, original: file }) }
  const unchanged = { bytes, metadata, format, options: strictOptions(bytes, format, options), ...own }
  if (decoder === undefined) return unchanged
  const { limits, failOn, signal, compute = atOnce } = options
  const { pixels: maxPixels, seconds } = limits
  const decode = async (): Promise<OpenImage> => {
    const { page } = options
    const decoded = await decoder.decode(bytes, metadata, { maxPixels, seconds, signal, failOn, page })
    if (decoded === bytes) return unchanged
    const made = await readHeader(decoded, options)
    const exif = made.exif ?? metadata.exif
    // A decoder may write less of it, and sharp read less.
    const [xmp, iptc] = [metadata.xmp ?? made.xmp, metadata.iptc ?? made.iptc]
    const release = compute.reserve(decoded.length)
    const texts = { ...(exif && { exif }), ...(xmp && { xmp }), ...(iptc && { iptc }) }
    const described = { ...made, ...timelineOf(metadata), ...texts }
    // The file from a decoder holds one picture, or all frames.
    const rest = { ...options, page: undefined }
    return { bytes: decoded, original: file, metadata: described, format, options: rest, release, ...own }
  }
  // A decoder gets the first frame of a sequence.
  const decoded = sequence === undefined ? metadata : { ...metadata, pages: 1 }
  return compute(decode, estimatePictureMemory({ metadata: decoded, format }, 0, 0, decoder.bytesPerPixel))
}

/** Returns the number of pictures in a source, and the one of them that is read. */
function describePages(
  { onlyFirst = 'Convert it to an animated WebP or PNG first to keep all.', ...source }: SourceHeader,
  asked: number | undefined,
): Pick<OpenImage, 'pages' | 'page' | 'onlyFirst'> {
  const isHeif = source.format === 'avif' || source.format === 'heic'
  const hidden = isHeif ? countSequenceFrames(source.bytes) : undefined
  if (hidden !== undefined) return { pages: hidden, page: 0, onlyFirst }
  const { pages = 1, pagePrimary = 0 } = source.metadata
  if (pages === 1) return {}
  return isAnimated(source) ? { pages } : { pages, page: asked ?? pagePrimary }
}

/** Tag of the width of tiles. */
const TILE_WIDTH = 322

function hasTiles(bytes: Uint8Array): boolean {
  return readTiffTags(bytes)?.tags.has(TILE_WIDTH) ?? false
}

/** Returns the timeline of an animation, which the file from a decoder may hold only in part. */
function timelineOf({ pages, delay, loop }: Metadata): Partial<Metadata> {
  return delay === undefined || loop === undefined
    ? {}
    : { ...(pages !== undefined && { pages }), delay, loop }
}

/**
 * Returns the options with which damage is found. At `error` libvips leaves tiles of a TIFF black that it can't decode;
 * at `warning` it fails, and other than for strips it does so for nothing less.
 */
function strictOptions(bytes: Uint8Array, format: string, options: OpenOptions): OpenOptions {
  const isSettled = options.failOn === 'none' || options.failOn === 'warning'
  return isSettled || format !== 'tiff' || !hasTiles(bytes) ? options : { ...options, failOn: 'warning' }
}

/** Runs work without waiting: for a single image. */
export const atOnce: Compute = Object.assign(async <T>(work: () => Promise<T>) => work(), {
  reserve: () => () => {},
})

async function openSvg(bytes: Uint8Array, options: OpenOptions): Promise<OpenImage | undefined> {
  const { limits, signal, compute = atOnce } = options
  const { pixels: maxPixels, seconds } = limits
  checkLimits(announcedSvgSize(bytes) ?? NO_PIXELS, limits)
  const drawing = await compute(
    () => openDrawing(bytes, { maxPixels, seconds, signal }),
    UNREAD_DRAWING_BYTES,
  )
  if (drawing === undefined) return undefined
  const { metadata, draw } = drawing
  checkLimits(metadata, limits)
  return { bytes, metadata, format: 'svg', options, draw, undrawn: findUndrawnFeatures(bytes) }
}

/** Returns an image that sharp can decode: draws an SVG at its own size, returns other images unchanged. */
export async function toPixels(image: OpenImage): Promise<OpenImage> {
  return image.draw === undefined ? image : { ...image, bytes: await image.draw(image.metadata) }
}

/** Returns sharp's options for a first pass. */
export function sharpOptions({ limits, failOn, page }: OpenOptions): SharpOptions {
  return { failOn, limitInputPixels: limits.pixels, ...(page !== undefined && { page }) }
}

/** Formats whose pages are frames. Those of a TIFF, HEIC or icon are not. */
const ANIMATED: ReadonlySet<string> = new Set(['gif', 'jxl', 'webp', 'png'])

/** Returns true for an AVIF, GIF, JPEG XL, WebP or PNG of several frames. */
export function isAnimated({
  format,
  metadata,
  sequence,
}: Pick<SourceHeader, 'format' | 'metadata' | 'sequence'>): boolean {
  return sequence !== undefined || (ANIMATED.has(format) && (metadata.pages ?? 1) > 1)
}

/** Default pixels per inch of an SVG; librsvg's default. */
export const DENSITY = 72

/**
 * Returns the picture that enters the first pass.
 *
 * @param density pixels per inch at which an SVG is drawn.
 */
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
    // Frames of animations have 8 bits a channel.
    depth: metadata.depth === 'ushort' && !animated ? 16 : 8,
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
