import { isDeepStrictEqual } from 'node:util'
import type { ColourTables } from '../../codec/types.js'
import { invert, multiply, type Matrix } from '../../utils/matrix.js'
import { readShaperProfile, type ShaperProfile } from './shaper-profile.js'
import { evaluate, interpolate, toWord, type ToneCurve } from './tone-curve.js'

/** The sRGB profile that libvips converts to, in the numbers of its file: its colours in XYZ, and the numbers of its curve. */
const SRGB_MATRIX: Matrix = [
  [0x6fa0 / 65_536, 0x6296 / 65_536, 0x24a0 / 65_536],
  [0x38f2 / 65_536, 0xb789 / 65_536, 0x0f85 / 65_536],
  [0x038f / 65_536, 0x18da / 65_536, 0xb6c4 / 65_536],
]
const SRGB_CURVE = {
  g: 0x26669 / 65_536,
  a: 0xf2a7 / 65_536,
  b: 0x0d59 / 65_536,
  c: 0x13d0 / 65_536,
  d: 0x0a5b / 65_536,
}
/** Light above which the inverse of the curve is a power. */
const SRGB_START = (SRGB_CURVE.a * SRGB_CURVE.d + SRGB_CURVE.b) ** SRGB_CURVE.g
/** Light of 1. The numbers of lcms' conversion have 14 bits behind the point. */
const ONE = 0x4000
/** Half of a unit, in the precision of a product of two numbers. */
const HALF = 0x2000
/** Light is at most this much, and the sum of three products then fits into 32 bits. */
const MOST_LIGHT = 2 * ONE
const MAX_SUM = 2 ** 31
/** libvips' encoding of XYZ: the largest number that ICC profiles can encode. */
const MAX_XYZ = 1 + 32_767 / 32_768
/** lcms takes a matrix for none if no number differs by as much. */
const NO_MATRIX = 1 / 65_535
/** Samples of a curve that lcms joins from two, and how far it may be from a straight line. */
const JOINED_SAMPLES = 4096
const STRAIGHT = 15
const IDENTITY: Matrix = [
  [1, 0, 0],
  [0, 1, 0],
  [0, 0, 1],
]

/**
 * Returns the conversion from a profile to sRGB that libvips makes for pictures of 8 bits, to the level. It is that of lcms
 * with perceptual intent, and black point compensation, which does nothing if black has no light (`OptimizeMatrixShaper` and
 * `OptimizeByJoiningCurves`).
 *
 * @returns 'none' if no colour changes; undefined for profiles of other kinds, and with unusual numbers.
 */
export function tabulateConversion(icc: Uint8Array): ColourTables | 'none' | undefined {
  const profile = readShaperProfile(icc)
  if (profile === undefined || profile.curves.some((curve) => evaluate(curve, 0) !== 0)) return undefined
  const matrix = toSrgbLight(profile)
  const hasMatrix = matrix.some((row, y) =>
    row.some((value, x) => !(Math.abs(value - IDENTITY[y]![x]!) < NO_MATRIX)),
  )
  const tables = hasMatrix ? mixLight(profile, matrix) : joinCurves(profile.curves)
  return tables !== undefined && tables !== 'none' && changesNothing(tables) ? 'none' : tables
}

/** Returns the matrix from the light of a profile to that of sRGB, by way of XYZ as lcms encodes it. */
function toSrgbLight({ matrix }: ShaperProfile): Matrix {
  const fromXyz = invert(SRGB_MATRIX).map((row) => row.map((value) => value * MAX_XYZ))
  const toXyz = matrix.map((row) => row.map((value) => value * (1 / MAX_XYZ)))
  return multiply(fromXyz, toXyz)
}

/** Tabulates curves, a matrix and sRGB's curve. */
function mixLight({ curves }: ShaperProfile, matrix: Matrix): ColourTables | undefined {
  const lights = curves.map((curve) =>
    Array.from({ length: 256 }, (_, value) => toFixed(evaluate(curve, Math.fround(value / 255)))),
  )
  const isUsual = lights.flat().every((light) => light >= 0 && light <= MOST_LIGHT)
  const fixed = matrix.map((row) => row.map(toFixed))
  const fits = fixed.every(
    (row) => row.reduce((sum, value) => sum + Math.abs(value) * MOST_LIGHT, HALF) < MAX_SUM,
  )
  if (!isUsual || !fits) return undefined
  const sums = new Int32Array(3 * 256 * 4)
  for (const [channel, table] of lights.entries()) {
    for (const [value, light] of table.entries()) {
      const at = 4 * (256 * channel + value)
      for (let out = 0; out < 3; out++)
        sums[at + out] = fixed[out]![channel]! * light + (channel === 0 ? HALF : 0)
    }
  }
  const encoded = encodeSrgb()
  return { sums, encoded: [encoded, encoded, encoded] }
}

