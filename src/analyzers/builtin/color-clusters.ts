/** Three numbers: red, green, blue from 0 to 255, or OKLab's lightness and two axes of colour. */
export type Triple = readonly [number, number, number]

/** Colours that belong together. */
export interface Cluster {
  readonly rgb: Triple
  /** Of all visible pixels, 0 to 1. */
  readonly share: number
}

/** Pixels of nearly the same colour. */
interface Bin {
  /** Pixels; those half transparent count half. */
  readonly weight: number
  readonly rgb: Triple
  readonly lab: Triple
}

/** A box of bins in two, and how much nearer, squared, its pixels come to the means of their box. */
interface Cut {
  readonly gain: number
  readonly halves: readonly [readonly Bin[], readonly Bin[]]
}

/** Bits a channel in a bin. */
const BITS = 5
/** The least that one more colour must bring a pixel nearer to its own, squared, in OKLab: less, nobody sees. */
const MIN_GAIN = 0.00005
/** The least share of a colour: edges that blend two others have less. */
const MIN_SHARE = 0.005

/**
 * The colours of RGBA pixels, the largest share first. The box whose cut lowers the variance most is cut, until there
 * are as many as wanted (Wu, "Efficient Statistical Computations for Optimal Color Quantization", Graphics Gems II,
 * 1991), in a space where distances are what eyes see (Ottosson, "A perceptual color space for image processing", 2020).
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

/** The best cut across one of the three axes; its gain is 0 where there is nothing to cut. */
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

/** Weight, and weighted sum of places in OKLab. */
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

/** What the variance of a group is less by than about the origin. */
function squaredMean({ weight, sum: [x, y, z] }: Moments): number {
  return (x * x + y * y + z * z) / weight
}

/** The median of each channel, which the blends at edges don't shift as they would a mean. */
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
  }) as [number, number, number] // one for one
  const long = Math.cbrt(0.4122214708 * red + 0.5363325363 * green + 0.0514459929 * blue)
  const middle = Math.cbrt(0.2119034982 * red + 0.6806995451 * green + 0.1073969566 * blue)
  const short = Math.cbrt(0.0883024619 * red + 0.2817188376 * green + 0.6299787005 * blue)
  return [
    0.2104542553 * long + 0.793617785 * middle - 0.0040720468 * short,
    1.9779984951 * long - 2.428592205 * middle + 0.4505937099 * short,
    0.0259040371 * long + 0.7827717662 * middle - 0.808675766 * short,
  ]
}
