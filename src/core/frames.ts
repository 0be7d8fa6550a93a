import sharp, { type Metadata, type OutputInfo } from 'sharp'
import type { Format } from '../ops/format.js'
import type { Picture } from '../ops/picture.js'
import { encode, type Timeline } from './encode.js'
import type { Carrier } from './run-pass.js'
import { sharpOptions, type OpenImage } from './source.js'

const RGBA = 4

/** Every frame of an animation as RGBA, whole: what a GIF leaves out of a frame is filled in. */
export async function decodeFrames({ bytes, options }: OpenImage, timeout: number): Promise<Carrier[]> {
  const { data, info } = await sharp(bytes, { ...sharpOptions(options), animated: true })
    .timeout({ seconds: timeout })
    .toColourspace('srgb')
    .ensureAlpha()
    .raw()
    .toBuffer({ resolveWithObject: true })
  const { width, pages = 1, height } = info
  const frameHeight = height / pages
  const size = width * frameHeight * RGBA
  return Array.from({ length: pages }, (_, index) => ({
    kind: 'raw',
    // Frames lie one below the other, so each is a stretch of its own.
    bytes: data.subarray(index * size, (index + 1) * size),
    width,
    height: frameHeight,
  }))
}

/** Joins stills to an animation with the timeline of the source. */
export async function encodeFrames(
  frames: readonly Carrier[],
  picture: Picture,
  format: Format,
  { delay, loop }: Metadata,
): Promise<{ data: Buffer; info: OutputInfo }> {
  const { width, height } = picture
  const strip = Buffer.alloc(width * height * RGBA * frames.length)
  let at = 0
  for (const { bytes } of frames) {
    const pixels = await sharp(bytes, { limitInputPixels: false })
      .toColourspace('srgb')
      .ensureAlpha()
      .raw()
      .toBuffer()
    at += pixels.copy(strip, at)
  }
  const raw = { width, height: height * frames.length, channels: RGBA, pageHeight: height } as const
  const timeline: Timeline = { ...(delay !== undefined && { delay }), ...(loop !== undefined && { loop }) }
  const out = encode(
    sharp(strip, { raw, limitInputPixels: false }),
    format,
    { ...picture, space: 'rgb' },
    timeline,
  )
  return out.toBuffer({ resolveWithObject: true })
}
