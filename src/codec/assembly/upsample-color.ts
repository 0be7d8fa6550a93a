// Chroma upsampling and colour conversion, bit-exact with libjpeg's jdsample.c and jdcolor.c.

import {
  COMPONENT_COUNT,
  COMPONENT_SIZE,
  COMPONENTS,
  FANCY_UPSAMPLING,
  H_EXPAND,
  OUTPUT_HEIGHT,
  OUTPUT_WIDTH,
  PLANE_ADDRESS,
  PLANE_HEIGHT,
  PLANE_SIZE,
  PLANE_STRIDE,
  PLANE_WIDTH,
  PLANES,
  V_EXPAND,
} from './memory-layout'
import { align16, allocate } from './allocator'
import { convertRow, hasColourTables } from './convert-colours'

/** Writes grey pixels from their decoded plane, or RGB pixels from the planes, with their colours converted as requested. */
export function upsampleAndConvert(pixels: usize): void {
  const width = <usize>load<u32>(OUTPUT_WIDTH)
  const height = <usize>load<u32>(OUTPUT_HEIGHT)
  if (load<u32>(COMPONENT_COUNT) == 1) {
    const plane = <usize>load<u32>(PLANES + PLANE_ADDRESS)
    const stride = <usize>load<u32>(PLANES + PLANE_STRIDE)
    for (let y: usize = 0; y < height; y++) memory.copy(pixels + y * width, plane + y * stride, width)
    return
  }
  const cb = allocate(align16(width) + 64)
  const cr = allocate(align16(width) + 64)
  const isConverted = hasColourTables()
  for (let y: usize = 0; y < height; y++) {
    const row = pixels + y * width * 3
    const luma = <usize>load<u32>(PLANES + PLANE_ADDRESS) + y * <usize>load<u32>(PLANES + PLANE_STRIDE)
    yccToRgbRow(row, luma, chromaRow(1, y, cb), chromaRow(2, y, cr), width)
    if (isConverted) convertRow(row, width)
  }
}

/** Returns the address of a row of chroma at full width: in its plane, or upsampled into the buffer. */
function chromaRow(index: usize, y: usize, buffer: usize): usize {
  const component = COMPONENTS + index * COMPONENT_SIZE
  const plane = PLANES + index * PLANE_SIZE
  const stride = <usize>load<u32>(plane + PLANE_STRIDE)
  const first = <usize>load<u32>(plane + PLANE_ADDRESS)
  const hExpand = load<u8>(component + H_EXPAND)
  const vExpand = <usize>load<u8>(component + V_EXPAND)
  const row = first + (y / vExpand) * stride
  if (hExpand == 1 && vExpand == 1) return row
  const width = <usize>load<u32>(plane + PLANE_WIDTH)
  if (load<u8>(component + FANCY_UPSAMPLING) == 0) replicate(row, buffer, load<u32>(OUTPUT_WIDTH), hExpand)
  else if (vExpand == 1) fancyUpsampleH2V1(row, buffer, width)
  else {
    // The nearest other row of chroma; at the edge the same row.
    const last = <usize>load<u32>(plane + PLANE_HEIGHT) - 1
    const above = y >> 1
    const near = (y & 1) == 0 ? max(above, 1) - 1 : min(above + 1, last)
    fancyUpsampleH2V2(row, first + near * stride, buffer, width)
  }
  return buffer
}

/** Repeats each sample (`int_upsample`). */
function replicate(from: usize, to: usize, width: usize, times: u32): void {
  for (let x: usize = 0; x < width; x++) store<u8>(to + x, load<u8>(from + <usize>(<u32>x / times)))
}

/** Doubles the width: 3/4 of the nearer sample and 1/4 of the other (`h2v1_fancy_upsample`). */
function fancyUpsampleH2V1(from: usize, to: usize, width: usize): void {
  for (let x: usize = 0; x < width; x++) {
    const here = <u32>load<u8>(from + x) * 3
    const before = x == 0 ? here / 3 : <u32>load<u8>(from + x - 1)
    const after = x == width - 1 ? here / 3 : <u32>load<u8>(from + x + 1)
    store<u8>(to + (x << 1), <u8>((here + before + 1) >> 2))
    store<u8>(to + (x << 1) + 1, <u8>((here + after + 2) >> 2))
  }
}

/** Doubles the width of a row between two rows of chroma (`h2v2_fancy_upsample`). */
function fancyUpsampleH2V2(from: usize, near: usize, to: usize, width: usize): void {
  let here = columnSum(from, near, 0)
  let before = here
  for (let x: usize = 0; x < width; x++) {
    const after = x == width - 1 ? here : columnSum(from, near, x + 1)
    store<u8>(to + (x << 1), <u8>((here * 3 + before + 8) >> 4))
    store<u8>(to + (x << 1) + 1, <u8>((here * 3 + after + 7) >> 4))
    before = here
    here = after
  }
}

@inline
function columnSum(from: usize, near: usize, x: usize): u32 {
  return <u32>load<u8>(from + x) * 3 + <u32>load<u8>(near + x)
}

/** Converts eight pixels at a time, and may write behind the row (`ycc_rgb_convert`). */
function yccToRgbRow(to: usize, luma: usize, cb: usize, cr: usize, width: usize): void {
  const center = i16x8.splat(128)
  for (let x: usize = 0; x < width; x += 8, to += 24) {
    const luma8 = v128.load64_zero(luma + x)
    const y = i16x8.extend_low_i8x16_u(luma8)
    const b = i16x8.sub(i16x8.extend_low_i8x16_u(v128.load64_zero(cb + x)), center)
    const r = i16x8.sub(i16x8.extend_low_i8x16_u(v128.load64_zero(cr + x)), center)
    const reds = weightedSum(r, r, 91881, 0)
    const greens = weightedSum(b, r, -22554, -46802)
    const blues = weightedSum(b, b, 116130, 0)
    const rg = i8x16.narrow_i16x8_u(i16x8.add(y, reds), i16x8.add(y, greens))
    const bb = i8x16.narrow_i16x8_u(i16x8.add(y, blues), center)
    v128.store(to, i8x16.shuffle(rg, bb, 0, 8, 16, 1, 9, 17, 2, 10, 18, 3, 11, 19, 4, 12, 20, 5))
    v128.store64_lane(
      to + 16,
      i8x16.shuffle(rg, bb, 13, 21, 6, 14, 22, 7, 15, 23, 0, 0, 0, 0, 0, 0, 0, 0),
      0,
    )
  }
}

/** Returns the rounded sum of two vectors weighted in 65536ths. */
@inline
function weightedSum(a: v128, b: v128, weightA: i32, weightB: i32): v128 {
  const half = i32x4.splat(32768)
  const left = i32x4.add(
    i32x4.mul(i32x4.extend_low_i16x8_s(a), i32x4.splat(weightA)),
    i32x4.mul(i32x4.extend_low_i16x8_s(b), i32x4.splat(weightB)),
  )
  const right = i32x4.add(
    i32x4.mul(i32x4.extend_high_i16x8_s(a), i32x4.splat(weightA)),
    i32x4.mul(i32x4.extend_high_i16x8_s(b), i32x4.splat(weightB)),
  )
  return i16x8.narrow_i32x4_s(
    i32x4.shr_s(i32x4.add(left, half), 16),
    i32x4.shr_s(i32x4.add(right, half), 16),
  )
}
