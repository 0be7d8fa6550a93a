/*
 * Multiplies colours by alpha, and divides them by it again, bit-exact with libvips (premultiply.c, unpremultiply.c): in 32-bit
 * floating point, fractions cut off.
 */

const OPAQUE: i32 = 0xff000000

/** Multiplies a row of RGBA pixels by their alpha. Writes up to 12 bytes behind `to`. */
export function premultiplyRow(from: usize, to: usize, width: usize): void {
  const opaque = i32x4.splat(OPAQUE)
  for (const end = from + (width << 2); from < end; from += 16, to += 16) {
    const pixels = v128.load(from)
    const alphas = v128.and(pixels, opaque)
    if (i32x4.all_true(i32x4.eq(alphas, opaque))) v128.store(to, pixels)
    else if (!v128.any_true(alphas)) v128.store(to, i32x4.splat(0))
    else {
      const low = i16x8.extend_low_i8x16_u(pixels)
      const high = i16x8.extend_high_i8x16_u(pixels)
      const first = i16x8.narrow_i32x4_u(
        premultiply(i32x4.extend_low_i16x8_u(low)),
        premultiply(i32x4.extend_high_i16x8_u(low)),
      )
      const last = i16x8.narrow_i32x4_u(
        premultiply(i32x4.extend_low_i16x8_u(high)),
        premultiply(i32x4.extend_high_i16x8_u(high)),
      )
      v128.store(to, i8x16.narrow_i16x8_u(first, last))
    }
  }
}

@inline
function premultiply(pixel: v128): v128 {
  const alpha = i32x4.extract_lane(pixel, 3)
  return scale(pixel, alpha, <f32>alpha / 255)
}

/** Divides RGBA pixels by their alpha, in place. */
export function unpremultiplyPixels(at: usize, count: usize): void {
  for (const end = at + (count << 2); at < end; at += 4) {
    const alpha = <i32>load<u8>(at, 3)
    if (alpha == 255) continue
    const pixel = i32x4.extend_low_i16x8_u(i16x8.extend_low_i8x16_u(v128.load32_zero(at)))
    const words = i16x8.narrow_i32x4_s(scale(pixel, alpha, alpha == 0 ? 0 : <f32>255 / <f32>alpha), pixel)
    v128.store32_lane(at, i8x16.narrow_i16x8_u(words, words), 0)
  }
}

/** Multiplies three channels by a factor, and sets the fourth. */
@inline
function scale(pixel: v128, alpha: i32, factor: f32): v128 {
  const scaled = f32x4.mul(f32x4.convert_i32x4_s(pixel), f32x4.splat(factor))
  return i32x4.replace_lane(i32x4.trunc_sat_f32x4_s(scaled), 3, alpha)
}
