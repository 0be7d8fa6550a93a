import type { Sharp } from 'sharp'
import { sharp } from '../../sharp.js'

/** How similar an encoded picture is to the pixels that it was made of: SSIM, 1 for the same. */
export type Meter = (encoded: Uint8Array) => Promise<number>

/** Pixels of the shorter side at which structure is compared. */
const VIEWED = 256

interface Grey {
  readonly data: Uint8ClampedArray
  readonly width: number
  readonly height: number
}

/**
 * Measures the structural similarity of the luminance (Wang, Bovik, Sheikh and Simoncelli, "Image quality assessment:
 * from error visibility to structural similarity", IEEE Transactions on Image Processing 13, 2004). As its authors
 * suggest for their implementation, both pictures are first made smaller by a whole factor, to about 256 pixels on
 * the shorter side: the scale at which a whole picture is looked at. The factor is at least two, as on a screen with
 * two pixels to one of the page: the same number then means about the same for a thumbnail and for a large picture.
 */
export async function createMeter(reference: Sharp): Promise<Meter> {
  const { ssim } = await import('ssim.js')
  const first = await toViewed(reference)
  return async (encoded) => {
    const second = await toViewed(sharp(encoded, { limitInputPixels: false }))
    return ssim(first, second, { downsample: false }).mssim
  }
}

async function toViewed(image: Sharp): Promise<Grey> {
  // Apart from scaling: a decoder that shrinks would change what is compared.
  const { data, info } = await image
    .flatten({ background: '#808080' })
    .toColourspace('b-w')
    .raw()
    .toBuffer({ resolveWithObject: true })
  const factor = Math.max(2, Math.round(Math.min(info.width, info.height) / VIEWED))
  const [width, height] = [Math.ceil(info.width / factor), Math.ceil(info.height / factor)]
  const { width: rawWidth, height: rawHeight, channels } = info
  const grey = await sharp(data, {
    raw: { width: rawWidth, height: rawHeight, channels },
    limitInputPixels: false,
  })
    .resize({ width, height, fit: 'fill', kernel: 'linear' })
    .toColourspace('srgb')
    .ensureAlpha()
    .raw()
    .toBuffer()
  return { data: new Uint8ClampedArray(grey.buffer, grey.byteOffset, grey.length), width, height }
}
