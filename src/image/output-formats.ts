import type { Format, FormatType } from '../operations/settings/format.js'

/** Properties and capabilities of an output format. */
export interface FormatFacts {
  /** Media type. */
  readonly mime: string
  /** File extension without the dot. */
  readonly ext: string
  /** The format's name in messages. */
  readonly label: string
  /** Greatest width and height in pixels that the encoder accepts. */
  readonly maxSide: number
  readonly alpha: boolean
  readonly animation: boolean
  /** More than 8 bits a channel. */
  readonly deep: boolean
  /** One channel instead of three. */
  readonly grey: boolean
  readonly cmyk: boolean
  /** ICC profile. */
  readonly icc: boolean
}

const NO_FEATURES = { alpha: false, animation: false, deep: false, grey: false, cmyk: false, icc: false }

/** Limits of libjpeg, libwebp, the AV1 encoder as built, and GIF's 16 bits. Others are higher than the limit of pixels. */
const MAX_SIDE = { jpeg: 65_500, webp: 16_383, avif: 16_384, gif: 65_535, other: Infinity }

export const FORMATS: Readonly<Record<FormatType, FormatFacts>> = {
  jpeg: {
    ...NO_FEATURES,
    label: 'JPEG',
    mime: 'image/jpeg',
    ext: 'jpg',
    maxSide: MAX_SIDE.jpeg,
    grey: true,
    cmyk: true,
    icc: true,
  },
  png: {
    ...NO_FEATURES,
    label: 'PNG',
    mime: 'image/png',
    ext: 'png',
    maxSide: MAX_SIDE.other,
    alpha: true,
    deep: true,
    grey: true,
    icc: true,
  },
  webp: {
    ...NO_FEATURES,
    label: 'WebP',
    mime: 'image/webp',
    ext: 'webp',
    maxSide: MAX_SIDE.webp,
    alpha: true,
    animation: true,
    icc: true,
  },
  avif: {
    ...NO_FEATURES,
    label: 'AVIF',
    mime: 'image/avif',
    ext: 'avif',
    maxSide: MAX_SIDE.avif,
    alpha: true,
    deep: true,
    icc: true,
  },
  jxl: {
    ...NO_FEATURES,
    label: 'JPEG XL',
    mime: 'image/jxl',
    ext: 'jxl',
    maxSide: MAX_SIDE.other,
    alpha: true,
    animation: true,
    deep: true,
    grey: true,
    icc: true,
  },
  gif: {
    ...NO_FEATURES,
    label: 'GIF',
    mime: 'image/gif',
    ext: 'gif',
    maxSide: MAX_SIDE.gif,
    alpha: true,
    animation: true,
  },
  tiff: {
    ...NO_FEATURES,
    label: 'TIFF',
    mime: 'image/tiff',
    ext: 'tiff',
    maxSide: MAX_SIDE.other,
    alpha: true,
    deep: true,
    grey: true,
    cmyk: true,
    icc: true,
  },
}

const EXTENSIONS: Readonly<Record<string, FormatType>> = {
  jpg: 'jpeg',
  jpeg: 'jpeg',
  jpe: 'jpeg',
  jfif: 'jpeg',
  png: 'png',
  webp: 'webp',
  avif: 'avif',
  jxl: 'jxl',
  gif: 'gif',
  tif: 'tiff',
  tiff: 'tiff',
}

/** Returns the format that a file's extension stands for; undefined if there is no encoder for it. */
export function outputTypeOf(path: string): FormatType | undefined {
  const ext = /\.([^./]+)$/.exec(path)?.[1]?.toLowerCase() ?? ''
  return Object.hasOwn(EXTENSIONS, ext) ? EXTENSIONS[ext] : undefined
}

/** Default candidates of `auto`. JPEG XL is not shown by all browsers, and needs a package. */
const AUTO_CANDIDATES: readonly FormatType[] = ['avif', 'webp', 'jpeg', 'png', 'gif']

/** Returns the formats that an output may get: several for `auto`. */
export function candidatesOf(format: Format): readonly FormatType[] {
  return format.type === 'auto' ? (format.among ?? AUTO_CANDIDATES) : [format.type]
}

/** Returns the capabilities of a format with the options of its encoder. */
export function factsOf(format: Format): Omit<FormatFacts, 'mime' | 'ext' | 'label' | 'maxSide'> {
  if (format.type === 'auto') {
    const candidates = candidatesOf(format).map((type) => FORMATS[type])
    const some = (fact: 'alpha' | 'animation' | 'icc') => candidates.some((facts) => facts[fact])
    return { ...NO_FEATURES, alpha: some('alpha'), animation: some('animation'), icc: some('icc') }
  }
  const facts = FORMATS[format.type]
  if (format.type === 'png' && usesPalette(format)) return { ...facts, deep: false }
  if (format.type !== 'tiff') return facts
  // The compression limits TIFF.
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

/** Formats that browsers show; JPEG XL since 2026. */
const KEPT = ['png', 'webp', 'gif', 'avif', 'jpeg', 'jxl'] as const satisfies readonly FormatType[]

/** Returns the format of an output without one: the source's if browsers show it, else PNG with alpha, else JPEG. */
export function defaultFormat(source: string, alpha: boolean): Format {
  const kept = KEPT.find((type) => type === source)
  if (kept !== undefined) return { type: kept }
  return { type: alpha ? 'png' : 'jpeg' }
}
