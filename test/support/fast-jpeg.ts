import sharp from 'sharp'
import type { FailOn } from '../../src/image/types.js'
import type { RawPixels } from '../../src/picture.js'
import { createFastJpeg, type FastJpegOptions } from '../../src/jpeg/jpeg-accelerator.js'
import { makePicture } from './pictures.js'

/** What decodes at 1/8, whatever is asked for, its thread started. */
export async function startFastJpeg(options: FastJpegOptions = {}) {
  const fastJpeg = createFastJpeg({ threads: 1, bytesPerThread: 0, idleSeconds: 600, ...options })
  const small = await sharp(await makePicture('rgb', 16, 16))
    .jpeg()
    .toBuffer()
  while ((await fastJpeg.decode(small, 8)) === undefined) await new Promise((later) => setTimeout(later, 5))
  return fastJpeg
}

/** A file that libjpeg decodes at 1/8 on its way through sharp, as pixels at a ninth. */
export async function atEighth(jpeg: Uint8Array, failOn: FailOn = 'warning'): Promise<Buffer> {
  const { width, height } = await sharp(jpeg, { failOn: 'none' }).metadata()
  const size = { width: Math.floor(width / 9), height: Math.floor(height / 9) }
  return sharp(jpeg, { failOn })
    .resize({ ...size, fit: 'fill' })
    .raw()
    .toBuffer()
}

/** Pixels at an fastJpeg, as sharp scales them to a ninth: what `atEighth` makes of a file. */
export async function toNinth(pixels: RawPixels, jpeg: Uint8Array): Promise<Buffer> {
  const { width, height } = await sharp(jpeg, { failOn: 'none' }).metadata()
  const size = { width: Math.floor(width / 9), height: Math.floor(height / 9) }
  return sharp(pixels.bytes, { raw: { width: pixels.width, height: pixels.height, channels: 3 } })
    .resize({ ...size, fit: 'fill' })
    .raw()
    .toBuffer()
}

/** Whether a file is decoded, and to the pixels that libjpeg makes of it; throws where they differ. */
export async function decodesAlike(
  fastJpeg: Awaited<ReturnType<typeof startFastJpeg>>,
  jpeg: Uint8Array,
): Promise<boolean> {
  const pixels = await fastJpeg.decode(jpeg, 8)
  if (pixels === undefined) return false
  const [mine, libjpegs] = await Promise.all([toNinth(pixels, jpeg), atEighth(jpeg)])
  if (!mine.equals(libjpegs)) throw new Error('These are other pixels than libjpeg makes of it.')
  return true
}
