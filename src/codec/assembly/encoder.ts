// Encodes pixels as baseline JPEG (ITU T.81), to the same bytes as libjpeg with optimal Huffman codes.

import { buildDivisors, fdct8x8 } from './transform/fdct'
import { BLOCK_BYTES, COMPONENT_COUNT, TARGET_QUANT_TABLES, TARGET_SUBSAMPLED } from './memory-layout'
import { align16, allocate } from './allocator'
import { writeJpeg } from './entropy-encoder'

/** Encodes RGB pixels as requested. Returns the address of the file, which ends at `Memory.free`. */
export function encodeBaseline(pixels: usize, width: usize, height: usize): usize {
  if (load<u32>(COMPONENT_COUNT) == 1) return encodeGrey(pixels, width, height)
  const lumaSampling: usize = load<u8>(TARGET_SUBSAMPLED) != 0 ? 2 : 1
  const mcusPerRow = (width + lumaSampling * 8 - 1) / (lumaSampling * 8)
  const mcuRows = (height + lumaSampling * 8 - 1) / (lumaSampling * 8)
  const stride = align16(mcusPerRow * lumaSampling * 8)
  const rows = mcuRows * lumaSampling * 8
  const luma = allocate(stride * rows + 32)
  let cb = allocate(stride * rows + 32)
  let cr = allocate(stride * rows + 32)
  rgbToYcc(pixels, width, height, luma, cb, cr, stride, rows)
  if (lumaSampling == 2) {
    // Rows below the picture repeat its last row before downsampling; rows below those repeat the last one after it.
    const chromaRows = (height + 1) >> 1
    cb = downsample2x2(cb, stride, chromaRows, rows >> 1)
    cr = downsample2x2(cr, stride, chromaRows, rows >> 1)
  }
  buildDivisors(TARGET_QUANT_TABLES, 0)
  buildDivisors(TARGET_QUANT_TABLES + 64, 1)
  const lumaBlocks = lumaSampling * lumaSampling
  const coefficients = allocate(mcusPerRow * mcuRows * (lumaBlocks + 2) * BLOCK_BYTES)
  const widthInBlocks = (width + 7) >> 3
  const heightInBlocks = (height + 7) >> 3
  let to = coefficients
  for (let y: usize = 0; y < mcuRows; y++) {
    for (let x: usize = 0; x < mcusPerRow; x++) {
      for (let i: usize = 0; i < lumaBlocks; i++) {
        const row = y * lumaSampling + i / lumaSampling
        const column = x * lumaSampling + (i % lumaSampling)
        if (column >= widthInBlocks || row >= heightInBlocks)
          fillDummyBlock(to, row >= heightInBlocks ? to - (i % lumaSampling + 1) * BLOCK_BYTES : to - BLOCK_BYTES)
        else fdct8x8(luma + row * 8 * stride + column * 8, stride, 0, to)
        to += BLOCK_BYTES
      }
      const chroma = y * 8 * stride + x * 8
      fdct8x8(cb + chroma, stride, 1, to)
      fdct8x8(cr + chroma, stride, 1, to + BLOCK_BYTES)
      to += 2 * BLOCK_BYTES
    }
  }
  return writeJpeg(coefficients, to, lumaBlocks, width, height)
}

/** Encodes RGB pixels of equal values as one component. */
function encodeGrey(pixels: usize, width: usize, height: usize): usize {
  const across = (width + 7) >> 3
  const down = (height + 7) >> 3
  const stride = align16(across * 8)
  const grey = allocate(stride * down * 8 + 32)
  for (let y: usize = 0; y < down * 8; y++) {
    const row = grey + y * stride
    if (y >= height) {
      memory.copy(row, row - stride, stride)
      continue
    }
    for (let x: usize = 0; x < width; x++) store<u8>(row + x, load<u8>(pixels + (y * width + x) * 3))
    memory.fill(row + width, load<u8>(row + width - 1), stride - width)
  }
  buildDivisors(TARGET_QUANT_TABLES, 0)
  const coefficients = allocate(across * down * BLOCK_BYTES)
  let to = coefficients
  for (let y: usize = 0; y < down; y++) {
    for (let x: usize = 0; x < across; x++, to += BLOCK_BYTES) fdct8x8(grey + y * 8 * stride + x * 8, stride, 0, to)
  }
  return writeJpeg(coefficients, to, 1, width, height)
}

/** Writes a padding block, which is cheapest with the DC coefficient of its neighbour (jccoefct.c). */
function fillDummyBlock(to: usize, from: usize): void {
  memory.fill(to, 0, BLOCK_BYTES)
  store<i16>(to, load<i16>(from))
}

/** Converts to luma and chroma (jccolor.c, `rgb_ycc_convert`), padded to whole MCUs by repeating the last pixels. */
function rgbToYcc(
  pixels: usize,
  width: usize,
  height: usize,
  luma: usize,
  cb: usize,
  cr: usize,
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
      storeWeighted(luma + row + x, r, g, b, 19595, 38470, 7471, 32768)
      storeWeighted(cb + row + x, r, g, b, -11059, -21709, 32768, (128 << 16) + 32767)
      storeWeighted(cr + row + x, r, g, b, 32768, -27439, -5329, (128 << 16) + 32767)
    }
    const padding = stride - width
    memory.fill(luma + row + width, load<u8>(luma + row + width - 1), padding)
    memory.fill(cb + row + width, load<u8>(cb + row + width - 1), padding)
    memory.fill(cr + row + width, load<u8>(cr + row + width - 1), padding)
  }
  for (let y = height; y < rows; y++) {
    const row = y * stride
    memory.copy(luma + row, luma + row - stride, stride)
    memory.copy(cb + row, cb + row - stride, stride)
    memory.copy(cr + row, cr + row - stride, stride)
  }
}

/** Stores four weighted sums of 16 fractional bits. */
@inline
function storeWeighted(to: usize, r: v128, g: v128, b: v128, weightR: i32, weightG: i32, weightB: i32, offset: i32): void {
  const sum = i32x4.add(
    i32x4.add(i32x4.mul(r, i32x4.splat(weightR)), i32x4.mul(g, i32x4.splat(weightG))),
    i32x4.add(i32x4.mul(b, i32x4.splat(weightB)), i32x4.splat(offset)),
  )
  const words = i32x4.shr_s(sum, 16)
  const narrow = i16x8.narrow_i32x4_s(words, words)
  v128.store32_lane(to, i8x16.narrow_i16x8_u(narrow, narrow), 0)
}

/** Halves both axes, rounding alternately down and up (jcsample.c, `h2v2_downsample`); the stride stays. */
function downsample2x2(from: usize, stride: usize, chromaRows: usize, rows: usize): usize {
  const to = allocate(stride * rows + 32)
  const bias = i32x4.splat(0x20001)
  for (let y: usize = 0; y < rows; y++) {
    const row = to + y * stride
    if (y >= chromaRows) {
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
