// From the coefficients of a block to 2x2, 4x4 or 8x8 samples, as libjpeg does it (jidctred.c, jidctint.c).

import { BLOCK_COEFFICIENTS as C, WORK } from './memory-layout'

/** What came out beyond all that a picture can have: ways of counting differ there, so that it is left to others. */
export class Inverse {
  static odd: i32 = 0
}

/** A larger coefficient might overflow in one way of counting and not in another; no encoder makes one of a picture. */
const LARGEST: i32 = 1700

@inline
export function isTooLarge(level: i32): bool {
  return <u32>(level + LARGEST) > <u32>(2 * LARGEST)
}

/** Makes so many samples across and down of the block. */
@inline
export function inverse(side: usize, to: usize, stride: usize): void {
  if (side == 2) inverse2(to, stride)
  else if (side == 4) inverse4(to, stride)
  else inverse8(to, stride)
}

@inline
export function row(index: usize): v128 {
  return v128.load(C + (index << 4))
}

/** Two rows, side by side, column by column: of columns 0 to 3, and of 4 to 7. */
@inline
function low(a: v128, b: v128): v128 {
  return i16x8.shuffle(a, b, 0, 8, 1, 9, 2, 10, 3, 11)
}

@inline
function high(a: v128, b: v128): v128 {
  return i16x8.shuffle(a, b, 4, 12, 5, 13, 6, 14, 7, 15)
}

/** Weights for such a pair. */
@inline
function pair(a: i32, b: i32): v128 {
  return i32x4.splat((a & 0xffff) | (b << 16))
}

@inline
export function rounded(sum: v128, bits: i32): v128 {
  return i32x4.shr_s(i32x4.add(sum, i32x4.splat(1 << (bits - 1))), bits)
}

/** Four samples around 0 as bytes around 128. */
@inline
function storeFour(to: usize, samples: v128): void {
  const odd = i32x4.shr_u(i32x4.add(samples, i32x4.splat(512)), 10)
  Inverse.odd |= v128.any_true(odd) ? 1 : 0
  const words = i16x8.add(i16x8.narrow_i32x4_s(samples, samples), i16x8.splat(128))
  v128.store32_lane(to, i8x16.narrow_i16x8_u(words, words), 0)
}

@inline
function all(sum: v128): i32 {
  return (
    i32x4.extract_lane(sum, 0) + i32x4.extract_lane(sum, 1) + i32x4.extract_lane(sum, 2) + i32x4.extract_lane(sum, 3)
  )
}

/** 2x2, to which no coefficients of rows and columns 2, 4 and 6 are taken. */
function inverse2(to: usize, stride: usize): void {
  const one = row(1)
  const three = row(3)
  const five = row(5)
  const seven = row(7)
  const near = pair(29692, -10426)
  const far = pair(6967, -5906)
  const left = i32x4.add(i32x4.dot_i16x8_s(low(one, three), near), i32x4.dot_i16x8_s(low(five, seven), far))
  const right = i32x4.add(i32x4.dot_i16x8_s(high(one, three), near), i32x4.dot_i16x8_s(high(five, seven), far))
  const first = row(0)
  const firstLeft = i32x4.shl(i32x4.extend_low_i16x8_s(first), 15)
  const firstRight = i32x4.shl(i32x4.extend_high_i16x8_s(first), 15)
  storePair(to, rounded(i32x4.add(firstLeft, left), 13), rounded(i32x4.add(firstRight, right), 13))
  storePair(to + stride, rounded(i32x4.sub(firstLeft, left), 13), rounded(i32x4.sub(firstRight, right), 13))
}

@inline
function storePair(to: usize, left: v128, right: v128): void {
  const mean = i32x4.extract_lane(left, 0) << 15
  const slope =
    all(i32x4.mul(left, i32x4(0, 29692, 0, -10426))) + all(i32x4.mul(right, i32x4(0, 6967, 0, -5906)))
  const a = (mean + slope + (1 << 19)) >> 20
  const b = (mean - slope + (1 << 19)) >> 20
  Inverse.odd |= (a + 512) >>> 10 | (b + 512) >>> 10
  store<u8>(to, clamp(a + 128))
  store<u8>(to, clamp(b + 128), 1)
}

@inline
export function clamp(value: i32): u8 {
  return <u8>max(0, min(255, value))
}

/** 4x4, to which no coefficients of row and column 4 are taken. */
function inverse4(to: usize, stride: usize): void {
  const two = row(2)
  const six = row(6)
  const three = row(3)
  const one = row(1)
  const seven = row(7)
  const five = row(5)
  const first = row(0)
  columns4(i32x4.extend_low_i16x8_s(first), low(two, six), low(seven, five), low(three, one), WORK)
  columns4(i32x4.extend_high_i16x8_s(first), high(two, six), high(seven, five), high(three, one), WORK + 16)
  for (let y: usize = 0; y < 4; y++) {
    // A row of eight; columns 4 to 7 in the upper half.
    const from = WORK + (y << 5)
    const left = v128.load(from)
    const right = v128.load(from, 16)
    const zero = i32x4.extract_lane(left, 0) << 14
    const even = i32x4.extract_lane(left, 2) * 15137 + i32x4.extract_lane(right, 2) * -6270
    const inner =
      all(i32x4.mul(left, i32x4(0, 8697, 0, -17799))) + all(i32x4.mul(right, i32x4(0, 11893, 0, -1730)))
    const outer =
      all(i32x4.mul(left, i32x4(0, 20995, 0, 7373))) + all(i32x4.mul(right, i32x4(0, -4926, 0, -4176)))
    const a = zero + even
    const b = zero - even
    storeFour(to, rounded(i32x4(a + outer, b + inner, b - inner, a - outer), 19))
    to += stride
  }
}

