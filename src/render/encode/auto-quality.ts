import type { EncodedFormat } from '../../operations/settings/format.js'
import type { Picture } from '../../picture.js'
import type { LossyEncoding, EncodeAs, EncodedPixels } from './types.js'
import type { MeasureSimilarity } from './ssim.js'

/** A format whose quality may be searched for. */
export type LossyFormat = Extract<EncodedFormat, { similarity?: unknown }>

/** Default SSIM of `quality: 'auto'`: about that of a JPEG photo at quality 80, viewed on a page. */
export const DEFAULT_SIMILARITY = 0.998

/**
 * Encoder options of a quality search, unless the format sets them: small files are worth more than time then. At the
 * same similarity, quantisation table 4 of mozjpeg (Lukin's, for PSNR-HVS-M) takes 8 % fewer bytes than its default,
 * and WebP's photo preset 5 % fewer than none (`npm run bench:quality`).
 */
const SLOW_OPTIONS = {
  jpeg: { mozjpeg: true, quantisationTable: 4 },
  webp: { effort: 6, preset: 'photo' },
  avif: {},
  jxl: {},
} as const

/** Returns a format with the options of a quality search, and without a quality. */
export function withSearchOptions(asked: LossyFormat, { alpha }: Picture): LossyEncoding {
  const { quality: _, ...format } = asked
  // Effort 6 takes 4 seconds for the alpha channel of 300x300 pixels.
  const defaults = format.type === 'webp' && alpha ? { preset: 'photo' } : SLOW_OPTIONS[format.type]
  return { ...defaults, ...format } as LossyEncoding // defaults and format have the same type
}

/** Below this, blocks are visible in flat areas, even if the similarity of the whole picture is high. */
const MIN_QUALITY = 30
/** Above this, files grow by half without a visible gain (see also the documentation of Pillow and libjpeg). */
const MAX_QUALITY = 95

/**
 * Finds the lowest quality from 30 to 95 that keeps a picture similar enough, by binary search: six or seven encodes.
 * Uses 95 if none does.
 */
export async function findQualityForSimilarity(
  format: LossyEncoding,
  encodeAs: EncodeAs,
  measureSimilarity: MeasureSimilarity,
): Promise<EncodedPixels> {
  const { similarity: target = DEFAULT_SIMILARITY } = format
  let best: EncodedPixels | undefined
  let low = MIN_QUALITY
  let high = MAX_QUALITY
  while (low <= high) {
    const quality = Math.floor((low + high) / 2)
    const { data, info } = await encodeAs({ ...format, quality })
    const similarity = await measureSimilarity(data)
    if (similarity >= target || quality === MAX_QUALITY)
      best = { data, info, type: format.type, quality, similarity }
    if (similarity >= target) high = quality - 1
    else low = quality + 1
  }
  return best!
}
