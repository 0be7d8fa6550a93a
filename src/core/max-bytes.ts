import type { OutputInfo } from 'sharp'
import { ImgprocError } from '../errors.js'
import { toBytes, type Format } from '../ops/format.js'

/** An encoded picture, and the quality that a limit of bytes came to. */
export interface Fitted {
  readonly data: Buffer
  readonly info: OutputInfo
  readonly quality?: number | undefined
}

type Limited = Extract<Format, { maxBytes?: unknown }> & { readonly maxBytes: number | string }

/** Whether a format has to fit. */
export function hasMaxBytes(format: Format): format is Limited {
  return 'maxBytes' in format && format.maxBytes !== undefined
}

/**
 * Finds the highest quality whose bytes fit, by halving: seven or eight encodes at most. Throws TARGET_UNREACHABLE,
 * which names the smallest that was reached, where none does.
 */
export async function fitBytes(
  format: Limited,
  encodeAs: (format: Format) => Promise<Fitted>,
): Promise<Fitted> {
  const maxBytes = toBytes(format.maxBytes)
  let best: Fitted | undefined
  let smallest: Fitted | undefined
  let low = 1
  let high = format.quality ?? 100
  while (low <= high) {
    // The highest first: what fits as it is costs one encode.
    const quality = smallest === undefined ? high : Math.floor((low + high) / 2)
    const made = { ...(await encodeAs({ ...format, quality })), quality }
    if (smallest === undefined || made.data.length < smallest.data.length) smallest = made
    if (made.data.length <= maxBytes) {
      best = made
      low = quality + 1
    } else {
      high = quality - 1
    }
  }
  if (best !== undefined) return best
  const reached = `the smallest is ${smallest?.data.length} bytes, at quality ${smallest?.quality}`
  throw new ImgprocError(
    'TARGET_UNREACHABLE',
    `format: maxBytes: ${maxBytes} bytes can't be reached; ${reached}. Make the picture smaller, or allow more bytes.`,
    { stage: 'encode' },
  )
}
