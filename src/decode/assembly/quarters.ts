// From the coefficients of a block to 2x2 samples, as jidctred.c does it.

import { QUANTIZERS, WEIGHTS, SUMS, ODD } from './layout'

/** What column or row 1, 3, 5 or 7 counts, in 2^-13 (jidctred.c). */
function weightOf(odd: u32): i32 {
  return odd == 1 ? 29692 : odd == 3 ? -10426 : odd == 5 ? 6967 : -5906
}

/** For each coefficient of a block: what it is multiplied by, to which of the sums it goes, and how much of it. */
export function weigh(id: u32): void {
  const quantizer = QUANTIZERS + (<usize>id << 6)
  let weight = WEIGHTS + (<usize>id << 9)
  let row: u32 = 0
  let column: u32 = 0
  for (let i: usize = 0; i < 64; i++, weight += 8) {
    const isSeen = (row == 0 || (row & 1) == 1) && (column == 0 || (column & 1) == 1)
    const sum = column == 0 ? 16 : (column >> 1) << 2
    store<u16>(weight, load<u8>(quantizer + i))
    store<u16>(weight, <u16>(row == 0 ? sum : <u32>ODD + sum), 2)
    store<i32>(weight, !isSeen ? 0 : row == 0 ? 1 << 15 : weightOf(row), 4)
    // Zigzag: along the diagonals, up and down by turns.
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

/** The inverse transform of a block's sums, down and then across. */
export function storeQuarters(place: usize, row: usize): void {
  const first = v128.load(SUMS)
  const odd = v128.load(SUMS, ODD)
  const half = i32x4.splat(1 << 12)
  const upper = i32x4.shr_s(i32x4.add(i32x4.add(first, odd), half), 13)
  const lower = i32x4.shr_s(i32x4.add(i32x4.sub(first, odd), half), 13)
  const mean = load<i32>(SUMS, 16)
  const slope = load<i32>(SUMS, ODD + 16)
  storePair(place, (mean + slope + (1 << 12)) >> 13, upper)
  storePair(place + row, (mean - slope + (1 << 12)) >> 13, lower)
}

@inline
function storePair(place: usize, mean: i32, odd: v128): void {
  const products = i32x4.mul(odd, i32x4(weightOf(1), weightOf(3), weightOf(5), weightOf(7)))
  const slope =
    i32x4.extract_lane(products, 0) +
    i32x4.extract_lane(products, 1) +
    i32x4.extract_lane(products, 2) +
    i32x4.extract_lane(products, 3)
  store<u8>(place, limit(((mean << 15) + slope + (1 << 19)) >> 20))
  store<u8>(place, limit(((mean << 15) - slope + (1 << 19)) >> 20), 1)
}

/** A sample from 0 to 255, of what lies around 0; only the lowest ten bits count (jdmaster.c). */
@inline
export function limit(value: i32): u8 {
  return clamp(((value << 22) >> 22) + 128)
}

@inline
export function clamp(value: i32): u8 {
  return <u8>max(0, min(255, value))
}
