import type { Metadata } from 'sharp'
import { sharp } from '../sharp.js'
import { ImgprocError, throwIfAborted } from '../errors.js'
import type { Decoder, DecoderOptions } from '../image/types.js'
import type { JxlCodec } from '../jxl/codec.js'
import { JXL_DECODE_BYTES } from '../jxl/memory.js'
import { readJxl, type JxlFile } from '../jxl/read-header.js'
import { toPng } from '../jxl/to-png.js'
import type { JxlPixels } from '../jxl/types.js'
import { BT709, primariesOf } from '../metadata/colour-description.js'
import { createWebpWriter, MAX_WEBP_SIDE } from '../metadata/webp-writer.js'
import { unpremultiply, type FilePixels } from './pixels.js'
import { toneMap } from './tone-map.js'

/**
 * Creates a decoder of JPEG XL. It returns a PNG of 8 or 16 bits, or a WebP with all frames of an animation, of 8 bits: upright,
 * with the ICC profile, and HDR brought to the range of sRGB.
 *
 * `decode` throws CORRUPT_IMAGE, TOO_MANY_PIXELS, UNSUPPORTED_FORMAT (also if the optional package wasm-vips is not installed),
 * INPUT_TOO_LARGE, TIMED_OUT, ABORTED, and INTERNAL if a thread crashes.
 *
 * @example
 * ```ts
 * const jxl = createJxlDecoder(createJxlCodec())
 * const bytes = await readFile('photo.jxl')
 * const { metadata } = await readSourceHeader(bytes, { limits: DEFAULT_LIMITS, failOn: 'error' })
 * const png = await jxl.decode(bytes, metadata, { maxPixels: 1e8, seconds: 60 })
 * ```
 */
export function createJxlDecoder(codec: JxlCodec): Decoder {
  return {
    accepts: ({ format }) => format === 'jxl',
    bytesPerPixel: JXL_DECODE_BYTES,
    retainedBytes: codec.retainedBytes,
    async decode(bytes, metadata, options) {
      throwIfAborted(options.signal)
      const file = readJxl(bytes)
      if (file === undefined || file === 'damaged') throw createDamagedError('it has no header')
      if (file.header.hasBlack) throw createUnsupportedError()
      const { width, height } = metadata
      const { signal, seconds, failOn = 'error' } = options
      const pages = countPages(metadata, options)
      checkNotCutOff(file, failOn)
      const pixels = await codec.decode(
        file.codestream,
        { width, height, pages, failOn },
        { signal, seconds },
      )
      checkSame(pixels, metadata)
      const shown = await correct(pixels, file)
      return shown.timeline === undefined ? toPng(shown, metadata) : toWebp(shown)
    },
  }
}

/** More pixels than the limit are refused later, but a still of the first frame can be made. */
function countPages({ width, height, pages = 1 }: Metadata, { maxPixels }: DecoderOptions): number {
  if (width * height > maxPixels) {
    throw new ImgprocError(
      'TOO_MANY_PIXELS',
      `${width}x${height} is more than the limit of ${maxPixels} pixels. If you trust the file, raise limits.pixels (--limit-pixels).`,
      { stage: 'decode' },
    )
  }
  // Pages are read all, or only the first.
  return width * height * pages > maxPixels ? 1 : pages
}

function checkNotCutOff({ missing }: JxlFile, failOn: DecoderOptions['failOn']): void {
  if (missing > 0 && failOn !== 'none')
    throw createDamagedError(`it ends too early, ${missing} bytes are missing`)
}

/** Refuses pixels that the header does not describe. */
function checkSame({ width, height, channels }: JxlPixels, expected: Metadata): void {
  if (width === expected.width && height === expected.height && channels === expected.channels) return
  throw createDamagedError(
    `its header tells ${expected.width}x${expected.height} with ${expected.channels} channels, but its pixels are ${width}x${height} with ${channels}`,
  )
}

/** Divides by alpha, tone-maps HDR to sRGB, and leaves out the profile of sRGB. */
async function correct(pixels: JxlPixels, { header }: JxlFile): Promise<JxlPixels> {
  const { colour, isPremultiplied } = header
  if (isPremultiplied && pixels.channels === 4) unpremultiply(toFilePixels(pixels))
  if (colour.kind === 'profile') return pixels
  if (colour.kind === 'hdr' && pixels.channels > 2) {
    const { transfer } = colour
    await toneMap(pixels.data, pixels.channels, {
      primaries: primariesOf(colour.primaries) ?? BT709,
      transfer,
    })
  }
  return { ...pixels, icc: undefined }
}

function toFilePixels({ width, height, data }: JxlPixels): FilePixels {
  return { width, height, channels: 4, data }
}

/** Writes frames of 8 bits as an animation that sharp reads. */
async function toWebp({ width, height, channels, data, icc, timeline }: JxlPixels): Promise<Uint8Array> {
  const { pages, delay, loop } = timeline!
  if (Math.max(width, height) > MAX_WEBP_SIDE) throw createTooLargeError(width, height)
  const rgba = await toRgba({ width, height: height * pages, channels, data })
  const durations = Array.from({ length: pages }, (_, page) => delay[page] ?? 0)
  const webp = createWebpWriter({ width, height, loop, durations, ...profileChunk(icc) })
  const frameBytes = width * height * 4
  for (let page = 0; page < pages; page++) webp.add(rgba.subarray(page * frameBytes, (page + 1) * frameBytes))
  return webp.finish()
}

/** Bit of VP8X for a profile. */
const HAS_PROFILE = 0x20

function profileChunk(icc: Uint8Array | undefined) {
  if (icc === undefined) return {}
  const chunk = Buffer.alloc(8 + icc.length + (icc.length % 2))
  chunk.write('ICCP', 'latin1')
  chunk.writeUInt32LE(icc.length, 4)
  chunk.set(icc, 8)
  return { before: chunk, flags: HAS_PROFILE }
}

async function toRgba({ width, height, channels, data }: JxlPixels): Promise<Buffer> {
  return sharp(data, { raw: { width, height, channels }, limitInputPixels: false })
    .toColourspace('srgb')
    .ensureAlpha()
    .raw({ depth: 'uchar' })
    .toBuffer()
}

function createDamagedError(reason: string): ImgprocError {
  return new ImgprocError('CORRUPT_IMAGE', `The JPEG XL is damaged: ${reason}. Replace the file.`, {
    stage: 'decode',
  })
}

function createUnsupportedError(): ImgprocError {
  const message =
    'The JPEG XL is in CMYK, which is not supported. Convert it to RGB first, or to a TIFF or JPEG in CMYK.'
  return new ImgprocError('UNSUPPORTED_FORMAT', message, { stage: 'decode' })
}

function createTooLargeError(width: number, height: number): ImgprocError {
  const message = `The JPEG XL is an animation of ${width}x${height}, which is not supported above ${MAX_WEBP_SIDE} pixels a side. Make it smaller first.`
  return new ImgprocError('UNSUPPORTED_FORMAT', message, { stage: 'decode' })
}
