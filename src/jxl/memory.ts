import { ImgprocError, type Stage } from '../errors.js'
import type { JxlEncoding } from './types.js'

/** Bytes of a started library. */
export const LIBRARY_BYTES = 40e6

/** Bytes that WebAssembly can address as wasm-vips is built. */
const ADDRESSABLE_BYTES = 2 ** 31
/** Bytes a pixel while decoding, so that pictures of 40 megapixels fit, which was tried with wasm-vips 0.0.19. */
export const JXL_DECODE_BYTES = 50
/** Bytes a pixel while encoding with an effort of 4 or less, and with more: 60 and 16 megapixels fit, 20 do not with 7. */
export const ENCODE_BYTES = { fast: 36, slow: 125 }

/** At the same similarity, files of 7, which is libjxl's own, are no smaller, and those of 4 are an eighth larger. */
const DEFAULT_EFFORT = 5
/** Used for pictures that there is no memory for otherwise. */
const FAST_EFFORT = 4

/** Returns the effort that was asked for, or the default for a picture of so many pixels. */
export function effortOf({ effort }: JxlEncoding, pixels: number): number {
  const fits = pixels * ENCODE_BYTES.slow + LIBRARY_BYTES <= ADDRESSABLE_BYTES
  return effort ?? (fits ? DEFAULT_EFFORT : FAST_EFFORT)
}

/** Returns the bytes a pixel that encoding takes. */
export function jxlEncodeBytes({ effort = DEFAULT_EFFORT }: Pick<JxlEncoding, 'effort'>): number {
  return effort > FAST_EFFORT ? ENCODE_BYTES.slow : ENCODE_BYTES.fast
}

/** Throws INPUT_TOO_LARGE or INVALID_OPERATION if WebAssembly has no memory for a picture. */
export function checkMemory(pixels: number, bytesPerPixel: number, stage: Stage): void {
  const bytes = pixels * bytesPerPixel + LIBRARY_BYTES
  if (bytes <= ADDRESSABLE_BYTES) return
  const most = Math.floor((ADDRESSABLE_BYTES - LIBRARY_BYTES) / bytesPerPixel / 1e6)
  const message =
    stage === 'decode'
      ? `The JPEG XL has ${millions(pixels)} million pixels, more than the ${most} that its decoder has memory for (2 GB, in WebAssembly). Convert it to another format first, such as by djxl.`
      : `The picture has ${millions(pixels)} million pixels, more than the ${most} that the encoder of JPEG XL has memory for at this effort (2 GB, in WebAssembly). Make it smaller, set effort to 4 or less, or choose another format.`
  throw new ImgprocError(stage === 'decode' ? 'INPUT_TOO_LARGE' : 'INVALID_OPERATION', message, { stage })
}

function millions(pixels: number): string {
  return (pixels / 1e6).toFixed(1)
}
