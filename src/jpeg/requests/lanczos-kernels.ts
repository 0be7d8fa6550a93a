/**
 * How an axis is made shorter, in libvips' words and to its very numbers: by whole pixels first, whose mean is taken,
 * where less than a quarter is left, and then by a kernel (libvips' resize.c, reduceh.cpp and reducev.cpp).
 */
export interface ResizePlan {
  /** Of how many pixels the mean is taken; 1 for none. */
  readonly whole: number
  /** How many means there are. */
  readonly count: number
  /** Pixels that a kernel weighs, a multiple of four; 0 for no kernel. */
  readonly taps: number
  /**
   * For each pixel that is made eight bytes: the first that is weighed, which may lie outside, and where among these bytes
   * its weights are, in 4096ths.
   */
  readonly bytes: Uint8Array
}

/** How far from one another two pixels that are made from the same kernels may be: 64ths of a pixel. */
const PHASES = 64
const UNIT = 4096
/** libvips leaves at least so much to the kernel (vips_resize's `gap`). */
const GAP = 2
/** What a kernel of Lanczos spans, on either side. */
const LOBES = 3
/** Below that a mean of whole pixels is a sum in 16 bits. */
const MOST_WHOLE = 255

/** An axis of a picture that becomes shorter. */
export interface Axis {
  /** Pixels that there are. */
  readonly from: number
  /** How much shorter it becomes. */
  readonly factor: number
  /** The first of the pixels made that is wanted, and how many are. */
  readonly first: number
  readonly count: number
  /**
   * From which pixel on libvips adds to the place in the source from one to the next, and after how many it takes the place
   * anew, which rounds otherwise.
   */
  readonly origin: number
  readonly restart: number
}

/** How long an axis becomes: libvips rounds to the nearest pixel. */
export function lengthOf(from: number, factor: number): number {
  return Math.floor(from / turnRound(factor) + 0.5)
}

/** sharp hands over what part of the other a length is, and libvips turns that round again. */
function turnRound(factor: number): number {
  return 1 / (1 / factor)
}

/** Undefined where an axis shrinks too far. */
export function planResize(axis: Axis): ResizePlan | undefined {
  const { from, first, count: wanted, origin, restart } = axis
  let factor = turnRound(axis.factor)
  const to = lengthOf(from, axis.factor)
  if (first + wanted > to) return undefined
  const whole = Math.max(1, Math.floor(from / to / GAP))
  const count = Math.ceil(from / whole)
  // Whole pixels are all that it takes.
  if (factor === whole) return wanted === to ? { whole, count, taps: 0, bytes: new Uint8Array() } : undefined
  if (whole > MOST_WHOLE) return undefined
  const surplus = (to * factor - from) / whole
  factor /= whole
  const points = 2 * roundToEven(LOBES * factor) + 1
  const taps = Math.ceil(points / 4) * 4
  const offset = (1 + surplus) / 2 - 1
  const lead = Math.ceil(points / 2) - 1
  const view = new DataView(new ArrayBuffer(wanted * 8 + (PHASES + 1) * taps * 2))
  const known = new Map<number, number>()
  let end = wanted * 8
  let place = 0
  for (let index = origin; index < first + wanted; index++) {
    if ((index - origin) % restart === 0) place = (index + 0.5) * factor - 0.5 - offset
    if (index >= first) {
      const phase = ((Math.trunc(place * PHASES * 2) & (PHASES * 2 - 1)) + 1) >> 1
      let weights = known.get(phase)
      if (weights === undefined) {
        weights = end
        known.set(phase, weights)
        weigh(points, factor, phase / PHASES).forEach((weight, tap) =>
          view.setInt16(end + tap * 2, weight, true),
        )
        end += taps * 2
      }
      view.setInt32((index - first) * 8, Math.trunc(place) - lead, true)
      view.setUint32((index - first) * 8 + 4, weights, true)
    }
    place += factor
  }
  return { whole, count, taps, bytes: new Uint8Array(view.buffer, 0, end) }
}

/** As C's `rint`. */
function roundToEven(value: number): number {
  const floor = Math.floor(value)
  if (value - floor === 0.5) return floor % 2 === 0 ? floor : floor + 1
  return Math.floor(value + 0.5)
}

/** So many weights of a kernel, so far behind its pixel (libvips' templates.h, `calculate_coefficients`). */
function weigh(points: number, factor: number, phase: number): readonly number[] {
  const half = phase + points / 2 - 1
  const values = Array.from({ length: points }, (_, index) => lanczos((index - half) / factor))
  const sum = values.reduce((total, value) => total + value, 0)
  return values.map((value) => Math.trunc((value / sum) * UNIT))
}

function lanczos(x: number): number {
  return Math.abs(x) <= LOBES ? sinc(x) * sinc(x / LOBES) : 0
}

function sinc(x: number): number {
  return x === 0 ? 1 : Math.sin(x * Math.PI) / (x * Math.PI)
}
