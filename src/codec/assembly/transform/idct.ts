// Inverse DCT to 2x2 or 4x4 samples, bit-exact with libjpeg's jidctred.c.

import { dequantizedRow, exceeding } from './dequantize'
import { idct8x8 } from './idct-full'
import { WORKSPACE } from '../memory-layout'
import { Damage, noteOutOfRange } from './range'
import { descale, interleaveHigh, interleaveLow, multiply, packColumns, transpose, weightPair } from './vectors'

/**
 * Transforms the coefficients of a block to `blockSize` samples across and down.
 *
 * @param table factors and limits of the coefficients, as in `DEQUANT_TABLES`.
 */
@inline
export function idct(blockSize: usize, block: usize, table: usize, to: usize, stride: usize): void {
  if (blockSize == 2) idct2x2(block, table, to, stride)
  else if (blockSize == 4) idct4x4(block, table, to, stride)
  else idct8x8(block, table, to, stride)
}

/** Stores the samples of a block that has only a DC coefficient. All of libjpeg's transforms round its mean alike. */
@inline
export function fillBlock(blockSize: usize, dc: i32, to: usize, stride: usize): void {
  const samples = i8x16.splat(clamp(((dc + 4) >> 3) + 128))
  for (let y: usize = 0; y < blockSize; y++, to += stride) {
    if (blockSize == 1) v128.store8_lane(to, samples, 0)
    else if (blockSize == 2) v128.store16_lane(to, samples, 0)
    else if (blockSize == 4) v128.store32_lane(to, samples, 0)
    else v128.store64_lane(to, samples, 0)
  }
}

/** 2x2 samples; ignores rows and columns 2, 4 and 6 (`jpeg_idct_2x2`). */
function idct2x2(block: usize, table: usize, to: usize, stride: usize): void {
  noteOutOfRange(
    v128.or(
      v128.or(exceeding(block, table, 0), exceeding(block, table, 1)),
      v128.or(exceeding(block, table, 3), v128.or(exceeding(block, table, 5), exceeding(block, table, 7))),
    ),
  )
  const one = dequantizedRow(block, table, 1)
  const three = dequantizedRow(block, table, 3)
  const five = dequantizedRow(block, table, 5)
  const seven = dequantizedRow(block, table, 7)
  const near = weightPair(29692, -10426)
  const far = weightPair(6967, -5906)
  const left = i32x4.add(i32x4.dot_i16x8_s(interleaveLow(one, three), near), i32x4.dot_i16x8_s(interleaveLow(five, seven), far))
  const right = i32x4.add(
    i32x4.dot_i16x8_s(interleaveHigh(one, three), near),
    i32x4.dot_i16x8_s(interleaveHigh(five, seven), far),
  )
  const first = dequantizedRow(block, table, 0)
  const firstLeft = i32x4.shl(i32x4.extend_low_i16x8_s(first), 15)
  const firstRight = i32x4.shl(i32x4.extend_high_i16x8_s(first), 15)
  const topLeft = descale(i32x4.add(firstLeft, left), 13)
  const bottomLeft = descale(i32x4.sub(firstLeft, left), 13)
  const top = weighOddColumns(topLeft, descale(i32x4.add(firstRight, right), 13))
  const bottom = weighOddColumns(bottomLeft, descale(i32x4.sub(firstRight, right), 13))
  const sums = i32x4.add(i32x4.shuffle(top, bottom, 0, 1, 4, 5), i32x4.shuffle(top, bottom, 2, 3, 6, 7))
  const topSlope = i32x4.extract_lane(sums, 0) + i32x4.extract_lane(sums, 1)
  const bottomSlope = i32x4.extract_lane(sums, 2) + i32x4.extract_lane(sums, 3)
  storeTwoSamples(to, i32x4.extract_lane(topLeft, 0) << 15, topSlope)
  storeTwoSamples(to + stride, i32x4.extract_lane(bottomLeft, 0) << 15, bottomSlope)
}

@inline
function storeTwoSamples(to: usize, mean: i32, slope: i32): void {
  const a = (mean + slope + (1 << 19)) >> 20
  const b = (mean - slope + (1 << 19)) >> 20
  Damage.found |= (a + 512) >>> 10 | (b + 512) >>> 10
  store<u8>(to, clamp(a + 128))
  store<u8>(to, clamp(b + 128), 1)
}

/** Returns the products of columns 1, 3, 5 and 7 of a row with their weights. */
@inline
function weighOddColumns(left: v128, right: v128): v128 {
  return i32x4.mul(i32x4.shuffle(left, right, 1, 3, 5, 7), i32x4(29692, -10426, 6967, -5906))
}

@inline
export function clamp(value: i32): u8 {
  return <u8>max(0, min(255, value))
}

/** 4x4 samples; ignores row and column 4 (`jpeg_idct_4x4`). */
function idct4x4(block: usize, table: usize, to: usize, stride: usize): void {
  noteOutOfRange(
    v128.or(
      v128.or(
        v128.or(exceeding(block, table, 0), exceeding(block, table, 1)),
        v128.or(exceeding(block, table, 2), exceeding(block, table, 3)),
      ),
      v128.or(exceeding(block, table, 5), v128.or(exceeding(block, table, 6), exceeding(block, table, 7))),
    ),
  )
  const two = dequantizedRow(block, table, 2)
  const six = dequantizedRow(block, table, 6)
  const three = dequantizedRow(block, table, 3)
  const one = dequantizedRow(block, table, 1)
  const seven = dequantizedRow(block, table, 7)
  const five = dequantizedRow(block, table, 5)
  const first = dequantizedRow(block, table, 0)
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
    WORKSPACE + 64,
  )
  // The second pass takes all rows at once.
  transpose(WORKSPACE, WORKSPACE)
  transpose(WORKSPACE + 64, WORKSPACE + 64)
  const zero = i32x4.shl(v128.load(WORKSPACE), 14)
  const column1 = v128.load(WORKSPACE, 16)
  const column3 = v128.load(WORKSPACE, 48)
  const column5 = v128.load(WORKSPACE, 80)
  const column7 = v128.load(WORKSPACE, 112)
  const even = i32x4.add(multiply(v128.load(WORKSPACE, 32), 15137), multiply(v128.load(WORKSPACE, 96), -6270))
  const inner = i32x4.add(
    i32x4.add(multiply(column1, 8697), multiply(column3, -17799)),
    i32x4.add(multiply(column5, 11893), multiply(column7, -1730)),
  )
  const outer = i32x4.add(
    i32x4.add(multiply(column1, 20995), multiply(column3, 7373)),
    i32x4.add(multiply(column5, -4926), multiply(column7, -4176)),
  )
  const a = i32x4.add(zero, even)
  const b = i32x4.sub(zero, even)
  v128.store(WORKSPACE, descale(i32x4.add(a, outer), 19))
  v128.store(WORKSPACE, descale(i32x4.add(b, inner), 19), 16)
  v128.store(WORKSPACE, descale(i32x4.sub(b, inner), 19), 32)
  v128.store(WORKSPACE, descale(i32x4.sub(a, outer), 19), 48)
  const rows = packColumns(WORKSPACE)
  v128.store32_lane(to, rows, 0)
  v128.store32_lane(to + stride, rows, 1)
  v128.store32_lane(to + 2 * stride, rows, 2)
  v128.store32_lane(to + 3 * stride, rows, 3)
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
  v128.store(to, descale(i32x4.add(b, inner), 12), 16)
  v128.store(to, descale(i32x4.sub(b, inner), 12), 32)
  v128.store(to, descale(i32x4.sub(a, outer), 12), 48)
}
