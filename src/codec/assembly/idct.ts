// Inverse DCT to 2x2, 4x4 or 8x8 samples, bit-exact with libjpeg's jidctred.c and jidctint.c.

import { COEFFICIENTS, WORKSPACE } from './memory-layout'

/** Not 0 after a sample that no encoder produces: libjpeg's implementations differ there, so the caller rejects the file. */
export class Idct {
  static outOfRange: i32 = 0
}

/** Larger coefficients overflow in some of libjpeg's implementations. No encoder produces them. */
const MAX_COEFFICIENT: i32 = 1700

@inline
export function isOutOfRange(coefficient: i32): bool {
  return <u32>(coefficient + MAX_COEFFICIENT) > <u32>(2 * MAX_COEFFICIENT)
}

/** Transforms `COEFFICIENTS` to `blockSize` samples across and down. */
@inline
export function idct(blockSize: usize, to: usize, stride: usize): void {
  if (blockSize == 2) idct2x2(to, stride)
  else if (blockSize == 4) idct4x4(to, stride)
  else idct8x8(to, stride)
}

@inline
export function coefficientRow(index: usize): v128 {
  return v128.load(COEFFICIENTS + (index << 4))
}

/** Interleaves columns 0 to 3 of two rows; `interleaveHigh` columns 4 to 7. */
@inline
function interleaveLow(a: v128, b: v128): v128 {
  return i16x8.shuffle(a, b, 0, 8, 1, 9, 2, 10, 3, 11)
}

@inline
function interleaveHigh(a: v128, b: v128): v128 {
  return i16x8.shuffle(a, b, 4, 12, 5, 13, 6, 14, 7, 15)
}

/** Returns weights for two interleaved rows. */
@inline
function weightPair(a: i32, b: i32): v128 {
  return i32x4.splat((a & 0xffff) | (b << 16))
}

@inline
export function descale(sum: v128, bits: i32): v128 {
  return i32x4.shr_s(i32x4.add(sum, i32x4.splat(1 << (bits - 1))), bits)
}

/** Stores four samples, level-shifted by 128. */
@inline
function storeSamples(to: usize, samples: v128): void {
  const outOfRange = i32x4.shr_u(i32x4.add(samples, i32x4.splat(512)), 10)
  Idct.outOfRange |= v128.any_true(outOfRange) ? 1 : 0
  const words = i16x8.add(i16x8.narrow_i32x4_s(samples, samples), i16x8.splat(128))
  v128.store32_lane(to, i8x16.narrow_i16x8_u(words, words), 0)
}

@inline
function sumLanes(sum: v128): i32 {
  return (
    i32x4.extract_lane(sum, 0) + i32x4.extract_lane(sum, 1) + i32x4.extract_lane(sum, 2) + i32x4.extract_lane(sum, 3)
  )
}

/** 2x2 samples; ignores rows and columns 2, 4 and 6 (`jpeg_idct_2x2`). */
function idct2x2(to: usize, stride: usize): void {
  const one = coefficientRow(1)
  const three = coefficientRow(3)
  const five = coefficientRow(5)
  const seven = coefficientRow(7)
  const near = weightPair(29692, -10426)
  const far = weightPair(6967, -5906)
  const left = i32x4.add(i32x4.dot_i16x8_s(interleaveLow(one, three), near), i32x4.dot_i16x8_s(interleaveLow(five, seven), far))
  const right = i32x4.add(
    i32x4.dot_i16x8_s(interleaveHigh(one, three), near),
    i32x4.dot_i16x8_s(interleaveHigh(five, seven), far),
  )
  const first = coefficientRow(0)
  const firstLeft = i32x4.shl(i32x4.extend_low_i16x8_s(first), 15)
  const firstRight = i32x4.shl(i32x4.extend_high_i16x8_s(first), 15)
  storeTwoSamples(to, descale(i32x4.add(firstLeft, left), 13), descale(i32x4.add(firstRight, right), 13))
  storeTwoSamples(to + stride, descale(i32x4.sub(firstLeft, left), 13), descale(i32x4.sub(firstRight, right), 13))
}

