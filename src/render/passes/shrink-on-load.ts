import type { Size } from '../../picture.js'
import { cornerOf } from '../../operations/geometry.js'
import type { ScaleDenominator, JpegSize } from '../../codec/types.js'
import type { Step } from './plan-passes.js'
import { areLibrariesVerified } from './verified-libraries.js'

/**
 * Decoded pixels above which libjpeg and libvips are as fast, or the codec's memory is short: at full size, and at 1/2 and 1/4.
 * None at 1/8, which needs DC coefficients only.
 */
const MAX_PIXELS = 512 * 1024
const MAX_SCALED_PIXELS = 1024 * 1024

/** How to decode and scale a JPEG. */
export interface Scaling {
  /** Decodes at 1/8, 1/4, 1/2 or full size. */
  readonly scaleDenominator: ScaleDenominator
  /** Size after decoding and resampling, as stored. */
  readonly to: JpegSize
}

/**
 * Plans how `src/codec` scales a JPEG to the same pixels as libvips.
 *
 * @returns undefined if libvips must do it: unless both sides shrink, the kernel is lanczos3, nothing is cropped but by
 * `fit: cover`, and the library versions are verified.
 */
export function planScaling(step: Step, orientation: number): Scaling | undefined {
  const { from, to } = step
  if (!canScale(step)) return undefined
  const scaleDenominator = shrinkOnLoad(from, to)
  const pixels = (from.width * from.height) / scaleDenominator ** 2
  if (pixels > mostPixels(scaleDenominator)) return undefined
  return {
    scaleDenominator,
    to: { ...asStored(to, orientation), orientation, cover: coverOf(step.operation) },
  }
}

function mostPixels(scaleDenominator: ScaleDenominator): number {
  if (scaleDenominator === 8) return Infinity
  return scaleDenominator === 1 ? MAX_PIXELS : MAX_SCALED_PIXELS
}

/** Plans how `src/codec` scales the pixels of an upright picture as libvips does; undefined if libvips must do it. */
export function planWholeScaling(step: Step): JpegSize | undefined {
  const { width, height } = step.to
  return canScale(step) ? { width, height, orientation: 1, cover: coverOf(step.operation) } : undefined
}

/** Returns true if both sides shrink by the kernel lanczos3, with nothing cropped but by `fit: cover`. */
function canScale({ operation, from, to }: Step): boolean {
  const { op, params } = operation
  const isSupported = op.covers?.(params) !== undefined || op.scales?.(params) === 'lanczos3'
  return isSupported && to.width < from.width && to.height < from.height && areLibrariesVerified()
}

function coverOf({ op, params }: Step['operation']): JpegSize['cover'] {
  const gravity = op.covers?.(params)
  return gravity && cornerOf(gravity)
}

/**
 * Plans how `src/codec` decodes a JPEG that keeps its size to the same pixels as libvips.
 *
 * @returns undefined if libvips must do it: for many pixels, or other versions of the libraries.
 */
export function planSameSize(size: Size, orientation: number): Scaling | undefined {
  if (size.width * size.height > MAX_PIXELS || !areLibrariesVerified()) return undefined
  return { scaleDenominator: 1, to: { ...asStored(size, orientation), orientation, cover: undefined } }
}

/** Returns the stored size of a picture that has a size after its EXIF orientation is applied. */
function asStored({ width, height }: Size, orientation: number): Size {
  return orientation > 4 ? { width: height, height: width } : { width, height }
}

/**
 * Returns the denominator at which sharp decodes a JPEG to scale it down: 1, 2, 4 or 8 (sharp's src/pipeline.cc,
 * `jpegShrinkOnLoad`). One step less if libjpeg could round to too few pixels.
 */
export function shrinkOnLoad(from: Size, to: Size): ScaleDenominator {
  const factor = Math.min(from.width / to.width, from.height / to.height)
  const step = Math.floor(factor)
  if (factor >= 8) return step === 8 ? 4 : 8
  if (factor >= 4) return step === 4 ? 2 : 4
  return factor >= 3 ? 2 : 1
}
