import type { FailOn, Limits } from './types.js'
import { ImgprocError } from '../errors.js'
import type { Metadata } from 'sharp'
import type { Picture } from '../picture.js'
import { show } from '../utils/validate.js'

/** What one image may cost, unless told otherwise. */
const DEFAULT_LIMITS: Limits = {
  // sharp's own: 0x3FFF squared
  pixels: 268_402_689,
  bytes: 256 * 1024 * 1024,
  frames: 1000,
  seconds: 60,
}

/** Limits with the defaults for those that aren't given. Throws INVALID_USAGE where one makes no sense. */
export function withDefaults(limits: Partial<{ [K in keyof Limits]: Limits[K] | undefined }> = {}): Limits {
  const { pixels, bytes, frames, seconds } = DEFAULT_LIMITS
  const all: Limits = {
    pixels: limits.pixels ?? pixels,
    bytes: limits.bytes ?? bytes,
    frames: limits.frames ?? frames,
    seconds: limits.seconds ?? seconds,
  }
  for (const [name, value] of Object.entries(all)) {
    const [most, expected] =
      // sharp takes no more than an hour.
      name === 'seconds' ? [3600, 'a whole number from 1 to 3600'] : [Infinity, 'a whole number above 0']
    if (Number.isInteger(value) && value >= 1 && value <= most) continue
    throw invalidOption(`limits.${name}`, expected, value)
  }
  return all
}

const FAIL_ON: readonly unknown[] = ['none', 'truncated', 'error', 'warning'] satisfies FailOn[]

/** Throws INVALID_USAGE for what is no word of sharp's. */
export function checkFailOn(failOn: unknown): void {
  if (!FAIL_ON.includes(failOn)) throw invalidOption('failOn', `one of ${FAIL_ON.join(', ')}`, failOn)
}

function invalidOption(name: string, expected: string, value: unknown): ImgprocError {
  return new ImgprocError('INVALID_USAGE', `${name}: expected ${expected}, got ${show(value)}.`, {
    stage: 'usage',
  })
}

export function checkLimits({ width, height, pages = 1 }: Metadata, limits: Limits): void {
  if (width * height > limits.pixels) {
    throw tooMany(
      `${width}x${height} is more than the limit of ${limits.pixels} pixels (limits.pixels, --limit-pixels)`,
    )
  }
  if (pages > limits.frames) {
    throw tooMany(`${pages} frames are more than the limit of ${limits.frames} (limits.frames)`)
  }
}

function tooMany(message: string): ImgprocError {
  return new ImgprocError('TOO_MANY_PIXELS', `${message}.`, { stage: 'decode' })
}

/** Throws where an operation would make more pixels than the limit. */
export function checkOutput(name: string, { width, height, pages }: Picture, limits: Limits): void {
  if (width * height * pages > limits.pixels) {
    throw tooMany(
      `${name} would make ${width}x${height}${pages > 1 ? ` in ${pages} frames` : ''}, more than the limit of ${limits.pixels} pixels (limits.pixels, --limit-pixels)`,
    )
  }
}
