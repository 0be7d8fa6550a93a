import {
  BT709,
  describeColour,
  isHdr,
  primariesOf,
  SRGB_CURVE,
  transferOf,
  type ColourDescription,
} from '../metadata/colour-description.js'
import { readHeif } from '../metadata/heif.js'
import type { ColourCodes } from '../metadata/heif/colour-codes.js'
import { writeRgbProfile } from '../metadata/icc-writer.js'
import { correctLimitedRgb, matrixSupport } from './heif-matrix.js'
import { unpremultiply, type FilePixels } from './pixels.js'
import { toneMap } from './tone-map.js'

/** Colours of a HEIF file that sharp and libheif leave to the caller. */
export interface HeifColour {
  /** Undefined for sRGB, and if the file has a profile, which takes precedence. */
  readonly colour: ColourDescription | undefined
  readonly isPremultiplied: boolean
  /** Codes of the matrix and range, for `matrixSupport`. */
  readonly codes?: ColourCodes | undefined
}

/** Codes of the curve of ITU-R BT.709 and of unknown ones, for which browsers take that of sRGB in AVIF. */
const AS_SRGB: ReadonlySet<number> = new Set([1, 6, 11, 14, 15])

/** Reads the colours of the primary picture of an AVIF or HEIC. */
export function readHeifColour(bytes: Uint8Array): HeifColour {
  const picture = readHeif(bytes)
  if (picture === undefined) return { colour: undefined, isPremultiplied: false }
  const { codes, hasProfile, isPremultiplied, peak } = picture
  return { colour: hasProfile ? undefined : describeCodes(codes, peak), isPremultiplied, codes }
}

/** Returns undefined for sRGB. */
function describeCodes(
  codes: ColourCodes | undefined,
  peak: number | undefined,
): ColourDescription | undefined {
  if (codes === undefined) return undefined
  const primaries = primariesOf(codes.primaries) ?? BT709
  const transfer = AS_SRGB.has(codes.transfer) ? SRGB_CURVE : (transferOf(codes.transfer) ?? SRGB_CURVE)
  const isSrgb = primaries === BT709 && transfer === SRGB_CURVE
  return isSrgb ? undefined : describeColour(primaries, transfer, peak)
}

/** Returns the profile of colours; undefined for sRGB and HDR. */
export function profileOf(colour: ColourDescription | undefined): Buffer | undefined {
  return colour === undefined || isHdr(colour)
    ? undefined
    : writeRgbProfile(colour.primaries, colour.transfer)
}

/** Corrects the range, divides pixels by alpha, and tone-maps HDR to sRGB, in place. Other colours are left to `profileOf`. */
export async function correctPixels(
  pixels: FilePixels,
  { colour, isPremultiplied, codes }: HeifColour,
): Promise<void> {
  if (matrixSupport(codes) === 'wrong scale') correctLimitedRgb(pixels)
  if (isPremultiplied) unpremultiply(pixels)
  if (colour !== undefined && isHdr(colour)) await toneMap(pixels.data, pixels.channels, colour)
}
