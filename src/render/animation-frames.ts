import type { OutputInfo } from 'sharp'
import { sharp } from '../sharp.js'
import type { Encoding } from '../operations/settings/format.js'
import type { Picture } from '../picture.js'
import { encode, type Timeline } from './encode/encoder.js'
import { addMetadata } from '../metadata/png-chunks.js'
import { keepMetadata } from './passes/run-pass.js'
import type { PixelSource, PassOptions } from './passes/types.js'
import { sharpOptions, type OpenImage } from '../image/open-image.js'

const RGBA = 4

/** Every frame of an animation as RGBA, whole: what a GIF leaves out of a frame is filled in. */
export async function decodeFrames(
  { bytes, options }: OpenImage,
  keepColours: boolean,
  timeout: number,
): Promise<PixelSource[]> {
  const image = sharp(bytes, { ...sharpOptions(options), animated: true })
  const { data, info } = await (keepColours ? image.keepIccProfile() : image)
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
    channels: 4,
    // Frames lie one below the other, so each is a stretch of its own.
    bytes: data.subarray(index * size, (index + 1) * size),
    width,
    height: frameHeight,
  }))
}

/** Stills that make an animation, and what goes along with them. */
export interface FrameStrip {
  /** As PNG. */
  readonly frames: readonly PixelSource[]
  readonly picture: Picture
  /** Where the timeline and the colour profile come from. */
  readonly image: OpenImage
  readonly exif: Uint8Array | undefined
}

/** Joins stills to an animation with the timeline of the source, and with what is kept of its metadata. */
export async function encodeFrames(
  { frames, picture, image, exif }: FrameStrip,
  format: Encoding,
  options: PassOptions,
): Promise<{ data: Buffer; info: OutputInfo }> {
  const { delay, loop, icc } = image.metadata
  const { keep, orientation } = options
  // A profile of colours would make a grey PNG invalid.
  const stills = picture.space === 'grey' ? await Promise.all(frames.map(toColour)) : frames.map(toBytes)
  // sharp takes metadata from the first.
  const first = addMetadata(stills[0]!, { icc: keep.icc ? icc : undefined, exif, orientation })
  const joined = sharp([first, ...stills.slice(1)], { join: { animated: true }, limitInputPixels: false })
  const timeline: Timeline = { ...(delay !== undefined && { delay }), ...(loop !== undefined && { loop }) }
  const out = encode(keepMetadata(joined, options), format, { ...picture, space: 'rgb' }, timeline)
  return out.toBuffer({ resolveWithObject: true })
}

function toBytes({ bytes }: PixelSource): Uint8Array {
  return bytes
}

async function toColour({ bytes }: PixelSource): Promise<Uint8Array> {
  return sharp(bytes, { limitInputPixels: false })
    .toColourspace('srgb')
    .png({ compressionLevel: 0 })
    .toBuffer()
}
