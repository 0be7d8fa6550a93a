import { ImgprocError } from '../../errors.js'
import { toBytes, type Format } from '../../operations/settings/format.js'
import type { EncodeAs, EncodedPixels, LossyEncoding } from './types.js'

/** Returns the `maxBytes` of a format, in bytes; undefined if there is no limit. */
export function maxBytesOf(format: Format): number | undefined {
  return 'maxBytes' in format && format.maxBytes !== undefined ? toBytes(format.maxBytes) : undefined
}

/**
 * Finds the highest quality whose bytes fit, by binary search: at most eight encodes. Throws TARGET_UNREACHABLE, with
 * the smallest size reached, if none fits.
 */
export async function findQualityForBytes(
  format: LossyEncoding,
  maxBytes: number,
  encodeAs: EncodeAs,
): Promise<EncodedPixels> {
  let best: EncodedPixels | undefined
  let smallest: EncodedPixels | undefined
  let low = 1
  let high = format.quality ?? 100
  while (low <= high) {
    // Tries the highest first: if it fits, one encode is enough.
    const quality = smallest === undefined ? high : Math.floor((low + high) / 2)
    const encoded: EncodedPixels = { ...(await encodeAs({ ...format, quality })), type: format.type, quality }
    if (smallest === undefined || encoded.data.length < smallest.data.length) smallest = encoded
    if (encoded.data.length <= maxBytes) {
      best = encoded
      low = quality + 1
    } else {
      high = quality - 1
    }
  }
  if (best !== undefined) return best
  throw createUnreachableError(maxBytes, smallest)
}

/** Creates the TARGET_UNREACHABLE error, with the smallest size reached. */
export function createUnreachableError(maxBytes: number, smallest: EncodedPixels | undefined): ImgprocError {
  const at = smallest?.quality === undefined ? '' : `, at quality ${smallest.quality}`
  const reached = `the smallest is ${smallest?.data.length} bytes${at}`
  return new ImgprocError(
    'TARGET_UNREACHABLE',
    `format: maxBytes: ${maxBytes} bytes cannot be reached: ${reached}. Make the picture smaller, or raise maxBytes.`,
    { stage: 'encode' },
  )
}
