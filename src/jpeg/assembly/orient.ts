// Turns pixels as an EXIF orientation says (Exif 2.32, section 4.6.4).

import { allocate } from './allocator'

/** Whether width and height change places. */
export function isOnItsSide(orientation: u32): bool {
  return orientation > 4
}

/** Pixels of three bytes, so many across and down; where they are when they are turned. */
export function turn(pixels: usize, width: usize, height: usize, orientation: u32): usize {
  if (orientation < 2) return pixels
  const made = allocate(width * height * 3 + 64)
  const row = <i32>width * 3
  const isMirrored = orientation == 2 || orientation == 3 || orientation == 7 || orientation == 8
  const isUpsideDown = orientation == 3 || orientation == 4 || orientation == 6 || orientation == 7
  // Where the first pixel comes from, and how far off the next ones are.
  const corner = pixels + (isMirrored ? <usize>row - 3 : 0) + (isUpsideDown ? (height - 1) * <usize>row : 0)
  const across = isMirrored ? -3 : 3
  const down = isUpsideDown ? -row : row
  const isSideways = isOnItsSide(orientation)
  const columns = isSideways ? height : width
  const rows = isSideways ? width : height
  let to = made
  for (let y: usize = 0; y < rows; y++) {
    let from = corner + <usize>(<i32>y * (isSideways ? across : down))
    for (let x: usize = 0; x < columns; x++, to += 3) {
      store<u16>(to, load<u16>(from))
      store<u8>(to, load<u8>(from, 2), 2)
      from += <usize>(isSideways ? down : across)
    }
  }
  return made
}
