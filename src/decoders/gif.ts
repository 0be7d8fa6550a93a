import type { Metadata } from 'sharp'
import { ImgprocError } from '../errors.js'
import type { Decoder, DecoderOptions } from '../image/types.js'
import { readGif, type GifFrame, type GifStructure } from '../metadata/gif-frames.js'
import { createWebpWriter, MAX_WEBP_SIDE } from '../metadata/webp-writer.js'
import { createCanvas, type Frame } from '../image/compose-frames.js'
import { decodeLzw } from './frames/lzw.js'
import { createPause } from '../image/pause.js'

/**
 * Creates a decoder of GIFs whose frames libnsgif composes wrongly: it paints uncovered areas black, and disposed areas in
 * the background colour, unless frames have a transparent colour. It returns a lossless WebP with complete frames.
 *
 * `decode` throws CORRUPT_IMAGE, UNSUPPORTED_FORMAT, TIMED_OUT and ABORTED.
 */
export function createGifDecoder(): Decoder {
  return {
    accepts({ format, bytes, metadata }) {
      const gif = format === 'gif' ? readGif(bytes) : undefined
      // If the two disagree on the number of frames, the file is damaged.
      return gif !== undefined && gif.frames.length === (metadata.pages ?? 1) && isComposedWrongly(gif)
    },
    async decode(bytes, metadata, options) {
      const gif = readGif(bytes)
      if (gif === undefined) throw createDamagedError()
      const { width, height } = sizeOf(gif)
      if (Math.max(width, height) > MAX_WEBP_SIDE) throw createTooLargeError(width, height)
      const canvas = createCanvas(width, height)
      const { loop = 0, delay = [] } = metadata
      // More pixels than this are refused later, but a still of the first frame can be made.
      const frames = gif.frames.slice(0, Math.max(1, Math.floor(options.maxPixels / (width * height))))
      const durations = frames.map((_, index) => delay[index] ?? 0)
      const webp = createWebpWriter({ width, height, loop, durations })
      const pause = createPause(options)
      for (const frame of frames) {
        webp.add(canvas.show(decodeFrame(bytes, frame, options)))
        await pause()
      }
      return webp.finish()
    },
  }
}

/** Returns the size of the canvas. Browsers and libnsgif enlarge it to the first frame. */
function sizeOf({ width, height, frames }: GifStructure): Pick<Metadata, 'width' | 'height'> {
  const { left, top, ...first } = frames[0]!
  return { width: Math.max(width, left + first.width), height: Math.max(height, top + first.height) }
}

/**
 * Returns true if libnsgif may compose the frames unlike browsers. It knows transparency only if a frame has a transparent
 * colour; it mixes up the rows of an interlaced frame that is cut off at the bottom; and without a colour table it alternates
 * black and white.
 */
function isComposedWrongly(gif: GifStructure): boolean {
  const { width, height } = sizeOf(gif)
  const { frames } = gif
  const first = frames[0]!
  const isOpaque = frames.every(({ transparentIndex }) => transparentIndex === undefined)
  const covers = first.left === 0 && first.top === 0 && first.width === width && first.height === height
  if (isOpaque && (!covers || DISPOSALS[first.disposal] === 'previous')) return true
  return frames.some(
    (frame, at) =>
      frame.palette.length === 0 ||
      (frame.isInterlaced && frame.top + frame.height > height) ||
      (frame.disposal === 2 && frame.transparentIndex === undefined && at < frames.length - 1),
  )
}

function decodeFrame(bytes: Uint8Array, frame: GifFrame, { failOn, maxPixels }: DecoderOptions): Frame {
  const { left, top, width, height, palette, transparentIndex, disposal, isInterlaced } = frame
  // A frame may be far larger than the canvas, which alone was checked.
  if (width * height > maxPixels) throw createTooManyPixelsError(width, height, maxPixels)
  const { indices, decoded, isDamaged } = decodeLzw(bytes, frame.dataAt, width * height)
  if (isDamaged && failOn !== 'none') throw createDamagedError()
  const colours = toColours(palette, transparentIndex)
  const pixels = new Uint32Array(width * height)
  if (isInterlaced) {
    for (const [stored, row] of interlacedRows(height).entries())
      for (let x = 0; x < width && stored * width + x < decoded; x++)
        pixels[row * width + x] = colours[indices[stored * width + x]!]!
  } else for (let at = 0; at < decoded; at++) pixels[at] = colours[indices[at]!]!
  const disposed = DISPOSALS[disposal] ?? 'keep'
  return { left, top, width, height, pixels: new Uint8Array(pixels.buffer), blends: true, disposal: disposed }
}

/** Returns the RGBA colours of all indices, in the machine's byte order. Indices without a colour are black. */
function toColours(palette: Uint8Array, transparentIndex: number | undefined): Uint32Array {
  const bytes = new Uint8Array(256 * 4)
  for (let index = 0; index < 256; index++) {
    if (index === transparentIndex) continue
    bytes.set(palette.subarray(index * 3, index * 3 + 3), index * 4)
    bytes[index * 4 + 3] = 255
  }
  return new Uint32Array(bytes.buffer)
}

/** Old files have 4 for 3. Browsers restore the previous canvas for both, and ignore 5 to 7. */
const DISPOSALS = ['keep', 'keep', 'background', 'previous', 'previous'] as const

/** Returns the rows in the order in which they are stored: four passes (GIF89a specification, appendix E). */
function interlacedRows(height: number): number[] {
  const passes = [
    [0, 8],
    [4, 8],
    [2, 4],
    [1, 2],
  ] as const
  return passes.flatMap(([first, step]) =>
    Array.from({ length: Math.max(0, Math.ceil((height - first) / step)) }, (_, row) => first + row * step),
  )
}

function createDamagedError(): ImgprocError {
  const message =
    'The image is damaged: it cannot be decoded completely. Replace the file, or decode the part that is left with failOn none (--fail-on none).'
  return new ImgprocError('CORRUPT_IMAGE', message, { stage: 'decode' })
}

function createTooManyPixelsError(width: number, height: number, maxPixels: number): ImgprocError {
  const message = `A frame of ${width}x${height} is more than the limit of ${maxPixels} pixels. If you trust the file, raise limits.pixels (--limit-pixels).`
  return new ImgprocError('TOO_MANY_PIXELS', message, { stage: 'decode' })
}

function createTooLargeError(width: number, height: number): ImgprocError {
  const message = `The GIF is ${width}x${height} and leaves a part of its canvas uncovered. That is not supported above ${MAX_WEBP_SIDE} pixels a side. Save it with frames that cover the canvas.`
  return new ImgprocError('UNSUPPORTED_FORMAT', message, { stage: 'decode' })
}
