// From 8x8 samples to quantized coefficients, as libjpeg does it (jfdctint.c, jcdctmgr.c).

import { DIVISORS, WORK, ZIGZAG } from './memory-layout'
import { rounded, times, transpose } from './idct'

/** A table of quantizers, in zigzag order, as what libjpeg's transform has to be divided by. */
export function readDivisors(quantizers: usize, id: usize): void {
  const divisors = DIVISORS + (id << 8)
  for (let i: usize = 0; i < 64; i++) {
    const divisor = <u32>load<u8>(quantizers + i) << 3
    store<f32>(divisors + (<usize>load<u8>(ZIGZAG + i) << 2), <f32>divisor)
  }
}

/** Transforms and quantizes; the numbers are stored in zigzag order. */
export function forward8(from: usize, stride: usize, id: usize, to: usize): void {
  const middle = i16x8.splat(128)
  for (let y: usize = 0; y < 8; y++) {
    const samples = i16x8.sub(i16x8.extend_low_i8x16_u(v128.load64_zero(from + y * stride)), middle)
    v128.store(WORK + 128 + (y << 4), i32x4.extend_low_i16x8_s(samples))
    v128.store(WORK + 256 + (y << 4), i32x4.extend_high_i16x8_s(samples))
  }
  // Rows, four at a time, and then columns.
  for (let half: usize = 0; half < 2; half++) {
    const corner = WORK + 128 + (half << 6)
    transpose(corner, WORK)
    transpose(corner + 128, WORK + 64)
    pass8(true)
    transpose(WORK, corner)
    transpose(WORK + 64, corner + 128)
  }
  for (let half: usize = 0; half < 2; half++) {
    const columns = WORK + 128 + (half << 7)
    memory.copy(WORK, columns, 128)
    pass8(false)
    memory.copy(columns, WORK, 128)
  }
  quantize(id, to)
}

function quantize(id: usize, to: usize): void {
  const divisors = DIVISORS + (id << 8)
  const half = f32x4.splat(0.5)
  for (let y: usize = 0; y < 8; y++) {
    const left = divided(v128.load(WORK + 128 + (y << 4)), v128.load(divisors + (y << 5)), half)
    const right = divided(v128.load(WORK + 256 + (y << 4)), v128.load(divisors + (y << 5), 16), half)
    v128.store(WORK + (y << 4), i16x8.narrow_i32x4_s(left, right))
  }
  for (let i: usize = 0; i < 64; i++) {
    store<i16>(to + (i << 1), load<i16>(WORK + (<usize>load<u8>(ZIGZAG + i) << 1)))
  }
}

/** To the nearest whole number; these are small enough for a float to tell a quotient from one. */
@inline
function divided(numbers: v128, divisors: v128, half: v128): v128 {
  const sum = f32x4.add(f32x4.convert_i32x4_s(i32x4.abs(numbers)), f32x4.mul(divisors, half))
  const quotients = i32x4.trunc_sat_f32x4_s(f32x4.div(sum, divisors))
  const sign = i32x4.shr_s(numbers, 31)
  return i32x4.sub(v128.xor(quotients, sign), sign)
}

@inline
function descaled(sum: v128, isFirst: bool): v128 {
  return isFirst ? rounded(sum, 11) : rounded(sum, 15)
}

/** One-dimensional transforms of four rows or columns side by side, in place. */
function pass8(isFirst: bool): void {
  const d0 = v128.load(WORK)
  const d1 = v128.load(WORK, 16)
  const d2 = v128.load(WORK, 32)
  const d3 = v128.load(WORK, 48)
  const d4 = v128.load(WORK, 64)
  const d5 = v128.load(WORK, 80)
  const d6 = v128.load(WORK, 96)
  const d7 = v128.load(WORK, 112)
  const a0 = i32x4.add(d0, d7)
  const a7 = i32x4.sub(d0, d7)
  const a1 = i32x4.add(d1, d6)
  const a6 = i32x4.sub(d1, d6)
  const a2 = i32x4.add(d2, d5)
  const a5 = i32x4.sub(d2, d5)
  const a3 = i32x4.add(d3, d4)
  const a4 = i32x4.sub(d3, d4)
  const b0 = i32x4.add(a0, a3)
  const b3 = i32x4.sub(a0, a3)
  const b1 = i32x4.add(a1, a2)
  const b2 = i32x4.sub(a1, a2)
  const sum = i32x4.add(b0, b1)
  const difference = i32x4.sub(b0, b1)
  v128.store(WORK, isFirst ? i32x4.shl(sum, 2) : rounded(sum, 2))
  v128.store(WORK, isFirst ? i32x4.shl(difference, 2) : rounded(difference, 2), 64)
  const turn = times(i32x4.add(b2, b3), 4433)
  v128.store(WORK, descaled(i32x4.add(turn, times(b3, 6270)), isFirst), 32)
  v128.store(WORK, descaled(i32x4.add(turn, times(b2, -15137)), isFirst), 96)
  const z3 = i32x4.add(a4, a6)
  const z4 = i32x4.add(a5, a7)
  const z5 = times(i32x4.add(z3, z4), 9633)
  const y1 = times(i32x4.add(a4, a7), -7373)
  const y2 = times(i32x4.add(a5, a6), -20995)
  const y3 = i32x4.add(times(z3, -16069), z5)
  const y4 = i32x4.add(times(z4, -3196), z5)
  v128.store(WORK, descaled(i32x4.add(times(a4, 2446), i32x4.add(y1, y3)), isFirst), 112)
  v128.store(WORK, descaled(i32x4.add(times(a5, 16819), i32x4.add(y2, y4)), isFirst), 80)
  v128.store(WORK, descaled(i32x4.add(times(a6, 25172), i32x4.add(y2, y3)), isFirst), 48)
  v128.store(WORK, descaled(i32x4.add(times(a7, 12299), i32x4.add(y1, y4)), isFirst), 16)
}
