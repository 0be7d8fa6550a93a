import type { Metadata } from 'sharp'
import { throwIfAborted } from '../errors.js'
import { createCanvas } from '../image/compose-frames.js'
import type { Decoder, DecoderOptions } from '../image/types.js'
import {
  hasWrongChecksum,
  pngOfFrame,
  readApng,
  type Apng,
  type ApngFrame,
} from '../metadata/png/apng-frames.js'
import { isHdr } from '../metadata/colour-description.js'
import { writeRgbProfile } from '../metadata/icc-writer.js'
import { replaceColour } from '../metadata/png/chunks.js'
import { readPngColour } from '../metadata/png/colour.js'
import { createWebpWriter, MAX_WEBP_SIDE } from '../metadata/webp-writer.js'
import { createDamagedError, createUnreadError } from './errors.js'
import { createPause } from '../image/pause.js'
import { decodePixels, type FilePixels } from './pixels.js'
import { toneMap } from './tone-map.js'

/** A frame's pixels, and its place in the WebP. */
const BYTES_PER_PIXEL = 6

/**
 * Decoder of animated PNG. It composes the frames as browsers do, with 8 bits a channel, and returns a lossless WebP with
 * complete frames and the colours of the source. With one frame it returns a PNG.
 *
 * `decode` throws CORRUPT_IMAGE, UNSUPPORTED_FORMAT, TOO_MANY_PIXELS, TIMED_OUT and ABORTED.
 */
export const apngDecoder: Decoder = {
  bytesPerPixel: BYTES_PER_PIXEL,
  accepts({ format, bytes }) {
    const apng = format === 'png' ? readApng(bytes) : undefined
    return apng !== undefined && (apng.fault !== undefined || !isStill(apng))
  },
  async decode(bytes, metadata, options) {
    throwIfAborted(options.signal)
    const apng = readApng(bytes)
    if (apng === undefined) return bytes
    checkSound(bytes, apng, options)
    const { width, height, plays } = apng
    // Decoded leniently, a file without a whole frame shows its default picture.
    if (apng.frames.length === 0 || isStill(apng)) return bytes
    if (Math.max(width, height) > MAX_WEBP_SIDE)
      throw createUnreadError('APNG', `${width}x${height} pixels, above ${MAX_WEBP_SIDE} on a side`)
    // More pixels than this are refused later, but a still of the first frame can be made.
    const frames = apng.frames.slice(0, Math.max(1, Math.floor(options.maxPixels / (width * height))))
    const colours = readColours(bytes, metadata)
    const canvas = createCanvas(width, height)
    const webp = createWebpWriter({
      width,
      height,
      loop: plays,
      durations: frames.map(({ delay }) => delay),
      ...(colours.icc !== undefined && profileChunk(colours.icc)),
    })
    const pause = createPause(options)
    for (const frame of frames) {
      const pixels = await decodeFrame(bytes, frame, { colours, metadata, options })
      const { left, top, blends, disposal } = frame
      const shown = { left, top, width: frame.width, height: frame.height, pixels, blends, disposal }
      webp.add(canvas.show(shown))
      await pause()
    }
    return webp.finish()
  },
}

/** Returns true if the default picture is the only frame. sharp reads that. */
function isStill({ frames }: Apng): boolean {
  return frames.length === 1 && frames[0]!.isDefault
}

function checkSound(bytes: Uint8Array, { fault }: Apng, { failOn = 'error' }: DecoderOptions): void {
  if (failOn === 'none') return
  if (fault !== undefined) throw createDamagedError(fault)
  if (hasWrongChecksum(bytes)) throw createDamagedError('a checksum of a frame is wrong')
}

/** Meaning of the numbers of an APNG. */
interface Colours {
  /** True if each frame is converted to sRGB while it is decoded. */
  readonly areConverted: boolean
  readonly hdr: Parameters<typeof toneMap>[2] | undefined
  /** Profile of the frames as decoded; undefined for sRGB. */
  readonly icc: Uint8Array | undefined
}

function readColours(bytes: Uint8Array, { icc, space }: Metadata): Colours {
  const colour = readPngColour(bytes)
  // WebP has no grey, so that a profile of grey would not fit.
  if (colour === 'as-read' && icc !== undefined && (space === 'b-w' || space === 'grey16'))
    return { areConverted: true, hdr: undefined, icc: undefined }
  if (colour === undefined || colour === 'srgb')
    return { areConverted: false, hdr: undefined, icc: undefined }
  if (colour === 'as-read') return { areConverted: false, hdr: undefined, icc }
  if (isHdr(colour)) return { areConverted: false, hdr: colour, icc: undefined }
  const { primaries, transfer } = colour
  return { areConverted: false, hdr: undefined, icc: writeRgbProfile(primaries, transfer) }
}

const HAS_PROFILE = 0x20

/** Returns the chunk of a profile in a WebP, padded to an even length. */
function profileChunk(icc: Uint8Array) {
  const header = Buffer.from('ICCP\0\0\0\0', 'latin1')
  header.writeUInt32LE(icc.length, 4)
  return { before: Buffer.concat([header, icc, Buffer.alloc(icc.length % 2)]), flags: HAS_PROFILE }
}

interface Decoding {
  readonly colours: Colours
  readonly metadata: Metadata
  readonly options: DecoderOptions
}

/** Decodes one frame as RGBA of 8 bits. */
async function decodeFrame(
  bytes: Uint8Array,
  frame: ApngFrame,
  { colours, metadata, options }: Decoding,
): Promise<Uint8Array> {
  const png = pngOfFrame(bytes, frame)
  const pixels = await decodePixels(colours.areConverted ? png : replaceColour(png), metadata, {
    ...options,
    keepsColours: !colours.areConverted,
  })
  if (colours.hdr !== undefined) await toneMap(pixels.data, pixels.channels, colours.hdr)
  return toRgba(pixels)
}

function toRgba({ data, channels }: FilePixels): Uint8Array {
  const isDeep = data instanceof Uint16Array
  if (!isDeep && channels === 4) return data
  const to8 = (value: number) => (isDeep ? Math.round(value / 257) : value)
  const rgba = new Uint8Array((data.length / channels) * 4)
  for (let from = 0, to = 0; from < data.length; from += channels, to += 4) {
    rgba[to] = to8(data[from]!)
    rgba[to + 1] = to8(data[from + 1]!)
    rgba[to + 2] = to8(data[from + 2]!)
    rgba[to + 3] = channels === 4 ? to8(data[from + 3]!) : 255
  }
  return rgba
}
