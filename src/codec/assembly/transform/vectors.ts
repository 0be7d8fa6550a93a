// Steps of the transforms on vectors of four or eight numbers.

import { noteOutOfRange } from './range'

/** Interleaves columns 0 to 3 of two rows; `interleaveHigh` columns 4 to 7. */
@inline
export function interleaveLow(a: v128, b: v128): v128 {
  return i16x8.shuffle(a, b, 0, 8, 1, 9, 2, 10, 3, 11)
}

@inline
export function interleaveHigh(a: v128, b: v128): v128 {
  return i16x8.shuffle(a, b, 4, 12, 5, 13, 6, 14, 7, 15)
}

/** Returns weights for two interleaved rows. */
@inline
export function weightPair(a: i32, b: i32): v128 {
  return i32x4.splat((a & 0xffff) | (b << 16))
}

@inline
export function descale(sum: v128, bits: i32): v128 {
  return i32x4.shr_s(i32x4.add(sum, i32x4.splat(1 << (bits - 1))), bits)
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

/** Returns four columns of four samples, row by row, level-shifted by 128. */
@inline
export function packColumns(from: usize): v128 {
  const c0 = v128.load(from)
  const c1 = v128.load(from, 16)
  const c2 = v128.load(from, 32)
  const c3 = v128.load(from, 48)
  const limit = i32x4.splat(512)
  const outOfRange = v128.or(
    v128.or(i32x4.shr_u(i32x4.add(c0, limit), 10), i32x4.shr_u(i32x4.add(c1, limit), 10)),
    v128.or(i32x4.shr_u(i32x4.add(c2, limit), 10), i32x4.shr_u(i32x4.add(c3, limit), 10)),
  )
  noteOutOfRange(outOfRange)
  const middle = i16x8.splat(128)
  const left = i16x8.add(i16x8.narrow_i32x4_s(c0, c1), middle)
  const right = i16x8.add(i16x8.narrow_i32x4_s(c2, c3), middle)
  const columns = i8x16.narrow_i16x8_u(left, right)
  return i8x16.shuffle(columns, columns, 0, 4, 8, 12, 1, 5, 9, 13, 2, 6, 10, 14, 3, 7, 11, 15)
}
