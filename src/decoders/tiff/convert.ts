import type { FailOn } from '../../image/types.js'
import { numberOf, numbersOf } from '../../metadata/tiff-tags.js'
import { applyPalette, labToRgb, unpremultiply, yCbCrToRgb, type LabScale } from './colour.js'
import { createUnsupportedError } from './errors.js'
import { gatherChannels, type ChannelPlan, type Pixels } from './gather.js'
import { PHOTOMETRIC, type TiffLayout } from './layout.js'
import type { WorkClock } from './work-clock.js'

/** Pixels as every reader takes them: unsigned, 8 or 16 bits, an alpha that is not multiplied in, and no other channel. */
export interface PlainPixels {
  readonly pixels: Pixels
  /** Grey, RGB or CMYK. */
  readonly photometric: 1 | 2 | 5
  readonly channels: number
  readonly hasAlpha: boolean
}

export interface ConvertOptions {
  readonly failOn: FailOn
  readonly clock: WorkClock
}

/** More of the samples than this outside of 0 to 1, and a file holds measurements rather than colours. */
const MAX_OUTSIDE = 0.5

/** Reads the samples of a TIFF and converts them. Throws CORRUPT_IMAGE, UNSUPPORTED_FORMAT, TIMED_OUT and ABORTED. */
export async function convertPixels(
  file: Uint8Array,
  layout: TiffLayout,
  options: ConvertOptions,
): Promise<PlainPixels> {
  const { photometric, kind, alpha, colours, bits = 8 } = layout
  const depth = depthOf(layout)
  const max = 2 ** depth - 1
  const channels = planChannels(layout, max)
  const subsampling = subsamplingOf(layout)
  const { pixels, outside } = await gatherChannels(file, layout, { ...options, channels, depth, subsampling })
  if (kind === 'float' && outside > pixels.length * MAX_OUTSIDE) {
    throw createUnsupportedError('floating-point samples outside of 0 to 1, most likely measurements')
  }
  const hasAlpha = alpha !== undefined
  // An index into a palette can't be multiplied.
  if (alpha?.isAssociated && photometric !== PHOTOMETRIC.palette) unpremultiply(pixels, channels.length, max)
  switch (photometric) {
    case PHOTOMETRIC.whiteIsZero:
    case PHOTOMETRIC.blackIsZero:
      return { pixels, photometric: 1, channels: channels.length, hasAlpha }
    case PHOTOMETRIC.separated:
      return { pixels, photometric: 5, channels: channels.length, hasAlpha }
    case PHOTOMETRIC.palette: {
      const map = numbersOf(layout.tags, 320)
      if (map.length < 3 * 2 ** bits) throw createUnsupportedError('a palette that is cut off')
      const looked = applyPalette(pixels, channels.length, map)
      return { pixels: looked, photometric: 2, channels: channels.length + 2, hasAlpha }
    }
    case PHOTOMETRIC.yCbCr:
      yCbCrToRgb(pixels, channels.length, max, {
        coefficients: numbersOf(layout.tags, 529),
        reference: numbersOf(layout.tags, 532),
      })
      break
    default:
      if (isLab(layout) && pixels instanceof Uint16Array) {
        labToRgb(pixels, channels.length, labScaleOf(layout))
      }
  }
  return { pixels, photometric: 2, channels: colours + (hasAlpha ? 1 : 0), hasAlpha }
}

function depthOf(layout: TiffLayout): 8 | 16 {
  const { photometric, bits = 8, kind, alpha } = layout
  // libvips clips the alpha of CMYK with 16 bits to 255.
  if (photometric === PHOTOMETRIC.separated && alpha !== undefined) return 8
  return kind === 'float' || bits > 8 || isLab(layout) ? 16 : 8
}

export function isLab({ photometric }: TiffLayout): boolean {
  return photometric === PHOTOMETRIC.cieLab || photometric === PHOTOMETRIC.iccLab
}

/** Plans the colour channels, then the alpha. An index into a palette and Lab are read as they are. */
function planChannels(layout: TiffLayout, max: number): ChannelPlan[] {
  const { photometric, colours, alpha, bits = 8, kind } = layout
  const isRaw = photometric === PHOTOMETRIC.palette || isLab(layout)
  const [low, high] = kind === 'float' ? floatRange(layout) : [0, 2 ** bits - 1]
  const scaled = { factor: max / (high - low), offset: (-low * max) / (high - low) }
  const inverted = { factor: -scaled.factor, offset: max - scaled.offset }
  const asIs = { factor: 1, offset: 0 }
  const colour = isRaw ? asIs : photometric === PHOTOMETRIC.whiteIsZero ? inverted : scaled
  const plans = Array.from({ length: colours }, (_, channel): ChannelPlan => ({ channel, ...colour }))
  if (alpha === undefined) return plans
  // The range of the colours does not hold for alpha.
  const factor = kind === 'float' ? max : max / (2 ** bits - 1)
  return [...plans, { channel: alpha.channel, factor, offset: 0 }]
}

/** Returns the samples of black and white, by the SMinSampleValue and SMaxSampleValue tags. */
function floatRange({ tags }: TiffLayout): readonly [low: number, high: number] {
  const [low, high] = [numberOf(tags, 340), numberOf(tags, 341)]
  return low !== undefined && high !== undefined && high > low ? [low, high] : [0, 1]
}

function subsamplingOf({ photometric, tags, isPlanar, channels }: TiffLayout): readonly [number, number] {
  if (photometric !== PHOTOMETRIC.yCbCr) return [1, 1]
  const [across = 2, down = 2] = numbersOf(tags, 530)
  const isSubsampled = across !== 1 || down !== 1
  if (!isSubsampled) return [1, 1]
  if (![1, 2, 4].includes(across) || ![1, 2, 4].includes(down)) {
    throw createUnsupportedError(`chroma subsampling ${across}x${down}`)
  }
  // libtiff, which wrote most of the files, does not define how planes are subsampled.
  if (isPlanar || channels > 3) {
    throw createUnsupportedError(
      `chroma subsampling in ${isPlanar ? 'planes of their own' : `${channels} channels`}`,
    )
  }
  return [across, down]
}

/** Scale of Lab samples (TIFF 6.0, section 23; for ICC Lab Adobe's TIFF Technical Notes). */
function labScaleOf({ photometric, bits }: TiffLayout): LabScale {
  const isIcc = photometric === PHOTOMETRIC.iccLab
  if (bits === 8) {
    return {
      lightness: (sample) => sample / 2.55,
      opponent: isIcc ? (sample) => sample - 128 : (sample) => (sample << 24) >> 24,
    }
  }
  return {
    lightness: isIcc ? (sample) => sample / 652.8 : (sample) => sample / 655.35,
    opponent: isIcc ? (sample) => sample / 256 - 128 : (sample) => ((sample << 16) >> 16) / 256,
  }
}