function toFixed(value: number): number {
  return Math.floor(value * ONE + 0.5)
}

let encodedSrgb: Uint8Array | undefined

/** Returns the value of sRGB for each light. Its curve rises, so that it is enough to find where each value begins. */
function encodeSrgb(): Uint8Array {
  if (encodedSrgb !== undefined) return encodedSrgb
  encodedSrgb = new Uint8Array(ONE + 1)
  const encode = (light: number) => toByte(toWord(toSrgbValue(light / ONE)))
  for (let start = 0, value = 0; start <= ONE; value++) {
    let end = Math.min(ONE + 1, Math.ceil(fromSrgbValue((value + 0.5) / 255) * ONE))
    while (end > start && encode(end - 1) > value) end--
    while (end <= ONE && encode(end) <= value) end++
    encodedSrgb.fill(value, start, end)
    start = end
  }
  return encodedSrgb
}

function fromSrgbValue(value: number): number {
  const { g, a, b, c, d } = SRGB_CURVE
  return value < d ? value * c : (a * value + b) ** g
}

/** Inverts the curve of sRGB, in single precision (`DefaultEvalParametricFn`, type -4). */
function toSrgbValue(light: number): number {
  const { g, a, b, c } = SRGB_CURVE
  return Math.fround(light >= SRGB_START ? (light ** (1 / g) - b) / a : light / c)
}

/** Rounds 16 bits to 8 (`FROM_16_TO_8`). */
function toByte(word: number): number {
  return Math.floor((word * 65_281 + 0x800000) / 0x1000000)
}

/** Tabulates curves that are each followed by sRGB's, without a matrix. */
function joinCurves(curves: readonly ToneCurve[]): ColourTables | 'none' {
  const joined: Uint16Array[] = []
  for (const [index, curve] of curves.entries()) {
    const same = curves.slice(0, index).findIndex((other) => isDeepStrictEqual(other, curve))
    joined.push(joined[same] ?? followBySrgb(curve))
  }
  if (joined.every(isStraight)) return 'none'
  const [red, green, blue] = joined.map((samples) =>
    Uint8Array.from({ length: 256 }, (_, value) => toByte(interpolate(samples, value * 257))),
  )
  const sums = new Int32Array(3 * 256 * 4)
  for (let channel = 0; channel < 3; channel++) {
    for (let value = 0; value < 256; value++) sums[4 * (256 * channel + value) + channel] = value * ONE
  }
  return { sums, encoded: [red!, green!, blue!] }
}

/** Samples a curve that is followed by sRGB's. */
function followBySrgb(curve: ToneCurve): Uint16Array {
  const samples = new Uint16Array(JOINED_SAMPLES)
  for (let at = 0; at < JOINED_SAMPLES; at++)
    samples[at] = toWord(toSrgbValue(evaluate(curve, Math.fround(at / (JOINED_SAMPLES - 1)))))
  return samples
}

function isStraight(samples: Uint16Array): boolean {
  return samples.every((sample, at) => Math.abs(sample - toWord(at / (JOINED_SAMPLES - 1))) <= STRAIGHT)
}

/** Returns true if every channel keeps its value, whatever the others are. sRGB's curve rises. */
function changesNothing({ sums, encoded }: ColourTables): boolean {
  return encoded.every((table, out) => {
    const [own, ...others] = [0, 1, 2].map((step) => added(sums, (out + step) % 3, out))
    const least = others.reduce((sum, values) => sum + Math.min(...values), 0)
    const most = others.reduce((sum, values) => sum + Math.max(...values), 0)
    return own!.every((sum, value) =>
      [sum + least, sum + most].every((light) => table[Math.min(ONE, Math.max(0, light >> 14))] === value),
    )
  })
}

/** Returns the light that each value of a channel adds to another. */
function added(sums: Int32Array, channel: number, out: number): readonly number[] {
  return Array.from({ length: 256 }, (_, value) => sums[4 * (256 * channel + value) + out]!)
}
