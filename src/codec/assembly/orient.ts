// Applies an EXIF orientation (Exif 2.32, section 4.6.4).

import { allocate } from './allocator'

/** Returns true if the orientation swaps width and height. */
export function swapsAxes(orientation: u32): bool {
  return orientation > 4
}

/** Orients RGB pixels. Returns the address of the result. */
export function orient(pixels: usize, width: usize, height: usize, orientation: u32): usize {
  if (orientation < 2) return pixels
  const oriented = allocate(width * height * 3 + 64)
  const row = <i32>width * 3
  const isMirrored = orientation == 2 || orientation == 3 || orientation == 7 || orientation == 8
  const isUpsideDown = orientation == 3 || orientation == 4 || orientation == 6 || orientation == 7
  // Source of the first pixel, and steps to the next ones.
  const corner = pixels + (isMirrored ? <usize>row - 3 : 0) + (isUpsideDown ? (height - 1) * <usize>row : 0)
  const stepX = isMirrored ? -3 : 3
  const stepY = isUpsideDown ? -row : row
  const isTransposed = swapsAxes(orientation)
  const columns = isTransposed ? height : width
  const rows = isTransposed ? width : height
  let to = oriented
  for (let y: usize = 0; y < rows; y++) {
    let from = corner + <usize>(<i32>y * (isTransposed ? stepX : stepY))
    for (let x: usize = 0; x < columns; x++, to += 3) {
      store<u16>(to, load<u16>(from))
      store<u8>(to, load<u8>(from, 2), 2)
      from += <usize>(isTransposed ? stepY : stepX)
    }
  }
  return oriented
}
