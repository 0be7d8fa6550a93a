/*
 * Resizes bit-exact with libvips (reducev_hwy.cpp, reduceh_hwy.cpp, shrinkv_hwy.cpp, shrinkh_hwy.cpp): rows first, then
 * columns. Each axis is shrunk by averaging whole pixels if it becomes less than a quarter, and then reduced by a kernel with
 * weights in 4096ths. ../requests/resize-request.ts computes the kernels.
 */

import {
  COMPONENT_COUNT,
  OUTPUT_HEIGHT,
  OUTPUT_WIDTH,
  RESIZE_HORIZONTAL,
  RESIZE_KERNELS,
  RESIZE_SHRINK,
  RESIZE_SHRUNK_LENGTH,
  RESIZE_TAPS,
  RESIZE_VERTICAL,
  TARGET_HEIGHT,
  TARGET_WIDTH,
} from './memory-layout'
import { allocate } from './allocator'

/** Pixels around the picture that a kernel may reach; they repeat the edge. */
export const MARGIN: usize = 24

/** Resizes RGB or grey pixels with a margin around them. Returns the address of the result, which is RGB. */
export function resample(pixels: usize): usize {
  const row = <usize>load<u32>(OUTPUT_WIDTH) * load<u32>(COMPONENT_COUNT)
  const rows = <usize>load<u32>(OUTPUT_HEIGHT)
  const shrink = load<u32>(RESIZE_VERTICAL + RESIZE_SHRINK)
  if (shrink <= 1) return reduce(pixels, rows)
  const count = <usize>load<u32>(RESIZE_VERTICAL + RESIZE_SHRUNK_LENGTH)
  const to = allocate((count + 2 * MARGIN) * row + 64) + MARGIN * row
  for (let y: usize = 0; y < count; y++) shrinkRows(pixels, to + y * row, y * shrink, shrink, rows, row)
  return reduce(to, count)
}

/**
 * Resizes pixels whose rows are averaged already, with a margin around them. Returns the address of the result, which is RGB, or
 * RGBA of RGBA.
 */
export function reduce(from: usize, rows: usize): usize {
  const isGrey = load<u32>(COMPONENT_COUNT) == 1
  const channels: usize = isGrey ? 3 : <usize>load<u32>(COMPONENT_COUNT)
  const sourceWidth = <usize>load<u32>(OUTPUT_WIDTH)
  const row = sourceWidth * load<u32>(COMPONENT_COUNT)
  const taps = <usize>load<u32>(RESIZE_VERTICAL + RESIZE_TAPS)
  for (let y: usize = 1; taps > 0 && y <= MARGIN; y++) {
    memory.copy(from - y * row, from, row)
    memory.copy(from + (rows + y - 1) * row, from + (rows - 1) * row, row)
  }
  const width = <usize>load<u32>(TARGET_WIDTH)
  const height = <usize>load<u32>(TARGET_HEIGHT)
  const output = allocate(width * height * channels + 64)
  const line =
    allocate((sourceWidth + 2 * MARGIN + load<u32>(RESIZE_HORIZONTAL + RESIZE_SHRINK)) * channels + 64) + MARGIN * channels
  const shrunk = allocate((sourceWidth + 2 * MARGIN) * channels + 64) + MARGIN * channels
  const kernels = <usize>load<u32>(RESIZE_VERTICAL + RESIZE_KERNELS)
  for (let y: usize = 0; y < height; y++) {
    if (taps == 0) memory.copy(line, from + y * row, row)
    else {
      const kernel = kernels + (y << 3)
      reduceRows(from + <usize>load<i32>(kernel) * row, row, line, kernels + load<u32>(kernel, 4), taps)
    }
    if (isGrey) repeatGrey(line, sourceWidth)
    resampleRow(line, shrunk, output + y * width * channels, width, channels)
  }
  return output
}

/** Makes RGB pixels of grey ones, in place. Few rows are left here, so that resizing three equal columns costs little. */
function repeatGrey(line: usize, width: usize): void {
  for (let x = width; x > 0; ) {
    x--
    const grey = load<u8>(line + x)
    const to = line + x * 3
    store<u8>(to, grey)
    store<u8>(to, grey, 1)
    store<u8>(to, grey, 2)
  }
}

/** Averages `shrink` rows (libvips' shrinkv); the last row stands in for rows below the picture. */
export function shrinkRows(from: usize, to: usize, first: usize, shrink: u32, rows: usize, row: usize): void {
  const factor = i32x4.splat(<i32>(<u64>0x100000000 / (<u64>shrink << 8)))
  const half = i16x8.splat(<i16>(shrink >> 1))
  for (let x: usize = 0; x < row; x += 16) {
    let low = half
    let high = half
    for (let i: u32 = 0; i < shrink; i++) {
      const bytes = v128.load(from + min(first + i, rows - 1) * row + x)
      low = i16x8.add(low, i16x8.extend_low_i8x16_u(bytes))
      high = i16x8.add(high, i16x8.extend_high_i8x16_u(bytes))
    }
    v128.store(to + x, i8x16.narrow_i16x8_u(divideSums(low, factor), divideSums(high, factor)))
  }
}

/** Divides by timesing with a factor of 24 fractional bits, as libvips does. */
@inline
function divideSums(sums: v128, factor: v128): v128 {
  return i16x8.narrow_i32x4_u(
    i32x4.shr_u(i32x4.mul(i32x4.extend_low_i16x8_u(sums), factor), 24),
    i32x4.shr_u(i32x4.mul(i32x4.extend_high_i16x8_u(sums), factor), 24),
  )
}

