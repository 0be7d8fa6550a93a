/*
 * Reverses the filters of a PNG's rows (PNG, third edition, section 9). Rows of three or four channels of 8 bits lie one behind
 * the other, each after a byte that names its filter.
 */

const NONE: u32 = 0
const SUB: u32 = 1
const UP: u32 = 2
const AVERAGE: u32 = 3
const PAETH: u32 = 4

/** Reverses the filter of a row in place. `prior` is the row above it. Returns false for an unknown filter. */
export function unfilterRow(filter: u32, row: usize, prior: usize, length: usize, channels: usize): bool {
  if (filter == NONE) return true
  if (filter == SUB) addLeft(row, length, channels)
  else if (filter == UP) addUpper(row, prior, length)
  else if (filter == AVERAGE) addAverage(row, prior, length, channels)
  else if (filter == PAETH) addPaeth(row, prior, length, channels)
  else return false
  return true
}

function addLeft(row: usize, length: usize, channels: usize): void {
  let left = i8x16.splat(0)
  for (const end = row + length; row < end; row += channels) {
    left = i8x16.add(left, v128.load32_zero(row))
    storePixel(row, left, channels)
  }
}

function addUpper(row: usize, prior: usize, length: usize): void {
  const end = row + length
  for (const last = end - 15; row < last; row += 16, prior += 16)
    v128.store(row, i8x16.add(v128.load(row), v128.load(prior)))
  for (; row < end; row++, prior++) store<u8>(row, load<u8>(row) + load<u8>(prior))
}

function addAverage(row: usize, prior: usize, length: usize, channels: usize): void {
  let left = i16x8.splat(0)
  for (const end = row + length; row < end; row += channels, prior += channels) {
    const average = i16x8.shr_u(i16x8.add(left, loadWords(prior)), 1)
    const sum = i8x16.add(v128.load32_zero(row), i8x16.narrow_i16x8_u(average, average))
    storePixel(row, sum, channels)
    left = i16x8.extend_low_i8x16_u(sum)
  }
}

/** Adds the neighbour that is nearest to left + above - above left: the first of these three if several are. */
function addPaeth(row: usize, prior: usize, length: usize, channels: usize): void {
  let left = i16x8.splat(0)
  let corner = i16x8.splat(0)
  for (const end = row + length; row < end; row += channels, prior += channels) {
    const above = loadWords(prior)
    const fromLeft = i16x8.sub(above, corner)
    const fromAbove = i16x8.sub(left, corner)
    const toLeft = i16x8.abs(fromLeft)
    const toAbove = i16x8.abs(fromAbove)
    const toCorner = i16x8.abs(i16x8.add(fromLeft, fromAbove))
    const aboveOrCorner = v128.bitselect(above, corner, i16x8.le_s(toAbove, toCorner))
    const isLeft = v128.and(i16x8.le_s(toLeft, toAbove), i16x8.le_s(toLeft, toCorner))
    const nearest = v128.bitselect(left, aboveOrCorner, isLeft)
    const sum = i8x16.add(v128.load32_zero(row), i8x16.narrow_i16x8_u(nearest, nearest))
    storePixel(row, sum, channels)
    left = i16x8.extend_low_i8x16_u(sum)
    corner = above
  }
}

/** Loads four bytes as words. */
@inline
function loadWords(at: usize): v128 {
  return i16x8.extend_low_i8x16_u(v128.load32_zero(at))
}

/** Stores a pixel. The byte behind one of three channels still has to be read. */
@inline
function storePixel(to: usize, bytes: v128, channels: usize): void {
  const pixel = <u32>i32x4.extract_lane(bytes, 0)
  if (channels == 4) store<u32>(to, pixel)
  else {
    store<u16>(to, <u16>pixel)
    store<u8>(to, <u8>(pixel >> 16), 2)
  }
}
