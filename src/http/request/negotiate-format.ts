import type { FormatType } from '../../operations/settings/format.js'

/** The best format that a client shows: `basic` are JPEG, PNG and GIF, which all do. */
export type Accepted = 'jxl' | 'avif' | 'webp' | 'basic'

const JXL = /(?:^|,)\s*image\/jxl\s*(?:;([^,]*))?(?=,|$)/i
const AVIF = /(?:^|,)\s*image\/avif\s*(?:;([^,]*))?(?=,|$)/i
const WEBP = /(?:^|,)\s*image\/webp\s*(?:;([^,]*))?(?=,|$)/i
const REFUSED = /(?:^|;)\s*q=0(?:\.0*)?\s*(?:;|$)/i

/**
 * Returns the best format of an `Accept` header. Only formats that it names count: clients that say `image/*` or any type
 * do not all show AVIF and WebP. JPEG XL counts only beside AVIF, as browsers name it, so that each format stands for those
 * below it.
 *
 * @example
 * ```ts
 * readAccept('image/jxl,image/avif,image/webp,image/*;q=0.8') // 'jxl'
 * readAccept('image/avif,image/webp,image/*;q=0.8') // 'avif'
 * readAccept('image/webp;q=0, image/*') // 'basic'
 * ```
 */
export function readAccept(header: string | null | undefined): Accepted {
  if (header === null || header === undefined) return 'basic'
  if (names(header, AVIF)) return names(header, JXL) ? 'jxl' : 'avif'
  return names(header, WEBP) ? 'webp' : 'basic'
}

/** Returns true if a client shows a format. One that shows JPEG XL shows AVIF too, and one that shows AVIF shows WebP. */
export function shows(accepted: Accepted, format: FormatType): boolean {
  if (format === 'jxl') return accepted === 'jxl'
  if (format === 'avif') return accepted === 'jxl' || accepted === 'avif'
  if (format === 'webp') return accepted !== 'basic'
  return format !== 'tiff'
}

function names(header: string, type: RegExp): boolean {
  const found = type.exec(header)
  return found !== null && !REFUSED.test(found[1] ?? '')
}
