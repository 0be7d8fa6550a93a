/** Red, green and blue from 0 to 255, or the L, a and b of OKLab. */
export type Triple = readonly [number, number, number]

/** A group of similar colours. */
export interface Cluster {
  readonly rgb: Triple
  /** Share of the visible pixels, 0 to 1. */
  readonly share: number
}

/** Pixels of nearly the same colour: one bin of the histogram. */
interface Bin {
  /** Number of pixels, weighted by alpha. */
  readonly weight: number
  readonly rgb: Triple
  readonly lab: Triple
}

/** A split of a box of bins in two. `gain` is the reduction of the sum of squared distances to the mean. */
interface Cut {
  readonly gain: number
  readonly halves: readonly [readonly Bin[], readonly Bin[]]
}

/** Bits per channel of the histogram. */
const BITS = 5
/** Minimum gain per pixel of one more colour, as a squared distance in OKLab. Less is invisible. */
const MIN_GAIN = 0.00005
/** Minimum share of a colour. Blends along edges have less. */
const MIN_SHARE = 0.005

/**
 * Returns at most `maxColors` colours of RGBA pixels, the largest share first. Splits the box whose split lowers the
 * variance most, until there are enough (Wu, "Efficient Statistical Computations for Optimal Color Quantization",
 * Graphics Gems II, 1991). Distances are measured in OKLab (Ottosson, "A perceptual color space for image processing",
 * 2020).
 */
export function findClusters(rgba: Uint8Array, maxColors: number): readonly Cluster[] {
  const bins = countBins(rgba)
  if (bins.length === 0) return []
  const total = totalWeight(bins)
  let boxes = [{ bins, cut: findBestCut(bins) }]
  while (boxes.length < maxColors) {
    const best = boxes.reduce((one, other) => (other.cut.gain > one.cut.gain ? other : one), boxes[0]!)
    if (best.cut.gain < MIN_GAIN * total) break
    const halves = best.cut.halves.map((half) => ({ bins: half, cut: findBestCut(half) }))
    boxes = [...boxes.filter((box) => box !== best), ...halves]
  }
  return boxes
    .map(({ bins }) => ({ rgb: medianColor(bins), share: totalWeight(bins) / total }))
    .filter(({ share }) => share >= MIN_SHARE)
    .toSorted((one, other) => other.share - one.share)
}

function countBins(rgba: Uint8Array): readonly Bin[] {
  const sums = new Map<number, { weight: number; red: number; green: number; blue: number }>()
  for (let at = 0; at < rgba.length; at += 4) {
    const weight = rgba[at + 3]! / 255
    if (weight === 0) continue
    const [red, green, blue] = [rgba[at]!, rgba[at + 1]!, rgba[at + 2]!]
    const drop = 8 - BITS
    const key = ((red >> drop) << (2 * BITS)) | ((green >> drop) << BITS) | (blue >> drop)
    const sum = sums.get(key) ?? { weight: 0, red: 0, green: 0, blue: 0 }
    sum.weight += weight
    sum.red += weight * red
    sum.green += weight * green
    sum.blue += weight * blue
    sums.set(key, sum)
  }
  return Array.from(sums.values(), ({ weight, red, green, blue }) => {
    const rgb: Triple = [red / weight, green / weight, blue / weight]
    return { weight, rgb, lab: toOklab(rgb) }
  })
}

/** Returns the best split across one of the three axes. Its gain is 0 if no split is possible. */
function findBestCut(bins: readonly Bin[]): Cut {
  let best: Cut = { gain: 0, halves: [bins, []] }
  for (const axis of [0, 1, 2] as const) {
    const sorted = bins.toSorted((one, other) => one.lab[axis] - other.lab[axis])
    const whole = sorted.reduce(addBin, NOTHING)
    let left = NOTHING
    for (const [index, bin] of sorted.slice(0, -1).entries()) {
      left = addBin(left, bin)
      const right = { weight: whole.weight - left.weight, sum: combine(whole.sum, left.sum, -1) }
      const gain = squaredMean(left) + squaredMean(right) - squaredMean(whole)
      if (gain > best.gain) best = { gain, halves: [sorted.slice(0, index + 1), sorted.slice(index + 1)] }
    }
  }
  return best
}

/** Weight, and weighted sum of OKLab coordinates. */
interface Moments {
  readonly weight: number
  readonly sum: Triple
}

const NOTHING: Moments = { weight: 0, sum: [0, 0, 0] }

function addBin({ weight, sum }: Moments, bin: Bin): Moments {
  return { weight: weight + bin.weight, sum: combine(sum, bin.lab, bin.weight) }
}

function combine(one: Triple, other: Triple, times: number): Triple {
  return [one[0] + times * other[0], one[1] + times * other[1], one[2] + times * other[2]]
}

/** Returns |sum|² / weight. The sum of squared distances to the mean is that to the origin minus this value. */
function squaredMean({ weight, sum: [x, y, z] }: Moments): number {
  return (x * x + y * y + z * z) / weight
}

/** Returns the weighted median of each channel. Unlike the mean, it is not shifted by blends at edges. */
function medianColor(bins: readonly Bin[]): Triple {
  const half = totalWeight(bins) / 2
  const middle = (channel: 0 | 1 | 2): number => {
    let below = 0
    const sorted = bins.toSorted((one, other) => one.rgb[channel] - other.rgb[channel])
    return sorted.find(({ weight }) => (below += weight) >= half)?.rgb[channel] ?? 0
  }
  return [middle(0), middle(1), middle(2)]
}

function totalWeight(bins: readonly Bin[]): number {
  return bins.reduce((sum, { weight }) => sum + weight, 0)
}

function toOklab(rgb: Triple): Triple {
  const [red, green, blue] = rgb.map((value) => {
    const part = value / 255
    return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4
  }) as [number, number, number] // a map of three values
  const long = Math.cbrt(0.4122214708 * red + 0.5363325363 * green + 0.0514459929 * blue)
  const middle = Math.cbrt(0.2119034982 * red + 0.6806995451 * green + 0.1073969566 * blue)
  const short = Math.cbrt(0.0883024619 * red + 0.2817188376 * green + 0.6299787005 * blue)
  return [
    0.2104542553 * long + 0.793617785 * middle - 0.0040720468 * short,
    1.9779984951 * long - 2.428592205 * middle + 0.4505937099 * short,
    0.0259040371 * long + 0.7827717662 * middle - 0.808675766 * short,
  ]
}