/** Weighs rows by a kernel (libvips' reducev). */
function reduceRows(from: usize, row: usize, to: usize, weights: usize, taps: usize): void {
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

/** Resizes a row; there is a margin around `line` and `shrunk`. */
function resampleRow(line: usize, shrunk: usize, to: usize, width: usize, channels: usize): void {
  const shrink = <usize>load<u32>(RESIZE_HORIZONTAL + RESIZE_SHRINK)
  const taps = <usize>load<u32>(RESIZE_HORIZONTAL + RESIZE_TAPS)
  let from = line
  let count = <usize>load<u32>(OUTPUT_WIDTH)
  if (shrink > 1) {
    replicateLast(line + count * channels, shrink, channels)
    count = <usize>load<u32>(RESIZE_HORIZONTAL + RESIZE_SHRUNK_LENGTH)
    shrinkPixels(line, shrunk, count, shrink, channels)
    from = shrunk
  }
  if (taps == 0) {
    memory.copy(to, from, width * channels)
    return
  }
  replicateLast(from + count * channels, MARGIN, channels)
  for (let i: usize = 1; i <= MARGIN; i++) copyPixel(from, from - i * channels, channels)
  if (channels == 4) reduceRgba(from, to, width, taps)
  else reduceRgb(from, to, width, taps)
}

@inline
function copyPixel(from: usize, to: usize, channels: usize): void {
  if (channels == 4) {
    store<u32>(to, load<u32>(from))
    return
  }
  store<u16>(to, load<u16>(from))
  store<u8>(to, load<u8>(from, 2), 2)
}

/** Repeats the pixel before an address. */
function replicateLast(to: usize, times: usize, channels: usize): void {
  for (let i: usize = 0; i < times; i++) copyPixel(to - channels, to + i * channels, channels)
}

/** Averages `shrink` pixels (libvips' shrinkh). */
function shrinkPixels(from: usize, to: usize, count: usize, shrink: usize, channels: usize): void {
  const factor = i32x4.splat(<i32>(<u64>0x100000000 / (<u64>shrink << 8)))
  const half = i32x4.splat(<i32>(shrink >> 1))
  let at = from
  for (let x: usize = 0; x < count; x++) {
    let sum = half
    for (let i: usize = 0; i < shrink; i++, at += channels) {
      sum = i32x4.add(sum, i32x4.extend_low_i16x8_u(i16x8.extend_low_i8x16_u(v128.load32_zero(at))))
    }
    storePixel(to + x * channels, i32x4.shr_u(i32x4.mul(sum, factor), 24))
  }
}

/** Stores four bytes: the next pixel overwrites the last one of RGB. */
@inline
function storePixel(to: usize, sums: v128): void {
  const words = i16x8.narrow_i32x4_s(sums, sums)
  v128.store32_lane(to, i8x16.narrow_i16x8_u(words, words), 0)
}

/** Weighs RGB pixels by kernels (libvips' reduceh). */
function reduceRgb(from: usize, to: usize, width: usize, taps: usize): void {
  const kernels = <usize>load<u32>(RESIZE_HORIZONTAL + RESIZE_KERNELS)
  const zero = i8x16.splat(0)
  for (let x: usize = 0; x < width; x++) {
    const kernel = kernels + (x << 3)
    let at = from + <usize>(load<i32>(kernel) * 3)
    const weights = kernels + load<u32>(kernel, 4)
    let sum = i32x4.splat(2048)
    for (let i: usize = 0; i < taps; i += 4, at += 12) {
      const bytes = v128.load(at)
      // Two pixels side by side for each channel, in 16 bits.
      const near = i8x16.shuffle(bytes, zero, 0, 16, 3, 16, 1, 16, 4, 16, 2, 16, 5, 16, 16, 16, 16, 16)
      const far = i8x16.shuffle(bytes, zero, 6, 16, 9, 16, 7, 16, 10, 16, 8, 16, 11, 16, 16, 16, 16, 16)
      sum = i32x4.add(sum, i32x4.dot_i16x8_s(near, v128.load32_splat(weights + (i << 1))))
      sum = i32x4.add(sum, i32x4.dot_i16x8_s(far, v128.load32_splat(weights + (i << 1) + 4)))
    }
    storePixel(to + x * 3, i32x4.shr_s(sum, 12))
  }
}

/** Weighs RGBA pixels by kernels. */
function reduceRgba(from: usize, to: usize, width: usize, taps: usize): void {
  const kernels = <usize>load<u32>(RESIZE_HORIZONTAL + RESIZE_KERNELS)
  const zero = i8x16.splat(0)
  for (let x: usize = 0; x < width; x++) {
    const kernel = kernels + (x << 3)
    let at = from + <usize>(load<i32>(kernel) * 4)
    const weights = kernels + load<u32>(kernel, 4)
    let sum = i32x4.splat(2048)
    for (let i: usize = 0; i < taps; i += 4, at += 16) {
      const bytes = v128.load(at)
      const near = i8x16.shuffle(bytes, zero, 0, 16, 4, 16, 1, 16, 5, 16, 2, 16, 6, 16, 3, 16, 7, 16)
      const far = i8x16.shuffle(bytes, zero, 8, 16, 12, 16, 9, 16, 13, 16, 10, 16, 14, 16, 11, 16, 15, 16)
      sum = i32x4.add(sum, i32x4.dot_i16x8_s(near, v128.load32_splat(weights + (i << 1))))
      sum = i32x4.add(sum, i32x4.dot_i16x8_s(far, v128.load32_splat(weights + (i << 1) + 4)))
    }
    storePixel(to + (x << 2), i32x4.shr_s(sum, 12))
  }
}
