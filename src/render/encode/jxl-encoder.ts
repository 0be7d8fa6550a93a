import { jxlCodec } from '../../jxl/shared-codec.js'
import { toPng } from '../../jxl/to-png.js'
import { readJxl } from '../../jxl/read-header.js'
import type { JxlTimeline } from '../../jxl/types.js'
import type { Encoding } from '../../operations/settings/format.js'
import type { Timeline } from './timeline.js'
import type { EncodeOptions, EncoderInput } from './types.js'

type JxlFormat = Extract<Encoding, { type: 'jxl' }>

/**
 * Encodes raw pixels as JPEG XL, without EXIF and XMP, in a worker thread that ends when the signal aborts. Throws the errors
 * of `JxlCodec.encode`.
 */
export async function encodeJxl(
  pixels: EncoderInput,
  format: JxlFormat,
  { icc, signal, timeout, timeline }: EncodeOptions,
): Promise<Buffer<ArrayBuffer>> {
  const pages = pixels.data.length / (pixels.width * pixels.height * pixels.channels)
  const moving = pages > 1 ? toTimeline(pages, timeline) : undefined
  return jxlCodec.encode({ ...pixels, icc, timeline: moving }, format, { signal, seconds: timeout })
}

/** Browsers show shorter frames of a GIF or WebP as 100 ms. In JPEG XL a frame of no time is a layer of the next one. */
const MIN_MS = 11
const SLOW_MS = 100

function toTimeline(pages: number, { delay = [], loop = 0 }: Timeline = {}): JxlTimeline {
  const delays = Array.from({ length: pages }, (_, page) => delay[page] ?? 0)
  return { pages, loop, delay: delays.map((ms) => (ms < MIN_MS ? SLOW_MS : ms)) }
}

/** Seconds in which a picture that was just encoded has to be decoded. */
const DECODE_SECONDS = 60

/** Returns an encoded picture as a file that sharp reads: a JPEG XL is decoded, its first frame only. */
export async function toSharpFile(encoded: Uint8Array): Promise<Uint8Array> {
  const file = readJxl(encoded)
  if (file === undefined || file === 'damaged') return encoded
  const { width, height } = file.header
  const request = { width, height, pages: 1, failOn: 'error' } as const
  return toPng(await jxlCodec.decode(file.codestream, request, { seconds: DECODE_SECONDS }))
}
