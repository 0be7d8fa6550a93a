import type { EncodedFormat, Encoding, Format } from '../../operations/settings/format.js'
import { candidatesFor } from './auto-format.js'
import {
  findQualityForSimilarity,
  DEFAULT_SIMILARITY,
  withSearchOptions,
  type LossyFormat,
} from './auto-quality.js'
import { findQualityForBytes, maxBytesOf, createUnreachableError } from './max-bytes.js'
import type { LossyEncoding, EncodedPixels, Pixels } from './types.js'
import { createSimilarityMeter } from './ssim.js'

/** Returns true if a format leaves nothing to search for: neither type, nor quality, nor `maxBytes`. */
export function isFixedEncoding(format: Format): format is Encoding {
  return format.type !== 'auto' && qualityOf(format) !== 'auto' && maxBytesOf(format) === undefined
}

/**
 * Encodes pixels repeatedly to find what a format leaves open: its type, its quality, or a size below `maxBytes`.
 * Throws TARGET_UNREACHABLE.
 */
export async function searchEncoding(format: Format, pixels: Pixels): Promise<EncodedPixels> {
  if (format.type !== 'auto') return searchQuality(format, pixels)
  const { maxBytes: _, ...unlimited } = format
  const candidates: { encoded: EncodedPixels; as: EncodedFormat }[] = []
  for (const as of await candidatesFor(unlimited, pixels))
    candidates.push({ encoded: await searchQuality(as, pixels), as })
  // Sorts candidates that are similar enough first, then by size.
  const misses = ({ similarity = 1 }: EncodedPixels) =>
    similarity < (format.similarity ?? DEFAULT_SIMILARITY) ? 1 : 0
  candidates.sort(
    (a, b) => misses(a.encoded) - misses(b.encoded) || a.encoded.data.length - b.encoded.data.length,
  )
  const maxBytes = maxBytesOf(format)
  const [smallest] = candidates
  if (smallest !== undefined && smallest.encoded.data.length <= (maxBytes ?? Infinity))
    return smallest.encoded
  // The format that compresses best without a limit most likely has the best quality within it.
  const lossy = candidates.find(({ as }) => hasQuality(as))
  if (lossy === undefined || maxBytes === undefined)
    throw createUnreachableError(maxBytes ?? 0, smallest?.encoded)
  return searchQuality({ ...lossy.as, maxBytes } as EncodedFormat, pixels) // a lossy format has maxBytes
}

async function searchQuality(format: EncodedFormat, pixels: Pixels): Promise<EncodedPixels> {
  const maxBytes = maxBytesOf(format)
  if (hasQuality(format) && format.quality === 'auto') {
    const measureSimilarity = await createSimilarityMeter(pixels.open())
    const lossy = withSearchOptions(format, pixels.picture)
    const similar = await findQualityForSimilarity(lossy, pixels.encodeAs, measureSimilarity)
    if (maxBytes === undefined || similar.data.length <= maxBytes) return similar
    const smaller = await findQualityForBytes(
      { ...lossy, quality: similar.quality ?? 100 },
      maxBytes,
      pixels.encodeAs,
    )
    return { ...smaller, similarity: await measureSimilarity(smaller.data) }
  }
  const as = format as Encoding // its quality isn't auto
  if (maxBytes !== undefined) return findQualityForBytes(as as LossyEncoding, maxBytes, pixels.encodeAs) // it has maxBytes
  return { ...(await pixels.encodeAs(as)), type: as.type }
}

/** Returns true if a format has a quality that can be searched for. */
function hasQuality(format: EncodedFormat): format is LossyFormat {
  return format.type === 'jpeg' || format.type === 'webp' || format.type === 'avif' || format.type === 'jxl'
}

function qualityOf(format: EncodedFormat): unknown {
  return 'quality' in format ? format.quality : undefined
}