@inline
function storeTwoSamples(to: usize, left: v128, right: v128): void {
  const mean = i32x4.extract_lane(left, 0) << 15
  const slope =
    sumLanes(i32x4.mul(left, i32x4(0, 29692, 0, -10426))) + sumLanes(i32x4.mul(right, i32x4(0, 6967, 0, -5906)))
  const a = (mean + slope + (1 << 19)) >> 20
  const b = (mean - slope + (1 << 19)) >> 20
  Idct.outOfRange |= (a + 512) >>> 10 | (b + 512) >>> 10
  store<u8>(to, clamp(a + 128))
  store<u8>(to, clamp(b + 128), 1)
}

@inline
export function clamp(value: i32): u8 {
  return <u8>max(0, min(255, value))
}

/** 4x4 samples; ignores row and column 4 (`jpeg_idct_4x4`). */
function idct4x4(to: usize, stride: usize): void {
  const two = coefficientRow(2)
  const six = coefficientRow(6)
  const three = coefficientRow(3)
  const one = coefficientRow(1)
  const seven = coefficientRow(7)
  const five = coefficientRow(5)
  const first = coefficientRow(0)
  idctColumns4(
    i32x4.extend_low_i16x8_s(first),
    interleaveLow(two, six),
    interleaveLow(seven, five),
    interleaveLow(three, one),
    WORKSPACE,
  )
  idctColumns4(
    i32x4.extend_high_i16x8_s(first),
    interleaveHigh(two, six),
    interleaveHigh(seven, five),
    interleaveHigh(three, one),
    WORKSPACE + 16,
  )
  for (let y: usize = 0; y < 4; y++) {
    // Columns 0 to 3, and 4 to 7.
    const from = WORKSPACE + (y << 5)
    const left = v128.load(from)
    const right = v128.load(from, 16)
    const zero = i32x4.extract_lane(left, 0) << 14
    const even = i32x4.extract_lane(left, 2) * 15137 + i32x4.extract_lane(right, 2) * -6270
    const inner =
      sumLanes(i32x4.mul(left, i32x4(0, 8697, 0, -17799))) + sumLanes(i32x4.mul(right, i32x4(0, 11893, 0, -1730)))
    const outer =
      sumLanes(i32x4.mul(left, i32x4(0, 20995, 0, 7373))) + sumLanes(i32x4.mul(right, i32x4(0, -4926, 0, -4176)))
    const a = zero + even
    const b = zero - even
    storeSamples(to, descale(i32x4(a + outer, b + inner, b - inner, a - outer), 19))
    to += stride
  }
}

@inline
function idctColumns4(first: v128, even: v128, far: v128, near: v128, to: usize): void {
  const zero = i32x4.shl(first, 14)
  const two = i32x4.dot_i16x8_s(even, weightPair(15137, -6270))
  const inner = i32x4.add(
    i32x4.dot_i16x8_s(far, weightPair(-1730, 11893)),
    i32x4.dot_i16x8_s(near, weightPair(-17799, 8697)),
  )
  const outer = i32x4.add(
    i32x4.dot_i16x8_s(far, weightPair(-4176, -4926)),
    i32x4.dot_i16x8_s(near, weightPair(7373, 20995)),
  )
  const a = i32x4.add(zero, two)
  const b = i32x4.sub(zero, two)
  v128.store(to, descale(i32x4.add(a, outer), 12))
  v128.store(to, descale(i32x4.add(b, inner), 12), 32)
  v128.store(to, descale(i32x4.sub(b, inner), 12), 64)
  v128.store(to, descale(i32x4.sub(a, outer), 12), 96)
}

/** 8x8 samples by the algorithm of Loeffler, Ligtenberg and Moschytz (`jpeg_idct_islow`). */
function idct8x8(to: usize, stride: usize): void {
  for (let half: usize = 0; half < 2; half++) {
    for (let y: usize = 0; y < 8; y++) {
      const coefficients = coefficientRow(y)
      const widened = half == 0 ? i32x4.extend_low_i16x8_s(coefficients) : i32x4.extend_high_i16x8_s(coefficients)
      v128.store(WORKSPACE + (y << 4), widened)
    }
    idctPass(11)
    // Transposed, so that the second pass takes four rows at once.
    for (let y: usize = 0; y < 8; y += 4) transpose(WORKSPACE + (y << 4), WORKSPACE + 128 + (y << 5) + (half << 6))
  }
  for (let half: usize = 0; half < 2; half++) {
    memory.copy(WORKSPACE, WORKSPACE + 128 + (half << 7), 128)
    idctPass(18)
    transpose(WORKSPACE, WORKSPACE)
    transpose(WORKSPACE + 64, WORKSPACE + 64)
    for (let y: usize = 0; y < 4; y++) {
      storeSamples(to, v128.load(WORKSPACE + (y << 4)))
      storeSamples(to + 4, v128.load(WORKSPACE + 64 + (y << 4)))
      to += stride
    }
  }
}

