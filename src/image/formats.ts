import type { Format, FormatType } from '../operations/settings/format.js'

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
  /** A colour profile. */
  readonly icc: boolean
}

const NOTHING = { alpha: false, animation: false, deep: false, grey: false, cmyk: false, icc: false }

export const FORMATS: Readonly<Record<FormatType, FormatFacts>> = {
  jpeg: { ...NOTHING, mime: 'image/jpeg', ext: 'jpg', grey: true, cmyk: true, icc: true },
  png: { ...NOTHING, mime: 'image/png', ext: 'png', alpha: true, deep: true, grey: true, icc: true },
  webp: { ...NOTHING, mime: 'image/webp', ext: 'webp', alpha: true, animation: true, icc: true },
  avif: { ...NOTHING, mime: 'image/avif', ext: 'avif', alpha: true, deep: true, icc: true },
  gif: { ...NOTHING, mime: 'image/gif', ext: 'gif', alpha: true, animation: true },
  tiff: {
    ...NOTHING,
    mime: 'image/tiff',
    ext: 'tiff',
    alpha: true,
    deep: true,
    grey: true,
    cmyk: true,
    icc: true,
  },
}

/** What `auto` chooses from unless told otherwise. */
const AUTO: readonly FormatType[] = ['avif', 'webp', 'jpeg', 'png', 'gif']

/** The formats that an output may come to have. */
export function candidatesOf(format: Format): readonly FormatType[] {
  return format.type === 'auto' ? (format.among ?? AUTO) : [format.type]
}

/** What a format can hold, with the options that its encoder is given. */
export function factsOf(format: Format): Omit<FormatFacts, 'mime' | 'ext'> {
  if (format.type === 'auto') {
    const held = candidatesOf(format).map((type) => FORMATS[type])
    const some = (fact: 'alpha' | 'animation' | 'icc') => held.some((facts) => facts[fact])
    return { ...NOTHING, alpha: some('alpha'), animation: some('animation'), icc: some('icc') }
  }
  const facts = FORMATS[format.type]
  if (format.type === 'png' && usesPalette(format)) return { ...facts, deep: false }
  if (format.type !== 'tiff') return facts
  // TIFF holds what its compression holds.
  if (format.compression === 'jpeg') return { ...facts, alpha: false, deep: false }
  if (format.compression === 'webp') return { ...facts, deep: false, grey: false, cmyk: false }
  return facts
}

function usesPalette(format: Extract<Format, { type: 'png' }>): boolean {
  return (
    (format.palette ?? format.quality ?? format.effort ?? format.colours ?? format.dither) !== undefined &&
    format.palette !== false
  )
}

/** The format where none is asked for: the source's where a browser shows it, else JPEG, or PNG for alpha. */
export function defaultFormat(source: string, alpha: boolean): Format {
  if (source === 'png' || source === 'webp' || source === 'gif' || source === 'avif' || source === 'jpeg') {
    return { type: source }
  }
  return { type: alpha ? 'png' : 'jpeg' }
}
