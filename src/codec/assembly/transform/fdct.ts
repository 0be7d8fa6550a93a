// Forward DCT and quantization, bit-exact with libjpeg's jfdctint.c and jcdctmgr.c.

import { DIVISORS, WORKSPACE, ZIGZAG } from '../memory-layout'
import { descale, multiply, transpose } from './vectors'

/** Converts a quantization table in zigzag order to divisors, scaled by 8 for libjpeg's transform. */
export function buildDivisors(quantTable: usize, id: usize): void {
  const divisors = DIVISORS + (id << 8)
  for (let i: usize = 0; i < 64; i++) {
    const divisor = <u32>load<u8>(quantTable + i) << 3
    store<f32>(divisors + (<usize>load<u8>(ZIGZAG + i) << 2), <f32>divisor)
  }
}

/** Transforms and quantizes 8x8 samples, and stores the coefficients in zigzag order. */
export function fdct8x8(from: usize, stride: usize, id: usize, to: usize): void {
  const center = i16x8.splat(128)
  for (let y: usize = 0; y < 8; y++) {
    const samples = i16x8.sub(i16x8.extend_low_i8x16_u(v128.load64_zero(from + y * stride)), center)
    v128.store(WORKSPACE + 128 + (y << 4), i32x4.extend_low_i16x8_s(samples))
    v128.store(WORKSPACE + 256 + (y << 4), i32x4.extend_high_i16x8_s(samples))
  }
  // Rows four at a time, then columns.
  for (let half: usize = 0; half < 2; half++) {
    const corner = WORKSPACE + 128 + (half << 6)
    transpose(corner, WORKSPACE)
    transpose(corner + 128, WORKSPACE + 64)
    fdctPass(WORKSPACE, true)
    transpose(WORKSPACE, corner)
    transpose(WORKSPACE + 64, corner + 128)
  }
  for (let half: usize = 0; half < 2; half++) {
    fdctPass(WORKSPACE + 128 + (half << 7), false)
  }
  quantize(id, to)
}

function quantize(id: usize, to: usize): void {
  const divisors = DIVISORS + (id << 8)
  const half = f32x4.splat(0.5)
  for (let y: usize = 0; y < 8; y++) {
    const left = divideRounded(v128.load(WORKSPACE + 128 + (y << 4)), v128.load(divisors + (y << 5)), half)
    const right = divideRounded(v128.load(WORKSPACE + 256 + (y << 4)), v128.load(divisors + (y << 5), 16), half)
    v128.store(WORKSPACE + (y << 4), i16x8.narrow_i32x4_s(left, right))
  }
  for (let i: usize = 0; i < 64; i++) {
    store<i16>(to + (i << 1), load<i16>(WORKSPACE + (<usize>load<u8>(ZIGZAG + i) << 1)))
  }
}

/** Rounds quotients to the nearest integer; the operands are small enough for f32 to be exact. */
@inline
function divideRounded(coefficients: v128, divisors: v128, half: v128): v128 {
  const sum = f32x4.add(f32x4.convert_i32x4_s(i32x4.abs(coefficients)), f32x4.mul(divisors, half))
  const quotients = i32x4.trunc_sat_f32x4_s(f32x4.div(sum, divisors))
  const sign = i32x4.shr_s(coefficients, 31)
  return i32x4.sub(v128.xor(quotients, sign), sign)
}

@inline
function descalePass(sum: v128, isFirst: bool): v128 {
  return isFirst ? descale(sum, 11) : descale(sum, 15)
}

/** Transforms four rows or columns side by side, in place. */
function fdctPass(at: usize, isFirst: bool): void {
  const d0 = v128.load(at)
  const d1 = v128.load(at, 16)
  const d2 = v128.load(at, 32)
  const d3 = v128.load(at, 48)
  const d4 = v128.load(at, 64)
  const d5 = v128.load(at, 80)
  const d6 = v128.load(at, 96)
  const d7 = v128.load(at, 112)
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
  v128.store(at, isFirst ? i32x4.shl(sum, 2) : descale(sum, 2))
  v128.store(at, isFirst ? i32x4.shl(difference, 2) : descale(difference, 2), 64)
  const orient = multiply(i32x4.add(b2, b3), 4433)
  v128.store(at, descalePass(i32x4.add(orient, multiply(b3, 6270)), isFirst), 32)
  v128.store(at, descalePass(i32x4.add(orient, multiply(b2, -15137)), isFirst), 96)
  const z3 = i32x4.add(a4, a6)
  const z4 = i32x4.add(a5, a7)
  const z5 = multiply(i32x4.add(z3, z4), 9633)
  const y1 = multiply(i32x4.add(a4, a7), -7373)
  const y2 = multiply(i32x4.add(a5, a6), -20995)
  const y3 = i32x4.add(multiply(z3, -16069), z5)
  const y4 = i32x4.add(multiply(z4, -3196), z5)
  v128.store(at, descalePass(i32x4.add(multiply(a4, 2446), i32x4.add(y1, y3)), isFirst), 112)
  v128.store(at, descalePass(i32x4.add(multiply(a5, 16819), i32x4.add(y2, y4)), isFirst), 80)
  v128.store(at, descalePass(i32x4.add(multiply(a6, 25172), i32x4.add(y2, y3)), isFirst), 48)
  v128.store(at, descalePass(i32x4.add(multiply(a7, 12299), i32x4.add(y1, y4)), isFirst), 16)
}