/** Transposes four vectors of four. */
@inline
export function transpose(from: usize, to: usize): void {
  const a = v128.load(from)
  const b = v128.load(from, 16)
  const c = v128.load(from, 32)
  const d = v128.load(from, 48)
  const ab = i32x4.shuffle(a, b, 0, 4, 1, 5)
  const cd = i32x4.shuffle(c, d, 0, 4, 1, 5)
  const abHigh = i32x4.shuffle(a, b, 2, 6, 3, 7)
  const cdHigh = i32x4.shuffle(c, d, 2, 6, 3, 7)
  v128.store(to, i64x2.shuffle(ab, cd, 0, 2))
  v128.store(to, i64x2.shuffle(ab, cd, 1, 3), 16)
  v128.store(to, i64x2.shuffle(abHigh, cdHigh, 0, 2), 32)
  v128.store(to, i64x2.shuffle(abHigh, cdHigh, 1, 3), 48)
}

@inline
export function multiply(a: v128, factor: i32): v128 {
  return i32x4.mul(a, i32x4.splat(factor))
}

/** Transforms four columns side by side, in place. */
function idctPass(bits: i32): void {
  const two = v128.load(WORKSPACE, 32)
  const six = v128.load(WORKSPACE, 96)
  const orient = multiply(i32x4.add(two, six), 4433)
  const third = i32x4.add(orient, multiply(six, -15137))
  const second = i32x4.add(orient, multiply(two, 6270))
  const zero = v128.load(WORKSPACE)
  const four = v128.load(WORKSPACE, 64)
  const sum = i32x4.shl(i32x4.add(zero, four), 13)
  const difference = i32x4.shl(i32x4.sub(zero, four), 13)
  const even0 = i32x4.add(sum, second)
  const even3 = i32x4.sub(sum, second)
  const even1 = i32x4.add(difference, third)
  const even2 = i32x4.sub(difference, third)
  const seven = v128.load(WORKSPACE, 112)
  const five = v128.load(WORKSPACE, 80)
  const three = v128.load(WORKSPACE, 48)
  const one = v128.load(WORKSPACE, 16)
  const z3 = i32x4.add(seven, three)
  const z4 = i32x4.add(five, one)
  const z5 = multiply(i32x4.add(z3, z4), 9633)
  const y3 = i32x4.add(multiply(z3, -16069), z5)
  const y4 = i32x4.add(multiply(z4, -3196), z5)
  const y1 = multiply(i32x4.add(seven, one), -7373)
  const y2 = multiply(i32x4.add(five, three), -20995)
  const odd0 = i32x4.add(multiply(seven, 2446), i32x4.add(y1, y3))
  const odd1 = i32x4.add(multiply(five, 16819), i32x4.add(y2, y4))
  const odd2 = i32x4.add(multiply(three, 25172), i32x4.add(y2, y3))
  const odd3 = i32x4.add(multiply(one, 12299), i32x4.add(y1, y4))
  v128.store(WORKSPACE, descale(i32x4.add(even0, odd3), bits))
  v128.store(WORKSPACE, descale(i32x4.sub(even0, odd3), bits), 112)
  v128.store(WORKSPACE, descale(i32x4.add(even1, odd2), bits), 16)
  v128.store(WORKSPACE, descale(i32x4.sub(even1, odd2), bits), 96)
  v128.store(WORKSPACE, descale(i32x4.add(even2, odd1), bits), 32)
  v128.store(WORKSPACE, descale(i32x4.sub(even2, odd1), bits), 80)
  v128.store(WORKSPACE, descale(i32x4.add(even3, odd0), bits), 48)
  v128.store(WORKSPACE, descale(i32x4.sub(even3, odd0), bits), 64)
}
