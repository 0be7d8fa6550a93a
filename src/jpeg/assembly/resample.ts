/*
 * Scales to the pixels of libvips (reducev_hwy.cpp, reduceh_hwy.cpp, shrinkv_hwy.cpp, shrinkh_hwy.cpp): first down, then
 * across; along each axis means of so many whole pixels where it shrinks to less than a quarter, and then sums weighed by
 * a kernel, in 4096ths. What is weighed how has been written down by the other side (../jpeg-plan.ts).
 */

import {
  HEIGHT,
  PLAN_DOWN,
  PLAN_HEIGHT,
  PLAN_WIDTH,
  PLAN_ACROSS,
  STEP_ADDRESS,
  STEP_COUNT,
  STEP_TAPS,
  STEP_WHOLE,
  WIDTH,
} from './memory-layout'
import { allocate } from './allocator'

/** Pixels around a picture, as those at its edge, that a kernel may reach. */
export const MARGIN: usize = 24

/** Pixels, three bytes each, around which there is room; where they are when they are scaled. */
export function scale(pixels: usize): usize {
  const row = <usize>load<u32>(WIDTH) * 3
  let from = pixels
  let rows = <usize>load<u32>(HEIGHT)
  const whole = load<u32>(PLAN_DOWN + STEP_WHOLE)
  if (whole > 1) {
    const count = <usize>load<u32>(PLAN_DOWN + STEP_COUNT)
    const to = allocate((count + 2 * MARGIN) * row + 64) + MARGIN * row
    for (let y: usize = 0; y < count; y++) meanOfRows(from, to + y * row, y * whole, whole, rows, row)
    from = to
    rows = count
  }
  const taps = <usize>load<u32>(PLAN_DOWN + STEP_TAPS)
  for (let y: usize = 1; taps > 0 && y <= MARGIN; y++) {
    memory.copy(from - y * row, from, row)
    memory.copy(from + (rows + y - 1) * row, from + (rows - 1) * row, row)
  }
  const width = <usize>load<u32>(PLAN_WIDTH)
  const height = <usize>load<u32>(PLAN_HEIGHT)
  const made = allocate(width * height * 3 + 64)
  const line = allocate(row + 2 * MARGIN * 3 + <usize>load<u32>(PLAN_ACROSS + STEP_WHOLE) * 3 + 64) + MARGIN * 3
  const short = allocate(row + 2 * MARGIN * 3 + 64) + MARGIN * 3
  const plan = <usize>load<u32>(PLAN_DOWN + STEP_ADDRESS)
  for (let y: usize = 0; y < height; y++) {
    if (taps == 0) memory.copy(line, from + y * row, row)
    else {
      const step = plan + (y << 3)
      weighRows(from + <usize>load<i32>(step) * row, row, line, plan + load<u32>(step, 4), taps)
    }
    scaleRow(line, short, made + y * width * 3, width)
  }
  return made
}

/** The mean of so many rows, as far as there are so many, and then of the last one. */
function meanOfRows(from: usize, to: usize, first: usize, whole: u32, rows: usize, row: usize): void {
  const factor = i32x4.splat(<i32>(<u64>0x100000000 / (<u64>whole << 8)))
  const half = i16x8.splat(<i16>(whole >> 1))
  for (let x: usize = 0; x < row; x += 16) {
    let low = half
    let high = half
    for (let i: u32 = 0; i < whole; i++) {
      const bytes = v128.load(from + min(first + i, rows - 1) * row + x)
      low = i16x8.add(low, i16x8.extend_low_i8x16_u(bytes))
      high = i16x8.add(high, i16x8.extend_high_i8x16_u(bytes))
    }
    v128.store(to + x, i8x16.narrow_i16x8_u(shared(low, factor), shared(high, factor)))
  }
}

@inline
function shared(sums: v128, factor: v128): v128 {
  return i16x8.narrow_i32x4_u(
    i32x4.shr_u(i32x4.mul(i32x4.extend_low_i16x8_u(sums), factor), 24),
    i32x4.shr_u(i32x4.mul(i32x4.extend_high_i16x8_u(sums), factor), 24),
  )
}

