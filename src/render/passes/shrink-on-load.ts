import type { Size } from '../../picture.js'
import { loadSharp } from '../../sharp.js'
import { cornerOf } from '../../operations/geometry.js'
import type { ScaleDenominator, JpegSize } from '../../jpeg/types.js'
import type { Step } from './plan-passes.js'

/** Libraries whose pixels and bytes are known to be made alike (test/render/jpeg-to-jpeg.test.ts). */
const KNOWN = { vips: '8.18.7', mozjpeg: '0826579' }

/** Pixels to be decoded, beyond which libjpeg and libvips are as quick; not at 1/8, where no coefficients are. */
const MOST_PIXELS = 512 * 1024

/** What a JPEG is decoded to, and scaled to then. */
export interface Scaling {
  readonly part: ScaleDenominator
  readonly to: JpegSize
}

/**
 * How we can scale a JPEG to the very pixels that libvips makes: where it becomes smaller on both sides, by libvips' own
 * kernel, and nothing is cropped but what is too large for a size that it covers. Undefined where that is left to libvips.
 */
export function planScaling(
  { operation: { op, params }, from, to }: Step,
  orientation: number,
): Scaling | undefined {
  const gravity = op.covers?.(params)
  const isUsual = gravity !== undefined || op.scales?.(params) === 'lanczos3'
  if (!isUsual || to.width >= from.width || to.height >= from.height || !isKnown()) return undefined
  const part = shrinkOnLoad(from, to)
  const pixels = (from.width * from.height) / part ** 2
  if (part < 8 && pixels > MOST_PIXELS) return undefined
  const size = asStored(to, orientation)
  return { part, to: { ...size, orientation, cover: gravity && cornerOf(gravity) } }
}

/** A size as pixels are stored that an orientation turns to it. */
function asStored({ width, height }: Size, orientation: number): Size {
  return orientation > 4 ? { width: height, height: width } : { width, height }
}

function isKnown(): boolean {
  const { versions } = loadSharp()
  return versions.vips === KNOWN.vips && versions.mozjpeg === KNOWN.mozjpeg
}

/**
 * To what part of its size sharp has a JPEG decoded that becomes so much smaller: 1, 1/2, 1/4 or 1/8 (src/pipeline.cc,
 * `jpegShrinkOnLoad`). A step less where libjpeg might round to too few pixels.
 */
export function shrinkOnLoad(from: Size, to: Size): ScaleDenominator {
  const factor = Math.min(from.width / to.width, from.height / to.height)
  const step = Math.floor(factor)
  if (factor >= 8) return step === 8 ? 4 : 8
  if (factor >= 4) return step === 4 ? 2 : 4
  return factor >= 3 ? 2 : 1
}
