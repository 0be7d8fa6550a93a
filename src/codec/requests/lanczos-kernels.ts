/**
 * Resizing along one axis, bit-exact with libvips (resize.c, reduceh.cpp, reducev.cpp): whole pixels are averaged first if less
 * than a quarter is left (shrink), then a Lanczos kernel is applied (reduce).
 */
export interface ResizePlan {
  /** Pixels averaged to one; 1 for no averaging. */
  readonly shrink: number
  /** Pixels after averaging. */
  readonly shrunkLength: number
  /** Kernel size in pixels, a multiple of four; 0 for no kernel. */
  readonly taps: number
  /**
   * Eight bytes for each output pixel: the first input pixel, which may be outside the picture, and the offset in these bytes of
   * its weights in 4096ths.
   */
  readonly kernels: Uint8Array
}

/** Positions of a kernel between two pixels (libvips' `VIPS_TRANSFORM_SCALE`). */
const PHASES = 64
/** Sum of a kernel's weights. */
const UNIT = 4096
/** libvips leaves at least this factor to the kernel (`gap` of `vips_resize`). */
const GAP = 2
/** Lobes of the Lanczos kernel on either side. */
const LOBES = 3
/** Largest number of pixels whose sum fits into 16 bits. */
const MAX_SHRINK = 255

/** An axis of a picture to resize. */
export interface Axis {
  /** Length in pixels. */
  readonly from: number
  /** Ratio of the length to the length after resizing. */
  readonly factor: number
  /** First output pixel that is wanted, and how many. */
  readonly first: number
  readonly count: number
  /**
   * Output pixel at which libvips computes the input position again, and the number of pixels after which it does so again. It
   * adds up positions in between, which rounds differently.
   */
  readonly origin: number
  readonly restart: number
}

/** Returns the length in pixels after resizing by a factor; libvips rounds to the nearest pixel. */
export function resizedLength(from: number, factor: number): number {
  return Math.floor(from / roundTrip(factor) + 0.5)
}

/** sharp passes the inverse of the factor, and libvips inverts it again; both round. */
function roundTrip(factor: number): number {
  return 1 / (1 / factor)
}

/** Returns the plan for an axis; undefined if it shrinks too far, or fewer pixels are left than wanted. */
export function planResize(axis: Axis): ResizePlan | undefined {
  const { from, first, count, origin, restart } = axis
  let factor = roundTrip(axis.factor)
  const to = resizedLength(from, axis.factor)
  if (first + count > to) return undefined
  const shrink = Math.max(1, Math.floor(from / to / GAP))
  const shrunkLength = Math.ceil(from / shrink)
  // Averaging alone is enough.
  if (factor === shrink)
    return count === to ? { shrink, shrunkLength, taps: 0, kernels: new Uint8Array() } : undefined
  if (shrink > MAX_SHRINK) return undefined
  const surplus = (to * factor - from) / shrink
  factor /= shrink
  const points = 2 * roundToEven(LOBES * factor) + 1
  const taps = Math.ceil(points / 4) * 4
  const offset = (1 + surplus) / 2 - 1
  const lead = Math.ceil(points / 2) - 1
  const view = new DataView(new ArrayBuffer(count * 8 + (PHASES + 1) * taps * 2))
  const offsetOfPhase = new Map<number, number>()
  let end = count * 8
  let position = 0
  for (let index = origin; index < first + count; index++) {
    if ((index - origin) % restart === 0) position = (index + 0.5) * factor - 0.5 - offset
    if (index >= first) {
      const phase = ((Math.trunc(position * PHASES * 2) & (PHASES * 2 - 1)) + 1) >> 1
      let weights = offsetOfPhase.get(phase)
      if (weights === undefined) {
        weights = end
        offsetOfPhase.set(phase, weights)
        calculateWeights(points, factor, phase / PHASES).forEach((weight, tap) =>
          view.setInt16(end + tap * 2, weight, true),
        )
        end += taps * 2
      }
      view.setInt32((index - first) * 8, Math.trunc(position) - lead, true)
      view.setUint32((index - first) * 8 + 4, weights, true)
    }
    position += factor
  }
  return { shrink, shrunkLength, taps, kernels: new Uint8Array(view.buffer, 0, end) }
}

/** Rounds like C's `rint`. */
function roundToEven(value: number): number {
  const floor = Math.floor(value)
  if (value - floor === 0.5) return floor % 2 === 0 ? floor : floor + 1
  return Math.floor(value + 0.5)
}

/** Returns the weights of a kernel at a phase between two pixels (libvips' templates.h, `calculate_coefficients`). */
function calculateWeights(points: number, factor: number, phase: number): readonly number[] {
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
