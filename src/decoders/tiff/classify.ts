import { numberOf, numbersOf } from '../../metadata/tiff-tags.js'
import { COMPRESSION, PHOTOMETRIC, type TiffLayout } from './layout.js'

/** How to read a TIFF: by sharp, by conversion first, or not at all. */
export type Verdict = 'plain' | 'convert' | { readonly unsupported: string }

/** Compressions that the libtiff of sharp lacks, and others that it has for some pictures only, by the Compression tag. */
const COMPRESSION_NAMES: Readonly<Record<number, string>> = {
  2: 'CCITT',
  3: 'CCITT Group 3',
  4: 'CCITT Group 4',
  6: 'old-style JPEG',
  7: 'JPEG',
  9: 'JBIG (T.85)',
  10: 'JBIG (T.43)',
  32766: 'NeXT',
  32771: 'CCITT',
  32809: 'ThunderScan',
  32909: 'PixarLog',
  33003: 'JPEG 2000',
  33004: 'JPEG 2000',
  33005: 'JPEG 2000',
  33007: 'JPEG',
  34661: 'JBIG',
  34676: 'SGILog',
  34677: 'SGILog',
  34712: 'JPEG 2000',
  34887: 'LERC',
  34892: 'lossy JPEG (DNG)',
  34925: 'LZMA',
  34926: 'ZSTD',
  34927: 'WebP',
  50000: 'ZSTD',
  50001: 'WebP',
  50002: 'JPEG XL',
  52546: 'JPEG XL',
}

const PHOTOMETRIC_NAMES: Readonly<Record<number, string>> = {
  4: 'transparency mask',
  10: 'ITU Lab',
  32803: 'raw sensor data (CFA)',
  32844: 'LogL',
  32845: 'LogLuv',
  34892: 'raw sensor data (linear)',
  51177: 'depth map',
}

/** Compressions that both sharp and this decoder have. */
const COMMON: ReadonlySet<number> = new Set(Object.values(COMPRESSION).filter((value) => value !== 7))
const KNOWN_PHOTOMETRICS: ReadonlySet<number> = new Set(Object.values(PHOTOMETRIC))
/** InkSet tag: the inks are cyan, magenta, yellow and black. */
const CMYK = 1

/** Decides how to read a TIFF, from its tags only. The facts are those of libtiff 4.7 in libvips 8.18. */
export function classify(layout: TiffLayout): Verdict {
  const { photometric, compression } = layout
  // libvips requires the tag.
  if (photometric === undefined) return 'plain'
  if (!KNOWN_PHOTOMETRICS.has(photometric)) {
    return unsupported(PHOTOMETRIC_NAMES[photometric] ?? `colour model ${photometric}`)
  }
  if (!COMMON.has(compression)) {
    return hasCodec(layout)
      ? 'plain'
      : unsupported(
          `${COMPRESSION_NAMES[compression] ?? `number ${compression}`} compression${detailOf(layout)}`,
        )
  }
  const problem = problemOf(layout)
  if (problem !== undefined) return unsupported(problem)
  return isPlain(layout) && !hasSparseTiles(layout) ? 'plain' : 'convert'
}

function unsupported(what: string): Verdict {
  return { unsupported: what }
}

/** Returns true if sharp decodes a compression that this decoder lacks, for such a picture. */
function hasCodec(layout: TiffLayout): boolean {
  const { compression, bits, channels, photometric, kind } = layout
  const isGrey = photometric === PHOTOMETRIC.whiteIsZero || photometric === PHOTOMETRIC.blackIsZero
  switch (compression) {
    case 2:
    case 3:
    case 4:
    case 32771:
      return bits === 1 && channels === 1 && isGrey
    case 32766:
      return bits === 2 && channels === 1 && isGrey
    case 32809:
      return bits === 4 && channels === 1 && isGrey
    case COMPRESSION.jpeg:
      return (photometric === PHOTOMETRIC.yCbCr && bits === 8 && channels === 3) || isPlain(layout)
    case 50001:
      return photometric === PHOTOMETRIC.rgb && kind === 'unsigned' && isPlain(layout)
    default:
      return false
  }
}

