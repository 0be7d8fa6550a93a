import type { Metadata } from 'sharp'
import type { RawPixels } from '../picture.js'
import { TIFF_TYPE, writeTiff } from './tiff-directory.js'

/** Metadata of the pixels, in sharp's terms. */
export type PixelMetadata = Pick<Metadata, 'icc' | 'orientation' | 'density' | 'resolutionUnit'> & {
  /** Replaces the density in pixels per inch, which is rounded. */
  readonly pixelsPerMetre?: number | undefined
}

const UNCOMPRESSED = 1
const RGB = 2
const UNASSOCIATED_ALPHA = 2
const INCH = 2
/** libvips reads a resolution without a unit as pixels per millimetre. */
const NO_UNIT = 1
const MILLIMETRES_PER_INCH = 25.4
const MILLIMETRES_PER_METRE = 1000

/** Returns an uncompressed TIFF of raw pixels and their metadata (TIFF 6.0; for the profile ICC.1, annex B.4). */
export function wrapInTiff(
  { width, height, channels, bytes }: RawPixels,
  { icc, orientation = 1, density = 72, resolutionUnit, pixelsPerMetre }: PixelMetadata,
): Buffer {
  const { short, long, rational, undefined: opaque } = TIFF_TYPE
  const bitsPerSample = Buffer.from(Array.from({ length: channels }, () => [8, 0]).flat())
  const hasUnit = resolutionUnit !== undefined && pixelsPerMetre === undefined
  const resolution = Buffer.alloc(8)
  resolution.writeUInt32LE(pixelsPerMetre ?? density * 10, 0)
  resolution.writeUInt32LE(
    pixelsPerMetre === undefined ? (hasUnit ? 1 : MILLIMETRES_PER_INCH) * 10 : MILLIMETRES_PER_METRE,
    4,
  )
  return writeTiff([
    [256, long, 1, width],
    [257, long, 1, height],
    [258, short, channels, bitsPerSample],
    [259, short, 1, UNCOMPRESSED],
    [262, short, 1, RGB],
    // The offset of the only strip.
    [273, long, 1, bytes],
    [274, short, 1, orientation],
    [277, short, 1, channels],
    [278, long, 1, height],
    [279, long, 1, bytes.length],
    [282, rational, 1, resolution],
    [283, rational, 1, resolution],
    [296, short, 1, hasUnit ? INCH : NO_UNIT],
    ...(channels === 4 ? [[338, short, 1, UNASSOCIATED_ALPHA] as const] : []),
    ...(icc === undefined ? [] : [[34675, opaque, icc.length, icc] as const]),
  ])
}
