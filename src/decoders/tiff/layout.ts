import { numberOf, numbersOf, readTiffTags, type TiffTags } from '../../metadata/tiff-tags.js'

/** Numbers of the PhotometricInterpretation tag. */
export const PHOTOMETRIC = {
  whiteIsZero: 0,
  blackIsZero: 1,
  rgb: 2,
  palette: 3,
  separated: 5,
  yCbCr: 6,
  cieLab: 8,
  iccLab: 9,
} as const

/** Numbers of the Compression tag that this decoder knows. */
export const COMPRESSION = {
  none: 1,
  lzw: 5,
  jpeg: 7,
  deflate: 8,
  oldDeflate: 32946,
  packBits: 32773,
} as const

/** Kinds of samples, by the SampleFormat tag. */
export type SampleKind = 'unsigned' | 'signed' | 'float' | 'complex'

/** How the first picture of a TIFF is stored. */
export interface TiffLayout {
  readonly tags: TiffTags
  readonly width: number
  readonly height: number
  /** Bits of a sample; undefined if the channels differ. */
  readonly bits: number | undefined
  /** Undefined if the channels differ. */
  readonly kind: SampleKind | undefined
  /** Channels, with the extra ones. */
  readonly channels: number
  /** Channels of colour. */
  readonly colours: number
  /** Channel that holds the alpha, and true if the colours are multiplied by it. */
  readonly alpha: { readonly channel: number; readonly isAssociated: boolean } | undefined
  /** Undefined if the tag is missing. */
  readonly photometric: number | undefined
  readonly compression: number
  /** True if each channel has blocks of its own. */
  readonly isPlanar: boolean
  readonly isTiled: boolean
  /** Size of a strip or tile. */
  readonly blockWidth: number
  readonly blockHeight: number
}

const KINDS: readonly (SampleKind | undefined)[] = [
  'unsigned',
  'unsigned',
  'signed',
  'float',
  // Undefined: as unsigned (TIFF 6.0, section 19).
  'unsigned',
  'complex',
  'complex',
]

/** Reads the layout of the first picture. Returns undefined if the file is no TIFF, or has no size. */
export function readTiffLayout(bytes: Uint8Array): TiffLayout | undefined {
  const tags = readTiffTags(bytes)
  if (tags === undefined) return undefined
  const [width, height] = [numberOf(tags, 256) ?? 0, numberOf(tags, 257) ?? 0]
  if (width < 1 || height < 1) return undefined
  const channels = numberOf(tags, 277) ?? 1
  const photometric = numberOf(tags, 262)
  const colours = Math.min(channels, coloursOf(photometric))
  const tileWidth = numberOf(tags, 322)
  return {
    tags,
    width,
    height,
    bits: onlyValue(numbersOf(tags, 258), 1),
    kind: KINDS[onlyValue(numbersOf(tags, 339), 1) ?? -1],
    channels,
    colours,
    alpha: alphaOf(tags, channels, colours),
    photometric,
    compression: numberOf(tags, 259) ?? COMPRESSION.none,
    isPlanar: channels > 1 && numberOf(tags, 284) === 2,
    isTiled: tileWidth !== undefined,
    blockWidth: tileWidth ?? width,
    blockHeight: numberOf(tags, tileWidth === undefined ? 278 : 323) ?? height,
  }
}

/** Returns the value that all have, the default if there are none, undefined if they differ. */
function onlyValue(values: readonly number[], missing: number): number | undefined {
  const [first = missing] = values
  return values.every((value) => value === first) ? first : undefined
}

function coloursOf(photometric: number | undefined): number {
  switch (photometric) {
    case PHOTOMETRIC.whiteIsZero:
    case PHOTOMETRIC.blackIsZero:
    case PHOTOMETRIC.palette:
      return 1
    case PHOTOMETRIC.separated:
      return 4
    default:
      return 3
  }
}

/** Values of the ExtraSamples tag. */
const [ASSOCIATED, UNASSOCIATED] = [1, 2]

/**
 * Returns the first extra channel that is an alpha by the ExtraSamples tag. Without that tag one extra channel is an
 * unassociated alpha, as other readers have it.
 */
function alphaOf(tags: TiffTags, channels: number, colours: number): TiffLayout['alpha'] {
  const extra = tags.tags.has(338) ? numbersOf(tags, 338) : channels - colours === 1 ? [UNASSOCIATED] : []
  // The tag describes the last channels. A wrong one may list more than there are.
  const first = channels - Math.min(extra.length, channels - colours)
  const found = extra.findIndex((value) => value === ASSOCIATED || value === UNASSOCIATED)
  if (found < 0 || first + found >= channels) return undefined
  return { channel: first + found, isAssociated: extra[found] === ASSOCIATED }
}
