import { sharp } from '../sharp.js'
import { createCanvas } from '../image/compose-frames.js'
import { sharpOptions, type OpenImage } from '../image/open-image.js'
import {
  readWebpAnimation,
  webpOfFrame,
  type WebpAnimation,
  type WebpFrame,
} from '../metadata/webp-frames.js'
import { createWebpWriter } from '../metadata/webp-writer.js'
import type { RawPixels } from '../picture.js'

/**
 * Returns the structure of an animated WebP that libvips may blend wrongly: over an opaque pixel, a translucent one gets
 * the alpha 254, so that the animation would need an alpha channel.
 */
export function findWronglyBlended({ format, bytes }: OpenImage): WebpAnimation | undefined {
  const animation = format === 'webp' ? readWebpAnimation(bytes) : undefined
  return animation?.frames.some(({ blends, hasAlpha }, at) => at > 0 && blends && hasAlpha) === true
    ? animation
    : undefined
}

/** Decodes and composes the frames of an animated WebP, as RGBA. Colours become sRGB, unless they are kept. */
export async function composeWebp(
  image: OpenImage,
  { width, height, frames }: WebpAnimation,
  keepColours: boolean,
  timeout: number,
): Promise<RawPixels[]> {
  const { metadata } = image
  const canvas = createCanvas(width, height)
  const composed: RawPixels[] = []
  for (const frame of frames) {
    const { left, top, blends, isDisposed } = frame
    const pixels = await decodeFrame(image, frame, timeout)
    const disposal = isDisposed ? 'background' : 'keep'
    const shown = canvas.show({
      left,
      top,
      width: frame.width,
      height: frame.height,
      pixels,
      blends,
      disposal,
    })
    const bytes =
      metadata.icc === undefined || keepColours
        ? shown.slice()
        : await convertToSrgb(shown, { width, height, icc: metadata.icc })
    composed.push({ width, height, channels: 4, bytes })
  }
  return composed
}

async function decodeFrame(
  { bytes, options }: OpenImage,
  frame: WebpFrame,
  seconds: number,
): Promise<Buffer> {
  return sharp(webpOfFrame(bytes, frame), sharpOptions(options))
    .timeout({ seconds })
    .ensureAlpha()
    .raw()
    .toBuffer()
}

const HAS_PROFILE = 0x20

/** Converts pixels by a profile. sharp takes a profile only from a file. */
async function convertToSrgb(
  pixels: Uint8Array,
  { width, height, icc }: { readonly width: number; readonly height: number; readonly icc: Uint8Array },
): Promise<Buffer> {
  const header = Buffer.from('ICCP\0\0\0\0', 'latin1')
  header.writeUInt32LE(icc.length, 4)
  const before = Buffer.concat([header, icc, Buffer.alloc(icc.length % 2)])
  const webp = createWebpWriter({ width, height, loop: 0, durations: [0], before, flags: HAS_PROFILE })
  webp.add(pixels)
  return sharp(webp.finish(), { limitInputPixels: false })
    .toColourspace('srgb')
    .ensureAlpha()
    .raw()
    .toBuffer()
}
