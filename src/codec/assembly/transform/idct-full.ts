// Inverse DCT to 8x8 samples, bit-exact with libjpeg's jidctint.c.

import { dequantizedRow, exceeding } from './dequantize'
import { WORKSPACE } from '../memory-layout'
import { noteOutOfRange } from './range'
import { descale, multiply, packColumns, transpose } from './vectors'

/** 8x8 samples by the algorithm of Loeffler, Ligtenberg and Moschytz (`jpeg_idct_islow`). */
export function idct8x8(block: usize, table: usize, to: usize, stride: usize): void {
  for (let y: usize = 0; y < 8; y += 2) noteOutOfRange(v128.or(exceeding(block, table, y), exceeding(block, table, y + 1)))
  // Four columns at once: rows 0 to 3 of the result at `WORKSPACE`, its rows 4 to 7 behind; then the other four columns.
  for (let half: usize = 0; half < 2; half++) {
    const columns = WORKSPACE + (half << 7)
    for (let y: usize = 0; y < 8; y++) {
      const coefficients = dequantizedRow(block, table, y)
      const widened = half == 0 ? i32x4.extend_low_i16x8_s(coefficients) : i32x4.extend_high_i16x8_s(coefficients)
      v128.store(columns + (y << 4), widened)
    }
    idctPass(columns, columns + 64, columns, 11)
    transpose(columns, columns)
    transpose(columns + 64, columns + 64)
  }
  // Four rows at once.
  for (let half: usize = 0; half < 2; half++) {
    const rows = WORKSPACE + (half << 6)
    idctPass(rows, rows + 128, WORKSPACE + 256, 18)
    const left = packColumns(WORKSPACE + 256)
    const right = packColumns(WORKSPACE + 320)
    const upper = i32x4.shuffle(left, right, 0, 4, 1, 5)
    const lower = i32x4.shuffle(left, right, 2, 6, 3, 7)
    v128.store64_lane(to, upper, 0)
    v128.store64_lane(to + stride, upper, 1)
    v128.store64_lane(to + 2 * stride, lower, 0)
    v128.store64_lane(to + 3 * stride, lower, 1)
    to += stride << 2
  }
}

/** Transforms four columns side by side, whose first and last four rows are at two addresses. */
function idctPass(first: usize, last: usize, to: usize, bits: i32): void {
  const two = v128.load(first, 32)
  const six = v128.load(last, 32)
  const orient = multiply(i32x4.add(two, six), 4433)
  const third = i32x4.add(orient, multiply(six, -15137))
  const second = i32x4.add(orient, multiply(two, 6270))
  const zero = v128.load(first)
  const four = v128.load(last)
  const sum = i32x4.shl(i32x4.add(zero, four), 13)
  const difference = i32x4.shl(i32x4.sub(zero, four), 13)
  const even0 = i32x4.add(sum, second)
  const even3 = i32x4.sub(sum, second)
  const even1 = i32x4.add(difference, third)
  const even2 = i32x4.sub(difference, third)
  const seven = v128.load(last, 48)
  const five = v128.load(last, 16)
  const three = v128.load(first, 48)
  const one = v128.load(first, 16)
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
  v128.store(to, descale(i32x4.add(even0, odd3), bits))
  v128.store(to, descale(i32x4.sub(even0, odd3), bits), 112)
  v128.store(to, descale(i32x4.add(even1, odd2), bits), 16)
  v128.store(to, descale(i32x4.sub(even1, odd2), bits), 96)
  v128.store(to, descale(i32x4.add(even2, odd1), bits), 32)
  v128.store(to, descale(i32x4.sub(even2, odd1), bits), 80)
  v128.store(to, descale(i32x4.add(even3, odd0), bits), 48)
  v128.store(to, descale(i32x4.sub(even3, odd0), bits), 64)
}
