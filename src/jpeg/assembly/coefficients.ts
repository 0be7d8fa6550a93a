// The blocks of a progressive file's components, whose coefficients are kept from scan to scan.

import {
  ACROSS,
  BLOCK_COEFFICIENTS,
  BLOCKS_ACROSS,
  BLOCKS_DOWN,
  COMPONENT,
  COMPONENTS,
  GRID,
  GRID_ACROSS,
  GRID_BLOCKS,
  GRID_DOWN,
  GRID_MEANS,
  GRID_NEEDED,
  GRID_SIZE,
  GRID_STRIDE,
  GRIDS,
  LEVEL_PLACES,
  LIMIT,
  PLACES,
  PLANE,
  PLANE_ADDRESS,
  PLANE_STRIDE,
  PLANES,
  QUANTIZER,
  SIDE,
  ZIGZAG,
} from './memory-layout'
import { clamp, inverse, isTooLarge } from './idct'
import { allocate, Memory } from './allocator'

/**
 * A block's coefficients but that of DC: which of all are anything, and those of two bytes each that are needed, in the order
 * of the file. The first of these is for what isn't needed: it may be written there.
 */
const LEVELS: usize = 8

/** Room for a component's blocks, beyond the picture, too: an MCU has them. False where there is none. */
export function makeGrid(index: usize, units: u32): bool {
  const component = COMPONENTS + index * COMPONENT
  const grid = GRIDS + index * GRID
  const across = load<u32>(ACROSS)
  const stride = across * load<u8>(component + BLOCKS_ACROSS)
  const blocks = <usize>stride * (units / across) * load<u8>(component + BLOCKS_DOWN)
  store<u32>(grid + GRID_STRIDE, stride)
  store<u32>(grid + GRID_MEANS, allocate(blocks << 1))
  // Means tell all that is needed of one that becomes a single pixel.
  if (load<u8>(component + SIDE) > 1) {
    const pointers = allocate(blocks << 2)
    if (Memory.free > load<u32>(LIMIT)) return false
    memory.fill(pointers, 0, blocks << 2)
    store<u32>(grid + GRID_BLOCKS, pointers)
    placeLevels(index, load<u8>(component + SIDE))
  }
  return Memory.free <= load<u32>(LIMIT)
}

/** Which coefficients are needed for so many samples across and down: see `inverse2` and `inverse4`. */
function placeLevels(index: usize, side: u32): void {
  const grid = GRIDS + index * GRID
  const unneeded: u32 = side == 2 ? 0b01010100 : side == 4 ? 0b00010000 : 0
  let needed: u64 = 0
  let count: u32 = 0
  for (let i: u32 = 1; i < 64; i++) {
    const place = <u32>load<u8>(ZIGZAG + i)
    const isNeeded = ((unneeded >> (place >> 3)) & 1) == 0 && ((unneeded >> (place & 7)) & 1) == 0
    if (isNeeded) needed |= <u64>1 << i
    store<u8>(LEVEL_PLACES + (index << 6) + i, <u8>(isNeeded ? ++count : 0))
  }
  store<u64>(grid + GRID_NEEDED, needed)
  store<u32>(grid + GRID_SIZE, LEVELS + ((count + 1) << 1))
}

@inline
function placeOf(grid: usize, row: usize, column: usize): usize {
  return row * load<u32>(grid + GRID_STRIDE) + column
}

/** Where the DC coefficient of a block is. */
@inline
export function meanOf(index: usize, row: usize, column: usize): usize {
  const grid = GRIDS + index * GRID
  return <usize>load<u32>(grid + GRID_MEANS) + (placeOf(grid, row, column) << 1)
}

/** Where it is said where a block's others are. */
@inline
function pointerOf(grid: usize, row: usize, column: usize): usize {
  return <usize>load<u32>(grid + GRID_BLOCKS) + (placeOf(grid, row, column) << 2)
}

/** Where they are; 0 where none is anything yet. */
@inline
export function knownOf(index: usize, row: usize, column: usize): usize {
  return load<u32>(pointerOf(GRIDS + index * GRID, row, column))
}

/** The same, but room for them is made where there was none; 0 where there is no more. */
@inline
export function coefficientsOf(index: usize, row: usize, column: usize): usize {
  const grid = GRIDS + index * GRID
  const pointer = pointerOf(grid, row, column)
  const before = <usize>load<u32>(pointer)
  if (before != 0) return before
  const made = Memory.free
  Memory.free = (made + load<u32>(grid + GRID_SIZE) + 7) & ~7
  if (Memory.free > load<u32>(LIMIT)) return 0
  store<u64>(made, 0)
  store<u32>(pointer, made)
  return made
}

/** Where one of them is. */
@inline
export function levelOf(coefficients: usize, index: usize, place: u32): usize {
  return coefficients + LEVELS + (<usize>load<u8>(LEVEL_PLACES + (index << 6) + place) << 1)
}

/** Notes one that is something. */
@inline
export function setLevel(coefficients: usize, index: usize, place: u32, level: i32): void {
  store<i16>(levelOf(coefficients, index, place), <i16>level)
  store<u64>(coefficients, load<u64>(coefficients) | (<u64>1 << place))
}

/** Makes samples of all blocks of a component; false where that is left to others. */
export function fillPlane(index: usize): bool {
  const grid = GRIDS + index * GRID
  const rows = <usize>load<u32>(grid + GRID_DOWN)
  for (let row: usize = 0; row < rows; row++) {
    if (!fillRow(index, row)) return false
  }
  return true
}

/** Exported so that it stays a function of its own. */
export function fillRow(index: usize, row: usize): bool {
  const component = COMPONENTS + index * COMPONENT
  const grid = GRIDS + index * GRID
  const plane = PLANES + index * PLANE
  const places = PLACES + (<usize>load<u8>(component + QUANTIZER) << 8)
  const side = <usize>load<u8>(component + SIDE)
  const stride = <usize>load<u32>(plane + PLANE_STRIDE)
  const across = <usize>load<u32>(grid + GRID_ACROSS)
  let to = <usize>load<u32>(plane + PLANE_ADDRESS) + row * side * stride
  for (let column: usize = 0; column < across; column++, to += side) {
    const mean = <i32>load<i16>(meanOf(index, row, column)) * <i32>load<u16>(places)
    if (isTooLarge(mean)) return false
    const coefficients: usize = side == 1 ? 0 : knownOf(index, row, column)
    if (coefficients == 0) {
      const sample = clamp(((mean + 4) >> 3) + 128)
      for (let y: usize = 0; y < side; y++) memory.fill(to + y * stride, sample, side)
    } else {
      if (!restore(coefficients, index, places, mean)) return false
      inverse(side, to, stride)
    }
  }
  return true
}

/** A block as it is transformed. */
@inline
function restore(coefficients: usize, component: usize, places: usize, mean: i32): bool {
  for (let i: usize = 0; i < 128; i += 16) v128.store(BLOCK_COEFFICIENTS + i, i16x8.splat(0))
  store<i16>(BLOCK_COEFFICIENTS, <i16>mean)
  const needed = load<u64>(GRIDS + component * GRID + GRID_NEEDED)
  for (let left = load<u64>(coefficients) & needed; left != 0; left &= left - 1) {
    const index = <u32>ctz(left)
    const place = places + (<usize>index << 2)
    const level = <i32>load<i16>(levelOf(coefficients, component, index)) * <i32>load<u16>(place)
    if (isTooLarge(level)) return false
    store<i16>(BLOCK_COEFFICIENTS + <usize>load<u16>(place, 2), <i16>level)
  }
  return true
}