/** Returns words for the message if it is not the compression alone that is missing. */
function detailOf({ compression, bits, channels }: TiffLayout): string {
  const hasItForOthers = [2, 3, 4, 7, 32766, 32771, 32809, 50001].includes(compression)
  return hasItForOthers
    ? ` of ${channels} channel${channels === 1 ? '' : 's'} with ${bits ?? 'different'} bits`
    : ''
}

const FLOAT_BITS: ReadonlySet<number> = new Set([16, 24, 32, 64])

/** Returns the reason why neither sharp nor this decoder reads the samples. */
function problemOf(layout: TiffLayout): string | undefined {
  const { photometric, bits, kind, channels, colours, tags } = layout
  if (bits === undefined) return 'channels of different depths'
  if (kind === undefined) return 'channels of different sample formats'
  if (kind === 'complex' || kind === 'signed') return `${bits}-bit ${kind} samples`
  if (kind === 'float' ? !FLOAT_BITS.has(bits) : bits > 32 && bits !== 64)
    return `${bits}-bit ${kind} samples`
  if (photometric === PHOTOMETRIC.separated && ((numberOf(tags, 332) ?? CMYK) !== CMYK || colours < 4)) {
    return 'inks other than CMYK'
  }
  if (photometric === PHOTOMETRIC.palette && (kind === 'float' || bits > 16)) {
    return `a palette of ${bits}-bit ${kind} samples`
  }
  if (
    (photometric === PHOTOMETRIC.cieLab || photometric === PHOTOMETRIC.iccLab) &&
    (kind === 'float' || (bits !== 8 && bits !== 16))
  ) {
    return `Lab of ${bits}-bit ${kind} samples`
  }
  if (photometric === PHOTOMETRIC.yCbCr && (kind === 'float' || (bits !== 8 && bits !== 16))) {
    return `YCbCr of ${bits}-bit ${kind} samples`
  }
  const needed =
    photometric === PHOTOMETRIC.whiteIsZero ||
    photometric === PHOTOMETRIC.blackIsZero ||
    photometric === PHOTOMETRIC.palette
      ? 1
      : 3
  return channels < needed ? `a colour model of ${needed} channels in ${channels}` : undefined
}

/** Returns true if sharp reads the samples right. */
function isPlain(layout: TiffLayout): boolean {
  const { photometric, bits, kind, channels, colours, alpha, isPlanar, isTiled } = layout
  if (kind !== 'unsigned' || bits === undefined) return false
  // libvips does not read tiles of separate planes.
  if (isTiled && hasPlanarTag(layout)) return false
  const isWhole = bits === 8 || bits === 16
  const hasOnlyAlpha = channels === colours + 1 && alpha !== undefined
  const hasNoExtra = channels === colours
  switch (photometric) {
    case PHOTOMETRIC.whiteIsZero:
    case PHOTOMETRIC.blackIsZero:
      if (hasNoExtra) return isWhole || ((bits === 1 || bits === 2 || bits === 4) && !hasPlanarTag(layout))
      return hasOnlyAlpha && isWhole && !isPlanar
    case PHOTOMETRIC.palette:
      return hasNoExtra && (bits === 1 || bits === 2 || bits === 4 || bits === 8) && !hasPlanarTag(layout)
    case PHOTOMETRIC.rgb:
      return isWhole && (hasNoExtra || hasOnlyAlpha)
    case PHOTOMETRIC.separated:
      return isWhole && (hasNoExtra || (hasOnlyAlpha && bits === 8))
    case PHOTOMETRIC.cieLab:
      return bits === 16 && hasNoExtra && !isPlanar
    default:
      return false
  }
}

/** Returns true if planes are announced, even of one channel: libvips reads them by another path. */
function hasPlanarTag({ tags }: TiffLayout): boolean {
  return numberOf(tags, 284) === 2
}

/** Returns true if tiles were left out because they are empty, as GDAL does. */
function hasSparseTiles({ tags, isTiled }: TiffLayout): boolean {
  return isTiled && numbersOf(tags, 325).includes(0)
}
