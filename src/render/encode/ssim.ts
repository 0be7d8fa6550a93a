import type { Sharp } from 'sharp'
import { sharp } from '../../sharp.js'
import { toSharpFile } from './jxl-encoder.js'

/** Returns the SSIM of an encoded picture to a reference; 1 if they are the same. */
export type MeasureSimilarity = (encoded: Uint8Array) => Promise<number>

/** Approximate pixels of the shorter side at which pictures are compared. */
const COMPARED_PIXELS = 256

interface GreyPixels {
  readonly data: Uint8ClampedArray
  readonly width: number
  readonly height: number
}

/**
 * Creates a function that measures the structural similarity (SSIM) of the luminance (Wang, Bovik, Sheikh and
 * Simoncelli, "Image quality assessment: from error visibility to structural similarity", IEEE Transactions on Image
 * Processing 13, 2004). As the authors suggest for their implementation, both pictures are first scaled down by an
 * integer factor, to about 256 pixels on the shorter side: the scale at which a whole picture is viewed. The factor
 * is at least two, as on a screen with two device pixels per CSS pixel. A value then means about the same for a
 * thumbnail and a large picture.
 */
export async function createSimilarityMeter(reference: Sharp): Promise<MeasureSimilarity> {
  const { ssim } = await import('ssim.js')
  const first = await toComparedSize(reference)
  return async (encoded) => {
    const second = await toComparedSize(sharp(await toSharpFile(encoded), { limitInputPixels: false }))
    return ssim(first, second, { downsample: false }).mssim
  }
}

async function toComparedSize(image: Sharp): Promise<GreyPixels> {
  // Decodes in a pipeline of its own: shrink-on-load would change the pixels that are compared.
  const { data, info } = await image
    .flatten({ background: '#808080' })
    .toColourspace('b-w')
    .raw()
    .toBuffer({ resolveWithObject: true })
  const factor = Math.max(2, Math.round(Math.min(info.width, info.height) / COMPARED_PIXELS))
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
