import type { Sharp } from 'sharp'
import { z } from 'zod'
import { once } from '../utils/once.js'
import { ImgprocError } from '../errors.js'
import { sharp } from '../sharp.js'
import type { OpContext } from './define-operation.js'

/** Blend modes of libvips, in the names of CSS. */
export const blend = once(() =>
  z.enum([
    'over',
    'multiply',
    'screen',
    'overlay',
    'darken',
    'lighten',
    'hard-light',
    'soft-light',
    'difference',
  ]),
)

/** Opens an overlay that an operation names, upright and in sRGB. */
export async function openOverlay(
  ref: string,
  { read }: Pick<OpContext, 'read'>,
): Promise<{ readonly image: Sharp; readonly width: number; readonly height: number }> {
  const opened = sharp(await read(ref), { autoOrient: true })
  const { autoOrient, depth, hasProfile } = await opened.metadata()
  // sharp processes 16 bits in Display P3. Without this, an overlay with a profile would come out with P3 values.
  const isDeep = depth === 'ushort' && hasProfile
  const image = isDeep ? opened.withIccProfile('srgb', { attach: false }) : opened
  return { image, width: autoOrient.width, height: autoOrient.height }
}

/** Creates the error of an overlay that can't be used. An INVALID_OPERATION is returned unchanged. */
export function explainOverlayError(name: string, ref: string, cause: unknown): ImgprocError {
  if (cause instanceof ImgprocError && cause.code === 'INVALID_OPERATION') return cause
  const message = `${name}: image: ${ref} can't be used: ${explainCause(cause)}. Name a picture that imgproc reads.`
  return new ImgprocError('INVALID_OPERATION', message, { cause })
}

function explainCause(cause: unknown): string {
  const reason = cause instanceof Error ? cause.message : String(cause)
  if (/unsupported image format/i.test(reason)) return 'it is not an image in a format that sharp reads'
  return reason.split('\n', 1)[0]?.replace(/\.$/, '') ?? reason
}

/** Multiplies the alpha of an overlay by the opacity. */
export function fade(image: Sharp, opacity: number): Sharp {
  if (opacity === 1) return image.ensureAlpha()
  const input = Buffer.from([255, 255, 255, Math.round(255 * opacity)])
  const raw = { width: 1, height: 1, channels: 4 } as const
  return image.ensureAlpha().composite([{ input, raw, tile: true, blend: 'dest-in' }])
}

/** Returns an image as a PNG that is fast to write. */
export function toPng(image: Sharp): Promise<Buffer> {
  return image.png({ compressionLevel: 0 }).toBuffer()
}