@inline
function columns4(first: v128, even: v128, far: v128, near: v128, to: usize): void {
  const zero = i32x4.shl(first, 14)
  const two = i32x4.dot_i16x8_s(even, pair(15137, -6270))
  const inner = i32x4.add(
    i32x4.dot_i16x8_s(far, pair(-1730, 11893)),
    i32x4.dot_i16x8_s(near, pair(-17799, 8697)),
  )
  const outer = i32x4.add(
    i32x4.dot_i16x8_s(far, pair(-4176, -4926)),
    i32x4.dot_i16x8_s(near, pair(7373, 20995)),
  )
  const a = i32x4.add(zero, two)
  const b = i32x4.sub(zero, two)
  v128.store(to, rounded(i32x4.add(a, outer), 12))
  v128.store(to, rounded(i32x4.add(b, inner), 12), 32)
  v128.store(to, rounded(i32x4.sub(b, inner), 12), 64)
  v128.store(to, rounded(i32x4.sub(a, outer), 12), 96)
}

/** 8x8, by the algorithm of Loeffler, Ligtenberg and Moschytz. */
function inverse8(to: usize, stride: usize): void {
  for (let half: usize = 0; half < 2; half++) {
    for (let y: usize = 0; y < 8; y++) {
      const coefficients = row(y)
      v128.store(WORK + (y << 4), half == 0 ? i32x4.extend_low_i16x8_s(coefficients) : i32x4.extend_high_i16x8_s(coefficients))
    }
    pass8(11)
    // Column by column, from where the second pass takes four rows at once.
    for (let y: usize = 0; y < 8; y += 4) transpose(WORK + (y << 4), WORK + 128 + (y << 5) + (half << 6))
  }
  for (let half: usize = 0; half < 2; half++) {
    memory.copy(WORK, WORK + 128 + (half << 7), 128)
    pass8(18)
    transpose(WORK, WORK)
    transpose(WORK + 64, WORK + 64)
    for (let y: usize = 0; y < 4; y++) {
      storeFour(to, v128.load(WORK + (y << 4)))
      storeFour(to + 4, v128.load(WORK + 64 + (y << 4)))
      to += stride
    }
  }
}

/** Four vectors of four, rows for columns. */
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
export function times(a: v128, factor: i32): v128 {
  return i32x4.mul(a, i32x4.splat(factor))
}

/** One-dimensional transforms of four columns side by side, in place. */
function pass8(bits: i32): void {
  const two = v128.load(WORK, 32)
  const six = v128.load(WORK, 96)
  const turn = times(i32x4.add(two, six), 4433)
  const third = i32x4.add(turn, times(six, -15137))
  const second = i32x4.add(turn, times(two, 6270))
  const zero = v128.load(WORK)
  const four = v128.load(WORK, 64)
  const sum = i32x4.shl(i32x4.add(zero, four), 13)
  const difference = i32x4.shl(i32x4.sub(zero, four), 13)
  const even0 = i32x4.add(sum, second)
  const even3 = i32x4.sub(sum, second)
  const even1 = i32x4.add(difference, third)
  const even2 = i32x4.sub(difference, third)
  const seven = v128.load(WORK, 112)
  const five = v128.load(WORK, 80)
  const three = v128.load(WORK, 48)
  const one = v128.load(WORK, 16)
  const z3 = i32x4.add(seven, three)
  const z4 = i32x4.add(five, one)
  const z5 = times(i32x4.add(z3, z4), 9633)
  const y3 = i32x4.add(times(z3, -16069), z5)
  const y4 = i32x4.add(times(z4, -3196), z5)
  const y1 = times(i32x4.add(seven, one), -7373)
  const y2 = times(i32x4.add(five, three), -20995)
  const odd0 = i32x4.add(times(seven, 2446), i32x4.add(y1, y3))
  const odd1 = i32x4.add(times(five, 16819), i32x4.add(y2, y4))
  const odd2 = i32x4.add(times(three, 25172), i32x4.add(y2, y3))
  const odd3 = i32x4.add(times(one, 12299), i32x4.add(y1, y4))
  v128.store(WORK, rounded(i32x4.add(even0, odd3), bits))
  v128.store(WORK, rounded(i32x4.sub(even0, odd3), bits), 112)
  v128.store(WORK, rounded(i32x4.add(even1, odd2), bits), 16)
  v128.store(WORK, rounded(i32x4.sub(even1, odd2), bits), 96)
  v128.store(WORK, rounded(i32x4.add(even2, odd1), bits), 32)
  v128.store(WORK, rounded(i32x4.sub(even2, odd1), bits), 80)
  v128.store(WORK, rounded(i32x4.add(even3, odd0), bits), 48)
  v128.store(WORK, rounded(i32x4.sub(even3, odd0), bits), 64)
}
