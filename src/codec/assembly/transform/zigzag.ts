// Zigzag order of coefficients: along the diagonals, alternately up and down (ITU T.81, figure A.6).

import { ZIGZAG, ZIGZAG_OFFSETS } from '../memory-layout'

export function buildZigzag(): void {
  let row: u32 = 0
  let column: u32 = 0
  for (let i: usize = 0; i < 64; i++) {
    store<u8>(ZIGZAG + i, <u8>((row << 3) + column))
    store<u8>(ZIGZAG_OFFSETS + i, <u8>(((row << 3) + column) << 1))
    if (((row + column) & 1) == 0) {
      if (column == 7) row++
      else {
        column++
        if (row > 0) row--
      }
    } else if (row == 7) column++
    else {
      row++
      if (column > 0) column--
    }
  }
}
