import type { EncodedFormat, Encoding, Format } from '../../operations/settings/format.js'
import { candidatesFor } from './auto-format.js'
import { findQualityForSimilarity, SIMILARITY, atFullEffort, type LossyFormat } from './auto-quality.js'
import { findQualityForBytes, maxBytesOf, createUnreachableError } from './max-bytes.js'
import type { Lossy, EncodedPixels, Pixels } from './types.js'
import { createMeter } from './ssim.js'

/** Whether a format says all that its encoder has to know. */
export function isFixedEncoding(format: Format): format is Encoding {
  return format.type !== 'auto' && qualityOf(format) !== 'auto' && maxBytesOf(format) === undefined
}

/** Encodes as often as it takes to settle what a format leaves open. Throws TARGET_UNREACHABLE. */
export async function searchEncoding(format: Format, pixels: Pixels): Promise<EncodedPixels> {
  if (format.type !== 'auto') return settleQuality(format, pixels)
  const { maxBytes: _, ...unlimited } = format
  const made: { fitted: EncodedPixels; as: EncodedFormat }[] = []
  for (const as of await candidatesFor(unlimited, pixels))
    made.push({ fitted: await settleQuality(as, pixels), as })
  // What keeps enough comes before what is small.
  const misses = ({ similarity = 1 }: EncodedPixels) =>
    similarity < (format.similarity ?? SIMILARITY) ? 1 : 0
  made.sort((a, b) => misses(a.fitted) - misses(b.fitted) || a.fitted.data.length - b.fitted.data.length)
  const maxBytes = maxBytesOf(format)
  const [smallest] = made
  if (smallest !== undefined && smallest.fitted.data.length <= (maxBytes ?? Infinity)) return smallest.fitted
  // What compresses best without a limit most likely keeps most within it.
  const lossy = made.find(({ as }) => hasQuality(as))
  if (lossy === undefined || maxBytes === undefined)
    throw createUnreachableError(maxBytes ?? 0, smallest?.fitted)
  return settleQuality({ ...lossy.as, maxBytes } as EncodedFormat, pixels) // one that has maxBytes
}

async function settleQuality(format: EncodedFormat, pixels: Pixels): Promise<EncodedPixels> {
  const maxBytes = maxBytesOf(format)
  if (hasQuality(format) && format.quality === 'auto') {
    const meter = await createMeter(pixels.open())
    const lossy = atFullEffort(format, pixels.picture)
    const fitted = await findQualityForSimilarity(lossy, pixels.encodeAs, meter)
    if (maxBytes === undefined || fitted.data.length <= maxBytes) return fitted
    const smaller = await findQualityForBytes(
      { ...lossy, quality: fitted.quality ?? 100 },
      maxBytes,
      pixels.encodeAs,
    )
    return { ...smaller, similarity: await meter(smaller.data) }
  }
  const as = format as Encoding // its quality isn't auto
  if (maxBytes !== undefined) return findQualityForBytes(as as Lossy, maxBytes, pixels.encodeAs) // it has maxBytes
  return { ...(await pixels.encodeAs(as)), type: as.type }
}

/** Whether a format has a quality that can be searched for. */
function hasQuality(format: EncodedFormat): format is LossyFormat {
  return format.type === 'jpeg' || format.type === 'webp' || format.type === 'avif'
}

function qualityOf(format: EncodedFormat): unknown {
  return 'quality' in format ? format.quality : undefined
}
