import type { Format, FormatType } from '../ops/format.js'

/** What a format can hold. */
export interface FormatFacts {
  /** The media type. */
  readonly mime: string
  /** The extension of its files, without the dot. */
  readonly ext: string
  readonly alpha: boolean
  readonly animation: boolean
  /** More than 8 bits a channel. */
  readonly deep: boolean
  /** One channel. */
  readonly grey: boolean
  readonly cmyk: boolean
}

const NOTHING = { alpha: false, animation: false, deep: false, grey: false, cmyk: false }

export const FORMATS: Readonly<Record<FormatType, FormatFacts>> = {
  jpeg: { ...NOTHING, mime: 'image/jpeg', ext: 'jpg', grey: true, cmyk: true },
  png: { ...NOTHING, mime: 'image/png', ext: 'png', alpha: true, deep: true, grey: true },
  webp: { ...NOTHING, mime: 'image/webp', ext: 'webp', alpha: true, animation: true },
  avif: { ...NOTHING, mime: 'image/avif', ext: 'avif', alpha: true, deep: true },
  gif: { ...NOTHING, mime: 'image/gif', ext: 'gif', alpha: true, animation: true },
  tiff: { ...NOTHING, mime: 'image/tiff', ext: 'tiff', alpha: true, deep: true, grey: true, cmyk: true },
}

/** The format where none is asked for: the source's where a browser shows it, else JPEG, or PNG for alpha. */
export function defaultFormat(source: string, alpha: boolean): Format {
  if (source === 'png' || source === 'webp' || source === 'gif' || source === 'avif' || source === 'jpeg') {
    return { type: source }
  }
  return { type: alpha ? 'png' : 'jpeg' }
}
