// From planes of luma and chroma to pixels (libjpeg's jdsample.c and jdcolor.c).

import {
  COMPONENTS,
  COMPONENT,
  HEIGHT,
  PLANE,
  PLANE_ADDRESS,
  PLANE_HEIGHT,
  PLANE_STRIDE,
  PLANE_WIDTH,
  PLANES,
  SMOOTH,
  TIMES_ACROSS,
  TIMES_DOWN,
  WIDTH,
} from './memory-layout'
import { allocate, row16 } from './allocator'

/** Pixels of a picture whose planes are there, three bytes each. */
export function paint(pixels: usize): void {
  const width = <usize>load<u32>(WIDTH)
  const height = <usize>load<u32>(HEIGHT)
  const blue = allocate(row16(width) + 64)
  const red = allocate(row16(width) + 64)
  for (let y: usize = 0; y < height; y++) {
    const luma = <usize>load<u32>(PLANES + PLANE_ADDRESS) + y * <usize>load<u32>(PLANES + PLANE_STRIDE)
    paintRow(pixels + y * width * 3, luma, rowOf(1, y, blue), rowOf(2, y, red), width)
  }
}

/** A row of chroma, as wide as luma: where it is that already, or where it has been made so. */
function rowOf(index: usize, y: usize, made: usize): usize {
  const component = COMPONENTS + index * COMPONENT
  const plane = PLANES + index * PLANE
  const stride = <usize>load<u32>(plane + PLANE_STRIDE)
  const first = <usize>load<u32>(plane + PLANE_ADDRESS)
  const across = load<u8>(component + TIMES_ACROSS)
  const down = <usize>load<u8>(component + TIMES_DOWN)
  const row = first + (y / down) * stride
  if (across == 1 && down == 1) return row
  const width = <usize>load<u32>(plane + PLANE_WIDTH)
  if (load<u8>(component + SMOOTH) == 0) repeat(row, made, load<u32>(WIDTH), across)
  else if (down == 1) smoothAcross(row, made, width)
  else {
    // The other row that lies near, if there is one.
    const last = <usize>load<u32>(plane + PLANE_HEIGHT) - 1
    const above = y >> 1
    const near = (y & 1) == 0 ? max(above, 1) - 1 : min(above + 1, last)
    smooth(row, first + near * stride, made, width)
  }
  return made
}

/** Each sample so many times. */
function repeat(from: usize, to: usize, width: usize, times: u32): void {
  for (let x: usize = 0; x < width; x++) store<u8>(to + x, load<u8>(from + <usize>(<u32>x / times)))
}

/** Twice as wide, three parts of the sample that is nearer and one of the other (`h2v1_fancy_upsample`). */
function smoothAcross(from: usize, to: usize, width: usize): void {
  for (let x: usize = 0; x < width; x++) {
    const here = <u32>load<u8>(from + x) * 3
    const before = x == 0 ? here / 3 : <u32>load<u8>(from + x - 1)
    const after = x == width - 1 ? here / 3 : <u32>load<u8>(from + x + 1)
    store<u8>(to + (x << 1), <u8>((here + before + 1) >> 2))
    store<u8>(to + (x << 1) + 1, <u8>((here + after + 2) >> 2))
  }
}

/** Twice as wide and of twice as many rows, likewise (`h2v2_fancy_upsample`). */
function smooth(from: usize, near: usize, to: usize, width: usize): void {
  let here = sumOf(from, near, 0)
  let before = here
  for (let x: usize = 0; x < width; x++) {
    const after = x == width - 1 ? here : sumOf(from, near, x + 1)
    store<u8>(to + (x << 1), <u8>((here * 3 + before + 8) >> 4))
    store<u8>(to + (x << 1) + 1, <u8>((here * 3 + after + 7) >> 4))
    before = here
    here = after
  }
}

@inline
function sumOf(from: usize, near: usize, x: usize): u32 {
  return <u32>load<u8>(from + x) * 3 + <u32>load<u8>(near + x)
}

/** Eight pixels at a time, which may go beyond the row. */
function paintRow(to: usize, luma: usize, blue: usize, red: usize, width: usize): void {
  const middle = i16x8.splat(128)
  for (let x: usize = 0; x < width; x += 8, to += 24) {
    const grey = v128.load64_zero(luma + x)
    const y = i16x8.extend_low_i8x16_u(grey)
    const b = i16x8.sub(i16x8.extend_low_i8x16_u(v128.load64_zero(blue + x)), middle)
    const r = i16x8.sub(i16x8.extend_low_i8x16_u(v128.load64_zero(red + x)), middle)
    const reds = scaled(r, r, 91881, 0)
    const greens = scaled(b, r, -22554, -46802)
    const blues = scaled(b, b, 116130, 0)
    const rg = i8x16.narrow_i16x8_u(i16x8.add(y, reds), i16x8.add(y, greens))
    const bb = i8x16.narrow_i16x8_u(i16x8.add(y, blues), middle)
    v128.store(to, i8x16.shuffle(rg, bb, 0, 8, 16, 1, 9, 17, 2, 10, 18, 3, 11, 19, 4, 12, 20, 5))
    v128.store64_lane(
      to + 16,
      i8x16.shuffle(rg, bb, 13, 21, 6, 14, 22, 7, 15, 23, 0, 0, 0, 0, 0, 0, 0, 0),
      0,
    )
  }
}

/** So many 65536ths of one and of another, rounded. */
@inline
function scaled(a: v128, b: v128, ofA: i32, ofB: i32): v128 {
  const half = i32x4.splat(32768)
  const left = i32x4.add(
    i32x4.mul(i32x4.extend_low_i16x8_s(a), i32x4.splat(ofA)),
    i32x4.mul(i32x4.extend_low_i16x8_s(b), i32x4.splat(ofB)),
  )
  const right = i32x4.add(
    i32x4.mul(i32x4.extend_high_i16x8_s(a), i32x4.splat(ofA)),
    i32x4.mul(i32x4.extend_high_i16x8_s(b), i32x4.splat(ofB)),
  )
  return i16x8.narrow_i32x4_s(
    i32x4.shr_s(i32x4.add(left, half), 16),
    i32x4.shr_s(i32x4.add(right, half), 16),
  )
}