/** A row of sums of rows. */
function weighRows(from: usize, row: usize, to: usize, weights: usize, taps: usize): void {
  const half = i32x4.splat(2048)
  for (let x: usize = 0; x < row; x += 16) {
    let a = half
    let b = half
    let c = half
    let d = half
    let at = from + x
    for (let i: usize = 0; i < taps; i += 2) {
      const both = v128.load32_splat(weights + (i << 1))
      const upper = v128.load(at)
      const lower = v128.load(at + row)
      at += row << 1
      const left = i8x16.shuffle(upper, lower, 0, 16, 1, 17, 2, 18, 3, 19, 4, 20, 5, 21, 6, 22, 7, 23)
      const right = i8x16.shuffle(upper, lower, 8, 24, 9, 25, 10, 26, 11, 27, 12, 28, 13, 29, 14, 30, 15, 31)
      a = i32x4.add(a, i32x4.dot_i16x8_s(i16x8.extend_low_i8x16_u(left), both))
      b = i32x4.add(b, i32x4.dot_i16x8_s(i16x8.extend_high_i8x16_u(left), both))
      c = i32x4.add(c, i32x4.dot_i16x8_s(i16x8.extend_low_i8x16_u(right), both))
      d = i32x4.add(d, i32x4.dot_i16x8_s(i16x8.extend_high_i8x16_u(right), both))
    }
    const left = i16x8.narrow_i32x4_s(i32x4.shr_s(a, 12), i32x4.shr_s(b, 12))
    const right = i16x8.narrow_i32x4_s(i32x4.shr_s(c, 12), i32x4.shr_s(d, 12))
    v128.store(to + x, i8x16.narrow_i16x8_u(left, right))
  }
}

/** A row to its width; there is room around `line` and `short`. */
function scaleRow(line: usize, short: usize, to: usize, width: usize): void {
  const whole = <usize>load<u32>(PLAN_ACROSS + STEP_WHOLE)
  const taps = <usize>load<u32>(PLAN_ACROSS + STEP_TAPS)
  let from = line
  let count = <usize>load<u32>(WIDTH)
  if (whole > 1) {
    repeatLast(line + count * 3, whole)
    count = <usize>load<u32>(PLAN_ACROSS + STEP_COUNT)
    meanOfPixels(line, short, count, whole)
    from = short
  }
  if (taps == 0) {
    memory.copy(to, from, width * 3)
    return
  }
  repeatLast(from + count * 3, MARGIN)
  for (let i: usize = 1; i <= MARGIN; i++) copyPixel(from, from - i * 3)
  weighPixels(from, to, width, taps)
}

@inline
function copyPixel(from: usize, to: usize): void {
  store<u16>(to, load<u16>(from))
  store<u8>(to, load<u8>(from, 2), 2)
}

/** The pixel before a place so many times from there on. */
function repeatLast(to: usize, times: usize): void {
  for (let i: usize = 0; i < times; i++) copyPixel(to - 3, to + i * 3)
}

function meanOfPixels(from: usize, to: usize, count: usize, whole: usize): void {
  const factor = i32x4.splat(<i32>(<u64>0x100000000 / (<u64>whole << 8)))
  const half = i32x4.splat(<i32>(whole >> 1))
  let at = from
  for (let x: usize = 0; x < count; x++) {
    let sum = half
    for (let i: usize = 0; i < whole; i++, at += 3) {
      sum = i32x4.add(sum, i32x4.extend_low_i16x8_u(i16x8.extend_low_i8x16_u(v128.load32_zero(at))))
    }
    storePixel(to + x * 3, i32x4.shr_u(i32x4.mul(sum, factor), 24))
  }
}

/** Three bytes of four that are stored: the next pixel takes the place of the last. */
@inline
function storePixel(to: usize, sums: v128): void {
  const words = i16x8.narrow_i32x4_s(sums, sums)
  v128.store32_lane(to, i8x16.narrow_i16x8_u(words, words), 0)
}

function weighPixels(from: usize, to: usize, width: usize, taps: usize): void {
  const plan = <usize>load<u32>(PLAN_ACROSS + STEP_ADDRESS)
  const zero = i8x16.splat(0)
  for (let x: usize = 0; x < width; x++) {
    const step = plan + (x << 3)
    let at = from + <usize>(load<i32>(step) * 3)
    const weights = plan + load<u32>(step, 4)
    let sum = i32x4.splat(2048)
    for (let i: usize = 0; i < taps; i += 4, at += 12) {
      const bytes = v128.load(at)
      // Channel by channel two pixels beside one another, in words.
      const near = i8x16.shuffle(bytes, zero, 0, 16, 3, 16, 1, 16, 4, 16, 2, 16, 5, 16, 16, 16, 16, 16)
      const far = i8x16.shuffle(bytes, zero, 6, 16, 9, 16, 7, 16, 10, 16, 8, 16, 11, 16, 16, 16, 16, 16)
      sum = i32x4.add(sum, i32x4.dot_i16x8_s(near, v128.load32_splat(weights + (i << 1))))
      sum = i32x4.add(sum, i32x4.dot_i16x8_s(far, v128.load32_splat(weights + (i << 1) + 4)))
    }
    storePixel(to + x * 3, i32x4.shr_s(sum, 12))
  }
}
