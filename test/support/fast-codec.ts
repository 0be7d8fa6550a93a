import sharp from 'sharp'
import type { FailOn } from '../../src/image/types.js'
import type { RawPixels } from '../../src/picture.js'
import { createFastCodec, type FastCodecOptions } from '../../src/codec/fast-codec.js'
import { makePicture } from './pictures.js'

/** Creates a FastCodec, and waits until a worker has started. */
export async function startFastCodec(options: FastCodecOptions = {}) {
  const fastCodec = createFastCodec({ threads: 1, bytesPerThread: 0, idleSeconds: 600, ...options })
  const small = await sharp(await makePicture('rgb', 16, 16))
    .jpeg()
    .toBuffer()
  while ((await fastCodec.decode(small, 8)) === undefined)
    await new Promise((resolve) => setTimeout(resolve, 5))
  return fastCodec
}

/** Resizes a file to 1/9 of its size by sharp, which decodes it at 1/8. */
export async function resizeToNinth(jpeg: Uint8Array, failOn: FailOn = 'warning'): Promise<Buffer> {
  const { width, height } = await sharp(jpeg, { failOn: 'none' }).metadata()
  const size = { width: Math.floor(width / 9), height: Math.floor(height / 9) }
  return sharp(jpeg, { failOn })
    .resize({ ...size, fit: 'fill' })
    .raw()
    .toBuffer()
}

/** Resizes the pixels of a file decoded at 1/8 to 1/9 of its size, as `resizeToNinth` does with the file. */
export async function resizePixelsToNinth(pixels: RawPixels, jpeg: Uint8Array): Promise<Buffer> {
  const { width, height } = await sharp(jpeg, { failOn: 'none' }).metadata()
  const size = { width: Math.floor(width / 9), height: Math.floor(height / 9) }
  return sharp(pixels.bytes, { raw: { width: pixels.width, height: pixels.height, channels: 3 } })
    .resize({ ...size, fit: 'fill' })
    .raw()
    .toBuffer()
}

/** Returns true if a file is decoded at 1/8 to libjpeg's pixels, false if it is not decoded; throws if pixels differ. */
export async function decodesLikeSharp(
  fastCodec: Awaited<ReturnType<typeof startFastCodec>>,
  jpeg: Uint8Array,
): Promise<boolean> {
  const pixels = await fastCodec.decode(jpeg, 8)
  if (pixels === undefined) return false
  const [actual, expected] = await Promise.all([resizePixelsToNinth(pixels, jpeg), resizeToNinth(jpeg)])
  if (!actual.equals(expected)) throw new Error('Pixels differ from libjpeg.')
  return true
}
