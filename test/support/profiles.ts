import { curveTag, D50, lutTag, makeIcc, xyzTag, type Curve, type Tag } from './icc.js'

/** A colour profile, and its conversions in exact arithmetic. */
export interface Profile {
  readonly icc: Buffer
  readonly channels: 1 | 3 | 4
  /** Converts channels from 0 to 1 to sRGB from 0 to 255, clipped to the gamut of sRGB. */
  readonly toSrgb: (values: readonly number[]) => number[]
  /** Converts sRGB from 0 to 255 to channels from 0 to 1. */
  readonly fromSrgb: (colour: readonly number[]) => number[]
}

type Point = readonly [x: number, y: number]
type Matrix = readonly (readonly number[])[]

export interface Primaries {
  readonly red: Point
  readonly green: Point
  readonly blue: Point
  readonly white: Point
}

const D65: Point = [0.3127, 0.329]
const BRADFORD: Matrix = [
  [0.8951, 0.2664, -0.1614],
  [-0.7502, 1.7135, 0.0367],
  [0.0389, -0.0685, 1.0296],
]

export const SRGB: Primaries = { red: [0.64, 0.33], green: [0.3, 0.6], blue: [0.15, 0.06], white: D65 }
export const DISPLAY_P3: Primaries = {
  red: [0.68, 0.32],
  green: [0.265, 0.69],
  blue: [0.15, 0.06],
  white: D65,
}
export const ADOBE_RGB: Primaries = { red: [0.64, 0.33], green: [0.21, 0.71], blue: [0.15, 0.06], white: D65 }
export const BT2020: Primaries = {
  red: [0.708, 0.292],
  green: [0.17, 0.797],
  blue: [0.131, 0.046],
  white: D65,
}
export const PROPHOTO: Primaries = {
  red: [0.7347, 0.2653],
  green: [0.1596, 0.8404],
  blue: [0.0366, 0.0001],
  white: [0.3457, 0.3585],
}

/** The curve of sRGB, in fine enough steps for 16 bits. */
export const SRGB_CURVE: Curve = Array.from({ length: 4096 }, (_, at) => decodeSrgb(at / 4095))

/** Creates a matrix/TRC profile from three primaries and a curve (ICC.1:2001-04, version 2). */
export function makeRgbProfile(primaries: Primaries, curve: Curve): Profile {
  const toXyz = columns(primaries).map((row) => row.map(round16))
  const shared = curveTag(curve)
  const icc = makeIcc('RGB ', [
    ...['rXYZ', 'gXYZ', 'bXYZ'].map((name, at): Tag => [name, xyzTag(toXyz.map((row) => row[at]!))]),
    ...['rTRC', 'gTRC', 'bTRC'].map((name): Tag => [name, shared]),
  ])
  return { icc, ...arithmetic(toXyz, curve) }
}

/** Reads the primaries of a profile in a file, which differ slightly from those of the standard. */
export function readRgbProfile(icc: Buffer, curve: Curve): Profile {
  const xyz = ['rXYZ', 'gXYZ', 'bXYZ'].map((name) => {
    const at = icc.readUInt32BE(icc.indexOf(name) + 4)
    return [8, 12, 16].map((place) => icc.readInt32BE(at + place) / 65536)
  })
  return {
    icc,
    ...arithmetic(
      [0, 1, 2].map((row) => xyz.map((column) => column[row]!)),
      curve,
    ),
  }
}

function arithmetic(toXyz: Matrix, curve: Curve): Omit<Profile, 'icc'> {
  const toLight = multiply(invert(columns(SRGB)), toXyz)
  const fromLight = invert(toLight)
  return {
    channels: 3,
    toSrgb(values) {
      const light = values.map((value) => decode(curve, value))
      return apply(toLight, light).map(encodeSrgb)
    },
    fromSrgb(colour) {
      const light = colour.map((value) => decodeSrgb(value / 255))
      return apply(fromLight, light).map((amount) => encode(curve, amount))
    },
  }
}

/** Creates a CMYK profile from the Lab colours of the sixteen full overprints only. */
export function makeCmykProfile(): Profile {
  const corners = Array.from({ length: 16 }, (_, at) => [at >> 3, (at >> 2) & 1, (at >> 1) & 1, at & 1])
  return {
    icc: makeIcc('CMYK', [['A2B0', lutTag(corners.map(overprint))]], 'Lab '),
    channels: 4,
    toSrgb: ([cyan = 0, ...others]) => {
      const [without, full] = [amongCorners(0, others), amongCorners(1, others)]
      return labToSrgb(without.map((value, at) => value + (full[at]! - value) * cyan))
    },
    // Most colours have several mixtures. Any of them is fine.
    fromSrgb: ([red = 0, green = 0, blue = 0]) => {
      const black = 1 - Math.max(red, green, blue) / 255
      return [...[red, green, blue].map((value) => 1 - black - value / 255), black]
    },
  }
}

