import type { EncodedFormat } from '../../operations/settings/format.js'
import type { Picture } from '../../picture.js'
import type { Lossy, EncodeAs, EncodedPixels } from './types.js'
import type { Meter } from './ssim.js'

/** A format whose quality may be searched for. */
export type LossyFormat = Extract<EncodedFormat, { similarity?: unknown }>

/** What `quality: 'auto'` keeps unless told otherwise: about what quality 80 of a JPEG keeps of a photo on a page. */
export const SIMILARITY = 0.998

/**
 * What an encoder is told besides, unless the format says otherwise: whoever lets quality be searched for would rather
 * wait than send bytes. At the same similarity table 4 of mozjpeg (Lukin's, for PSNR-HVS-M) takes 8 % less than its
 * default, and WebP's photo preset 5 % less than none (`npm run bench:quality`).
 */
const THOROUGH = {
  jpeg: { mozjpeg: true, quantisationTable: 4 },
  webp: { effort: 6, preset: 'photo' },
  avif: {},
} as const

/** An encoder that takes its time, its quality yet to be found. */
export function atFullEffort(asked: LossyFormat, { alpha }: Picture): Lossy {
  const { quality: _, ...format } = asked
  // Effort 6 tries everything on an alpha channel: 4 seconds for 300x300.
  const patience = format.type === 'webp' && alpha ? { preset: 'photo' } : THOROUGH[format.type]
  return { ...patience, ...format } as Lossy // options and format are of one type
}

/** Below this, blocks show in plain parts whatever the whole picture's similarity says. */
const LOWEST = 30
/** Above it files grow by half for what nobody sees, as Pillow's and libjpeg's documentation say too. */
const HIGHEST = 95

/**
 * Finds the lowest quality that keeps a picture similar enough, by halving: six or seven encodes. Where none from 30
 * to 95 does, it is 95.
 */
export async function findQualityForSimilarity(
  format: Lossy,
  encodeAs: EncodeAs,
  meter: Meter,
): Promise<EncodedPixels> {
  const { similarity: target = SIMILARITY } = format
  let best: EncodedPixels | undefined
  let low = LOWEST
  let high = HIGHEST
  while (low <= high) {
    const quality = Math.floor((low + high) / 2)
    const { data, info } = await encodeAs({ ...format, quality })
    const similarity = await meter(data)
    if (similarity >= target || quality === HIGHEST)
      best = { data, info, type: format.type, quality, similarity }
    if (similarity >= target) high = quality - 1
    else low = quality + 1
  }
  return best!
}
