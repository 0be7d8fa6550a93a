import type { FailOn, Limits } from './types.js'
import { ImgprocError } from '../errors.js'
import type { Metadata } from 'sharp'
import type { Picture } from '../picture.js'
import { show } from '../utils/validate.js'

const DEFAULT_LIMITS: Limits = {
  // sharp's default: 0x3FFF squared.
  pixels: 268_402_689,
  bytes: 256 * 1024 * 1024,
  frames: 1000,
  seconds: 60,
}

/** Fills in the default limits. Throws INVALID_USAGE if a limit is not a positive integer, or above 3600 seconds. */
export function withDefaults(limits: Partial<{ [K in keyof Limits]: Limits[K] | undefined }> = {}): Limits {
  const { pixels, bytes, frames, seconds } = DEFAULT_LIMITS
  const all: Limits = {
    pixels: limits.pixels ?? pixels,
    bytes: limits.bytes ?? bytes,
    frames: limits.frames ?? frames,
    seconds: limits.seconds ?? seconds,
  }
  for (const [name, value] of Object.entries(all)) {
    const [max, expected] =
      // sharp's timeout is at most one hour.
      name === 'seconds' ? [3600, 'a whole number from 1 to 3600'] : [Infinity, 'a whole number above 0']
    if (Number.isInteger(value) && value >= 1 && value <= max) continue
    throw createOptionError(`limits.${name}`, expected, value)
  }
  return all
}

const FAIL_ON: readonly unknown[] = ['none', 'truncated', 'error', 'warning'] satisfies FailOn[]

/** Throws INVALID_USAGE if the value is not one of sharp's. */
export function checkFailOn(failOn: unknown): void {
  if (!FAIL_ON.includes(failOn)) throw createOptionError('failOn', `one of ${FAIL_ON.join(', ')}`, failOn)
}

function createOptionError(name: string, expected: string, value: unknown): ImgprocError {
  return new ImgprocError('INVALID_USAGE', `${name}: expected ${expected}, got ${show(value)}.`, {
    stage: 'usage',
  })
}

/** Limit of libvips. */
const MAX_SIDE = 100_000_000

/** Nothing is announced. A size that is announced is checked before sharp reads it: libvips prints a warning if it is huge. */
export const NO_PIXELS = { width: 0, height: 0 }

/** Throws TOO_MANY_PIXELS if a source has more pixels or frames than the limits. */
export function checkLimits(
  { width, height, pages = 1 }: Pick<Metadata, 'width' | 'height' | 'pages'>,
  limits: Limits,
): void {
  if (width * height > limits.pixels) {
    throw createTooManyPixelsError(
      `${width}x${height} is more than the limit of ${limits.pixels} pixels. If you trust the file, raise limits.pixels (--limit-pixels)`,
    )
  }
  if (Math.max(width, height) > MAX_SIDE) {
    throw createTooManyPixelsError(`${width}x${height} is more than ${MAX_SIDE} pixels on one side`)
  }
  if (pages > limits.frames) {
    throw createTooManyPixelsError(
      `${pages} frames are more than the limit of ${limits.frames}. If you trust the file, raise limits.frames`,
    )
  }
}

function createTooManyPixelsError(message: string): ImgprocError {
  return new ImgprocError('TOO_MANY_PIXELS', `${message}.`, { stage: 'decode' })
}

/** Throws TOO_MANY_PIXELS if the result of an operation has more pixels than the limit. */
export function checkOutput(name: string, { width, height, pages }: Picture, limits: Limits): void {
  if (width * height * pages > limits.pixels) {
    throw createTooManyPixelsError(
      `${name} would make ${width}x${height}${pages > 1 ? ` in ${pages} frames` : ''}, more than the limit of ${limits.pixels} pixels. If you trust the file, raise limits.pixels (--limit-pixels)`,
    )
  }
}
