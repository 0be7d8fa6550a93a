import { sharp } from '../sharp.js'
import type { FromSrgb, OpContext } from './define-operation.js'

const CHANNELS = 4

/**
 * Converts an overlay of 8-bit sRGB with alpha to the colours and depth of the picture. libvips multiplies 8-bit overlays
 * by 256 for 16 bits, so white would be 65280.
 */
export async function fitOverlay(png: Buffer, { from, fromSrgb }: OpContext): Promise<Buffer> {
  if (from.depth === 8 && fromSrgb === undefined) return png
  const { data, info } = await sharp(png).ensureAlpha().raw().toBuffer({ resolveWithObject: true })
  const { width, height } = info
  const samples = from.depth === 16 ? new Uint16Array(data.length) : new Uint8Array(data.length)
  convertPixels(data, samples, fromSrgb)
  const raw = { width, height, channels: CHANNELS } as const
  return sharp(samples, { raw, limitInputPixels: false })
    .toColourspace(from.depth === 16 ? 'rgb16' : 'srgb')
    .png({ compressionLevel: 0 })
    .toBuffer()
}

function convertPixels(
  pixels: Uint8Array,
  samples: Uint8Array | Uint16Array,
  fromSrgb: FromSrgb = (colour) => colour,
): void {
  const max = samples.BYTES_PER_ELEMENT === 2 ? 65535 : 255
  // Overlays have few colours, and neighbours are often equal.
  let last = -1
  let converted: readonly number[] = []
  for (let at = 0; at < pixels.length; at += CHANNELS) {
    const [red, green, blue, alpha] = [pixels[at]!, pixels[at + 1]!, pixels[at + 2]!, pixels[at + 3]!]
    const key = (red << 16) | (green << 8) | blue
    if (key !== last) {
      last = key
      converted = fromSrgb([red / 255, green / 255, blue / 255]).map((value) => Math.round(value * max))
    }
    samples.set(converted, at)
    samples[at + 3] = (alpha * max) / 255
  }
}