/** Interpolates like lcms, in a tetrahedron: from no ink to the first, the first two, and all three. */
function amongCorners(cyan: number, inks: readonly number[]): number[] {
  const order = [0, 1, 2].toSorted((a, b) => inks[b]! - inks[a]!)
  const corner = [cyan, 0, 0, 0]
  let left = 1
  const sum = [0, 0, 0]
  const add = (share: number) => {
    for (const [at, value] of overprint(corner).entries()) sum[at]! += share * value
  }
  for (const ink of order) {
    add(left - inks[ink]!)
    left = inks[ink]!
    corner[ink + 1] = 1
  }
  add(left)
  return sum
}

const PAPER = [100, 0, 0]
const INKS = [
  { darkens: 0.4, a: -15, b: -25 },
  { darkens: 0.5, a: 45, b: -5 },
  { darkens: 0.1, a: -5, b: 45 },
  { darkens: 0.8, a: 0, b: 0 },
]

/**
 * Returns the Lab colour of full inks printed over each other. All four are pure black: lcms would compensate any
 * other black point.
 */
function overprint(inks: readonly number[]): number[] {
  if (inks.every((ink) => ink === 1)) return [0, 0, 0]
  return INKS.reduce(
    ([lightness = 0, a = 0, b = 0], ink, which) =>
      inks[which] === 1
        ? [lightness * (1 - ink.darkens), (a + ink.a) / 2, (b + ink.b) / 2]
        : [lightness, a, b],
    PAPER,
  )
}

function labToSrgb([lightness = 0, a = 0, b = 0]: readonly number[]): number[] {
  const y = (lightness + 16) / 116
  const xyz = [y + a / 500, y, y - b / 200].map(
    (f, at) => D50[at]! * (f > 6 / 29 ? f ** 3 : (f - 4 / 29) * 3 * (6 / 29) ** 2),
  )
  return apply(invert(columns(SRGB)), xyz).map(encodeSrgb)
}

/** Creates a grey profile from its curve. */
export function makeGreyProfile(curve: Curve): Profile {
  return {
    icc: makeIcc('GRAY', [['kTRC', curveTag(curve)]]),
    channels: 1,
    toSrgb: ([value = 0]) => Array<number>(3).fill(encodeSrgb(decode(curve, value))),
    fromSrgb: ([value = 0]) => [encode(curve, decodeSrgb(value / 255))],
  }
}

function decode(curve: Curve, value: number): number {
  if (typeof curve === 'number') return value ** curve
  const at = value * (curve.length - 1)
  const low = Math.min(Math.floor(at), curve.length - 2)
  return curve[low]! + (curve[low + 1]! - curve[low]!) * (at - low)
}

function encode(curve: Curve, light: number): number {
  let [low, high] = [0, 1]
  for (let step = 0; step < 40; step++) {
    const middle = (low + high) / 2
    if (decode(curve, middle) < light) low = middle
    else high = middle
  }
  return low
}

function decodeSrgb(value: number): number {
  return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4
}

function encodeSrgb(light: number): number {
  const clipped = Math.min(1, Math.max(0, light))
  return 255 * (clipped <= 0.0031308 ? clipped * 12.92 : 1.055 * clipped ** (1 / 2.4) - 0.055)
}

/** Returns the XYZ of the primaries as columns, adapted to D50 as in profiles. */
function columns({ red, green, blue, white }: Primaries): Matrix {
  const xyz = ([x, y]: Point) => [x / y, 1, (1 - x - y) / y]
  const points = [red, green, blue].map(xyz)
  const primaries = [0, 1, 2].map((row) => points.map((point) => point[row]!))
  const amounts = apply(invert(primaries), xyz(white))
  const scaled = primaries.map((row) => row.map((value, at) => value * amounts[at]!))
  const [from, to] = [apply(BRADFORD, xyz(white)), apply(BRADFORD, D50)]
  const adapted = BRADFORD.map((row, at) => row.map((value) => (value * to[at]!) / from[at]!))
  return multiply(multiply(invert(BRADFORD), adapted), scaled)
}

function round16(value: number): number {
  return Math.round(value * 65536) / 65536
}

function apply(matrix: Matrix, vector: readonly number[]): number[] {
  return matrix.map((row) => row.reduce((sum, value, at) => sum + value * vector[at]!, 0))
}

function multiply(a: Matrix, b: Matrix): Matrix {
  return a.map((row) => [0, 1, 2].map((at) => row.reduce((sum, value, k) => sum + value * b[k]![at]!, 0)))
}

function invert(matrix: Matrix): Matrix {
  // The rows of the inverse's transpose are the cross products of the other two rows.
  const [a, b, c] = [matrix[0]!, matrix[1]!, matrix[2]!]
  const crossed = [cross(b, c), cross(c, a), cross(a, b)]
  const determinant = a.reduce((sum, value, at) => sum + value * crossed[0]![at]!, 0)
  return [0, 1, 2].map((row) => crossed.map((column) => column[row]! / determinant))
}

function cross(a: readonly number[], b: readonly number[]): number[] {
  return [0, 1, 2].map((at) => {
    const [next, last] = [(at + 1) % 3, (at + 2) % 3]
    return a[next]! * b[last]! - a[last]! * b[next]!
  })
}
