/** A tone curve: a function with its parameters (ICC.1:2022, 10.18), or samples of 16 bits (10.6). */
export type ToneCurve = FunctionCurve | { readonly samples: Uint16Array }

/** The power law of the standard, with a straight line below a threshold from type 3 on. */
export interface FunctionCurve {
  readonly type: number
  /** g, a, b, c, d, e and f, as far as the type has them. */
  readonly parameters: readonly number[]
}

/** Number of parameters of each type of function. */
export const PARAMETER_COUNTS = [1, 3, 4, 5, 7]

/** lcms takes numbers below it for 0. */
const LEAST = 0.0001
const MAX_WORD = 0xffff

/** Evaluates a curve in the precision of lcms (`cmsEvalToneCurveFloat`). The value has single precision, from 0 to 1. */
export function evaluate(curve: ToneCurve, value: number): number {
  if ('samples' in curve) return Math.fround(interpolate(curve.samples, toWord(value)) / MAX_WORD)
  return Math.fround(evaluateFunction(curve, value))
}

/** Interpolates a value of 16 bits between samples (`LinLerp1D`). */
export function interpolate(samples: Uint16Array, value: number): number {
  const last = samples.length - 1
  if (value === MAX_WORD) return samples[last]!
  const product = last * value
  // From 65535ths to 65536ths.
  const position = product + Math.floor((product + 0x7fff) / MAX_WORD)
  const cell = Math.floor(position / 0x10000)
  const low = samples[cell]!
  const step = Math.imul(samples[cell + 1]! - low, position % 0x10000) + 0x8000
  return ((step >>> 16) + low) & MAX_WORD
}

/** Rounds a number from 0 to 1 to 16 bits (`_cmsQuickSaturateWord`), which looks only at 16 bits behind the point. */
export function toWord(value: number): number {
  const scaled = value * MAX_WORD + 0.5
  if (!(scaled > 0)) return 0
  return scaled >= MAX_WORD ? MAX_WORD : Math.floor(Math.round(scaled * 0x10000) / 0x10000)
}

/** As `DefaultEvalParametricFn` of lcms, which leaves powers of negative numbers out. */
function evaluateFunction({ type, parameters }: FunctionCurve, value: number): number {
  const [g = 1, a = 1, b = 0, c = 0, d = 0, e = 0, f = 0] = parameters
  if (type === 0) return value ** g
  const base = a * value + b
  if (type >= 3) {
    if (value < d) return value * c + f
    return (base > 0 ? base ** g : 0) + e
  }
  if (Math.abs(a) < LEAST) return 0
  const offset = type === 2 ? c : 0
  const start = type === 2 ? Math.max(0, -b / a) : -b / a
  if (value < start) return offset
  return base > 0 ? base ** g + offset : 0
}
