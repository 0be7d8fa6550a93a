import { readGreyCurve, readMatrixProfile, isSrgb, type MatrixProfile } from '../metadata/icc-profile.js'
import type { FromSrgb } from '../operations/define-operation.js'

/** Linear sRGB to XYZ (D50) (IEC 61966-2-1, Bradford adaptation). */
const SRGB_TO_XYZ = [
  [0.4360747, 0.3850649, 0.1430804],
  [0.2225045, 0.7168786, 0.0606169],
  [0.0139322, 0.0971045, 0.7141733],
] as const
/** Luminance of linear sRGB (IEC 61966-2-1). */
const LUMINANCE = [0.2126, 0.7152, 0.0722] as const
/** Samples of a curve. Between two samples it is taken for a straight line. */
const CURVE_STEPS = 4096

/**
 * Returns the conversion of colours from sRGB to a profile of a matrix and curves, or of one grey curve. Returns undefined
 * for other profiles, such as those with lookup tables.
 */
export function convertsFromSrgb(icc: Uint8Array): FromSrgb | undefined {
  if (isSrgb(icc)) return (colour) => colour
  const profile = readMatrixProfile(icc)
  if (profile !== undefined) return toMatrixProfile(profile)
  const curve = readGreyCurve(icc)
  if (curve === undefined) return undefined
  const encode = invertCurve(curve)
  return (colour) => {
    const grey = encode(dot(LUMINANCE, colour.map(decodeSrgb)))
    return [grey, grey, grey]
  }
}

function toMatrixProfile({ matrix, curves }: MatrixProfile): FromSrgb {
  const rows = [0, 1, 2].map((row) => matrix.slice(3 * row, 3 * row + 3))
  const fromXyz = invert(rows)
  const fromLight = fromXyz.map((row) => {
    const mixed = [0, 1, 2].map((column) =>
      row.reduce((sum, value, at) => sum + value * SRGB_TO_XYZ[at]![column]!, 0),
    )
    // The numbers in profiles are rounded. White stays white, and grey stays neutral.
    const white = mixed.reduce((sum, value) => sum + value, 0)
    return mixed.map((value) => value / white)
  })
  const encoders = curves.map(invertCurve)
  return (colour) => {
    const light = colour.map(decodeSrgb)
    const [red, green, blue] = fromLight.map((row, at) => encoders[at]!(dot(row, light)))
    return [red!, green!, blue!]
  }
}

/** Returns the inverse of a rising curve from 0 to 1. Clips to its range. */
function invertCurve(curve: (value: number) => number): (light: number) => number {
  const samples = Float64Array.from({ length: CURVE_STEPS + 1 }, (_, at) => curve(at / CURVE_STEPS))
  return (light) => {
    if (!(light > samples[0]!)) return 0
    if (light >= samples[CURVE_STEPS]!) return 1
    let low = 0
    let high = CURVE_STEPS
    while (high - low > 1) {
      const middle = (low + high) >> 1
      if (samples[middle]! <= light) low = middle
      else high = middle
    }
    const step = samples[high]! - samples[low]!
    return (low + (step > 0 ? (light - samples[low]!) / step : 0)) / CURVE_STEPS
  }
}

function decodeSrgb(value: number): number {
  return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4
}

function dot(a: readonly number[], b: readonly number[]): number {
  return a.reduce((sum, value, at) => sum + value * b[at]!, 0)
}

/** Inverts a 3x3 matrix: the columns are the cross products of its rows, over the determinant. */
function invert(rows: readonly (readonly number[])[]): number[][] {
  const crossed = [0, 1, 2].map((at) => cross(rows[(at + 1) % 3]!, rows[(at + 2) % 3]!))
  const determinant = dot(rows[0]!, crossed[0]!)
  return [0, 1, 2].map((row) => crossed.map((column) => column[row]! / determinant))
}

function cross(a: readonly number[], b: readonly number[]): number[] {
  return [0, 1, 2].map((at) => {
    const [next, last] = [(at + 1) % 3, (at + 2) % 3]
    return a[next]! * b[last]! - a[last]! * b[next]!
  })
}
