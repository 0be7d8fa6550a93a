// Converts pixels to sRGB by the tables of the request, bit-exact with lcms (cmsopt.c, `MatShaperEval16`).

import { COLOUR_CURVES, COLOUR_CURVE_BLUE, COLOUR_CURVE_GREEN, COLOUR_CURVE_RED, COLOUR_SUMS } from './memory-layout'

/** Returns true if the request has tables. */
export function hasColourTables(): bool {
  return load<u32>(COLOUR_CURVES + COLOUR_CURVE_RED) != 0
}

/** Converts a row of RGB pixels in place. */
export function convertRow(row: usize, width: usize): void {
  const red = <usize>load<u32>(COLOUR_CURVES + COLOUR_CURVE_RED)
  const green = <usize>load<u32>(COLOUR_CURVES + COLOUR_CURVE_GREEN)
  const blue = <usize>load<u32>(COLOUR_CURVES + COLOUR_CURVE_BLUE)
  const zero = i32x4.splat(0)
  const one = i32x4.splat(1 << 14)
  const end = row + width * 3
  for (let at = row; at < end; at += 3) {
    const sums = i32x4.add(
      i32x4.add(
        v128.load(COLOUR_SUMS + (<usize>load<u8>(at) << 4)),
        v128.load(COLOUR_SUMS + (<usize>load<u8>(at, 1) << 4), 0x1000),
      ),
      v128.load(COLOUR_SUMS + (<usize>load<u8>(at, 2) << 4), 0x2000),
    )
    const light = i32x4.max_s(i32x4.min_s(i32x4.shr_s(sums, 14), one), zero)
    store<u8>(at, load<u8>(red + i32x4.extract_lane(light, 0)))
    store<u8>(at, load<u8>(green + i32x4.extract_lane(light, 1)), 1)
    store<u8>(at, load<u8>(blue + i32x4.extract_lane(light, 2)), 2)
  }
}
