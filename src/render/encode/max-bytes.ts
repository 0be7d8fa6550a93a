import { ImgprocError } from '../../errors.js'
import { toBytes, type Format } from '../../operations/settings/format.js'
import type { EncodeAs, EncodedPixels, Lossy } from './types.js'

/** The most bytes that a format may take; undefined where nothing was said. */
export function maxBytesOf(format: Format): number | undefined {
  return 'maxBytes' in format && format.maxBytes !== undefined ? toBytes(format.maxBytes) : undefined
}

/**
 * Finds the highest quality whose bytes fit, by halving: seven or eight encodes at most. Throws TARGET_UNREACHABLE,
 * which names the smallest that was reached, where none does.
 */
export async function findQualityForBytes(
  format: Lossy,
  maxBytes: number,
  encodeAs: EncodeAs,
): Promise<EncodedPixels> {
  let best: EncodedPixels | undefined
  let smallest: EncodedPixels | undefined
  let low = 1
  let high = format.quality ?? 100
  while (low <= high) {
    // The highest first: what fits as it is costs one encode.
    const quality = smallest === undefined ? high : Math.floor((low + high) / 2)
    const made: EncodedPixels = { ...(await encodeAs({ ...format, quality })), type: format.type, quality }
    if (smallest === undefined || made.data.length < smallest.data.length) smallest = made
    if (made.data.length <= maxBytes) {
      best = made
      low = quality + 1
    } else {
      high = quality - 1
    }
  }
  if (best !== undefined) return best
  throw createUnreachableError(maxBytes, smallest)
}

/** Tells how small it got. */
export function createUnreachableError(maxBytes: number, smallest: EncodedPixels | undefined): ImgprocError {
  const at = smallest?.quality === undefined ? '' : `, at quality ${smallest.quality}`
  const reached = `the smallest is ${smallest?.data.length} bytes${at}`
  return new ImgprocError(
    'TARGET_UNREACHABLE',
    `format: maxBytes: ${maxBytes} bytes can't be reached; ${reached}. Make the picture smaller, or allow more bytes.`,
    { stage: 'encode' },
  )
}
