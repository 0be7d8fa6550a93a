// Encodes pixels as baseline JPEG (ITU T.81), to the very file that libjpeg makes with codes of its own for it.

import { forward8, readDivisors } from './fdct'
import { BYTES_OF_BLOCK, PLAN_QUANTIZERS, PLAN_SUBSAMPLED } from './memory-layout'
import { allocate, row16 } from './allocator'
import { writeScan } from './entropy-encoder'

/** Encodes pixels as is planned; where the file begins, which ends where free memory does. */
export function encode(pixels: usize, width: usize, height: usize): usize {
  const side: usize = load<u8>(PLAN_SUBSAMPLED) != 0 ? 2 : 1
  const unitsAcross = (width + side * 8 - 1) / (side * 8)
  const unitsDown = (height + side * 8 - 1) / (side * 8)
  const stride = row16(unitsAcross * side * 8)
  const rows = unitsDown * side * 8
  const luma = allocate(stride * rows + 32)
  let blue = allocate(stride * rows + 32)
  let red = allocate(stride * rows + 32)
  convert(pixels, width, height, luma, blue, red, stride, rows)
  if (side == 2) {
    // A row that isn't there is the last one, before chroma is made coarser and not after.
    const made = (height + 1) >> 1
    blue = coarsen(blue, stride, made, rows >> 1)
    red = coarsen(red, stride, made, rows >> 1)
  }
  readDivisors(PLAN_QUANTIZERS, 0)
  readDivisors(PLAN_QUANTIZERS + 64, 1)
  const each = side * side
  const coefficients = allocate(unitsAcross * unitsDown * (each + 2) * BYTES_OF_BLOCK)
  const across = (width + 7) >> 3
  const down = (height + 7) >> 3
  let to = coefficients
  for (let y: usize = 0; y < unitsDown; y++) {
    for (let x: usize = 0; x < unitsAcross; x++) {
      for (let i: usize = 0; i < each; i++) {
        const row = y * side + i / side
        const column = x * side + (i % side)
        if (column >= across || row >= down) repeatMean(to, row >= down ? to - (i % side + 1) * BYTES_OF_BLOCK : to - BYTES_OF_BLOCK)
        else forward8(luma + row * 8 * stride + column * 8, stride, 0, to)
        to += BYTES_OF_BLOCK
      }
      const chroma = y * 8 * stride + x * 8
      forward8(blue + chroma, stride, 1, to)
      forward8(red + chroma, stride, 1, to + BYTES_OF_BLOCK)
      to += 2 * BYTES_OF_BLOCK
    }
  }
  return writeScan(coefficients, to, each, width, height)
}

/** A block beyond the picture: it costs least where its mean is that of another (jccoefct.c). */
function repeatMean(to: usize, from: usize): void {
  memory.fill(to, 0, BYTES_OF_BLOCK)
  store<i16>(to, load<i16>(from))
}

/** Luma and chroma (jccolor.c) as wide and high as whole units are, the last pixels repeated. */
function convert(
  pixels: usize,
  width: usize,
  height: usize,
  luma: usize,
  blue: usize,
  red: usize,
  stride: usize,
  rows: usize,
): void {
  for (let y: usize = 0; y < height; y++) {
    const row = y * stride
    const from = pixels + y * width * 3
    for (let x: usize = 0; x < width; x += 4) {
      const bytes = v128.load(from + x * 3)
      const zero = i8x16.splat(0)
      const r = i8x16.shuffle(bytes, zero, 0, 16, 16, 16, 3, 16, 16, 16, 6, 16, 16, 16, 9, 16, 16, 16)
      const g = i8x16.shuffle(bytes, zero, 1, 16, 16, 16, 4, 16, 16, 16, 7, 16, 16, 16, 10, 16, 16, 16)
      const b = i8x16.shuffle(bytes, zero, 2, 16, 16, 16, 5, 16, 16, 16, 8, 16, 16, 16, 11, 16, 16, 16)
      storeFour(luma + row + x, r, g, b, 19595, 38470, 7471, 32768)
      storeFour(blue + row + x, r, g, b, -11059, -21709, 32768, (128 << 16) + 32767)
      storeFour(red + row + x, r, g, b, 32768, -27439, -5329, (128 << 16) + 32767)
    }
    const left = stride - width
    memory.fill(luma + row + width, load<u8>(luma + row + width - 1), left)
    memory.fill(blue + row + width, load<u8>(blue + row + width - 1), left)
    memory.fill(red + row + width, load<u8>(red + row + width - 1), left)
  }
  for (let y = height; y < rows; y++) {
    const row = y * stride
    memory.copy(luma + row, luma + row - stride, stride)
    memory.copy(blue + row, blue + row - stride, stride)
    memory.copy(red + row, red + row - stride, stride)
  }
}

@inline
function storeFour(to: usize, r: v128, g: v128, b: v128, ofR: i32, ofG: i32, ofB: i32, plus: i32): void {
  const sum = i32x4.add(
    i32x4.add(i32x4.mul(r, i32x4.splat(ofR)), i32x4.mul(g, i32x4.splat(ofG))),
    i32x4.add(i32x4.mul(b, i32x4.splat(ofB)), i32x4.splat(plus)),
  )
  const words = i32x4.shr_s(sum, 16)
  const narrow = i16x8.narrow_i32x4_s(words, words)
  v128.store32_lane(to, i8x16.narrow_i16x8_u(narrow, narrow), 0)
}

/** Half as wide and high, rounded up and down by turns (jcsample.c, `h2v2_downsample`), in rows of the same length. */
function coarsen(from: usize, stride: usize, made: usize, rows: usize): usize {
  const to = allocate(stride * rows + 32)
  const bias = i32x4.splat(0x20001)
  for (let y: usize = 0; y < rows; y++) {
    const row = to + y * stride
    if (y >= made) {
      memory.copy(row, row - stride, stride)
      continue
    }
    const upper = from + (y << 1) * stride
    for (let x: usize = 0; x < stride; x += 16) {
      const sums = i16x8.add(
        i16x8.extadd_pairwise_i8x16_u(v128.load(upper + x)),
        i16x8.extadd_pairwise_i8x16_u(v128.load(upper + stride + x)),
      )
      const means = i16x8.shr_u(i16x8.add(sums, bias), 2)
      v128.store64_lane(row + (x >> 1), i8x16.narrow_i16x8_u(means, means), 0)
    }
  }
  return to
}
