// Coefficients of a progressive file, kept from scan to scan (libjpeg's jdcoefct.c).

import {
  BLOCK_SIZE,
  COEF_AC_BYTES,
  COEF_AC_POINTERS,
  COEF_DC,
  COEF_HEIGHT_IN_BLOCKS,
  COEF_NEEDED,
  COEF_SLOTS,
  COEF_STRIDE,
  COEF_WIDTH_IN_BLOCKS,
  COEFFICIENT_LIMIT,
  COEFFICIENT_PLANE_SIZE,
  COEFFICIENT_PLANES,
  COEFFICIENTS,
  COMPONENT_SIZE,
  COMPONENTS,
  H_SAMPLING,
  MCUS_PER_ROW,
  PLANE_ADDRESS,
  PLANE_SIZE,
  PLANE_STRIDE,
  PLANES,
  V_SAMPLING,
  ZIGZAG,
  ZIGZAG_OFFSETS,
} from './memory-layout'
import { dequantTableOf } from './transform/dequantize'
import { fillBlock, idct } from './transform/idct'
import { isOutOfRange } from './transform/range'
import { allocate, Memory } from './allocator'

/**
 * A block's AC coefficients begin with a bit set of those that are not zero, by zigzag index. Then follow those that the block
 * size needs, two bytes each. The slot before them takes writes to all others.
 */
const AC_HEADER_BYTES: usize = 8

/** Allocates a component's blocks, padding blocks of partial MCUs included. Returns false if memory is too small. */
export function allocateCoefficientPlane(index: usize, mcus: u32): bool {
  const component = COMPONENTS + index * COMPONENT_SIZE
  const coefficientPlane = COEFFICIENT_PLANES + index * COEFFICIENT_PLANE_SIZE
  const mcusPerRow = load<u32>(MCUS_PER_ROW)
  const stride = mcusPerRow * load<u8>(component + H_SAMPLING)
  const blocks = <usize>stride * (mcus / mcusPerRow) * load<u8>(component + V_SAMPLING)
  store<u32>(coefficientPlane + COEF_STRIDE, stride)
  store<u32>(coefficientPlane + COEF_DC, allocate(blocks << 1))
  // A block that becomes one pixel needs only its DC coefficient.
  if (load<u8>(component + BLOCK_SIZE) > 1) {
    const pointers = allocate(blocks << 2)
    if (Memory.free > load<u32>(COEFFICIENT_LIMIT)) return false
    memory.fill(pointers, 0, blocks << 2)
    store<u32>(coefficientPlane + COEF_AC_POINTERS, pointers)
    mapNeededCoefficients(index, load<u8>(component + BLOCK_SIZE))
  }
  return Memory.free <= load<u32>(COEFFICIENT_LIMIT)
}

/** Assigns slots to the coefficients that a block size needs: see `idct2x2` and `idct4x4`. */
function mapNeededCoefficients(index: usize, blockSize: u32): void {
  const coefficientPlane = COEFFICIENT_PLANES + index * COEFFICIENT_PLANE_SIZE
  // Bit set of unneeded rows, and of unneeded columns.
  const unneeded: u32 = blockSize == 2 ? 0b01010100 : blockSize == 4 ? 0b00010000 : 0
  let needed: u64 = 0
  let count: u32 = 0
  for (let i: u32 = 1; i < 64; i++) {
    const natural = <u32>load<u8>(ZIGZAG + i)
    const isNeeded = ((unneeded >> (natural >> 3)) & 1) == 0 && ((unneeded >> (natural & 7)) & 1) == 0
    if (isNeeded) needed |= <u64>1 << i
    store<u8>(COEF_SLOTS + (index << 6) + i, <u8>(isNeeded ? ++count : 0))
  }
  store<u64>(coefficientPlane + COEF_NEEDED, needed)
  store<u32>(coefficientPlane + COEF_AC_BYTES, AC_HEADER_BYTES + ((count + 1) << 1))
}

@inline
function blockIndex(coefficientPlane: usize, row: usize, column: usize): usize {
  return row * load<u32>(coefficientPlane + COEF_STRIDE) + column
}

/** Returns the address of a block's DC coefficient. */
@inline
export function dcAddress(index: usize, row: usize, column: usize): usize {
  const coefficientPlane = COEFFICIENT_PLANES + index * COEFFICIENT_PLANE_SIZE
  return <usize>load<u32>(coefficientPlane + COEF_DC) + (blockIndex(coefficientPlane, row, column) << 1)
}

/** Returns the address of the pointer to a block's AC coefficients. */
@inline
function acPointer(coefficientPlane: usize, row: usize, column: usize): usize {
  return <usize>load<u32>(coefficientPlane + COEF_AC_POINTERS) + (blockIndex(coefficientPlane, row, column) << 2)
}

/** Returns the address of a block's AC coefficients, or 0 if all are zero so far. */
@inline
export function acBlockOf(index: usize, row: usize, column: usize): usize {
  return load<u32>(acPointer(COEFFICIENT_PLANES + index * COEFFICIENT_PLANE_SIZE, row, column))
}

/** Does the same, and allocates them if all are zero so far. Returns 0 if memory is too small. */
@inline
export function allocateAcBlock(index: usize, row: usize, column: usize): usize {
  const coefficientPlane = COEFFICIENT_PLANES + index * COEFFICIENT_PLANE_SIZE
  const pointer = acPointer(coefficientPlane, row, column)
  const existing = <usize>load<u32>(pointer)
  if (existing != 0) return existing
  const address = Memory.free
  Memory.free = (address + load<u32>(coefficientPlane + COEF_AC_BYTES) + 7) & ~7
  if (Memory.free > load<u32>(COEFFICIENT_LIMIT)) return 0
  store<u64>(address, 0)
  store<u32>(pointer, address)
  return address
}

/** Returns the address of one AC coefficient. */
@inline
export function acAddress(acBlock: usize, index: usize, zigzagIndex: u32): usize {
  return acBlock + AC_HEADER_BYTES + (<usize>load<u8>(COEF_SLOTS + (index << 6) + zigzagIndex) << 1)
}

/** Stores an AC coefficient that is not zero. */
@inline
export function setCoefficient(acBlock: usize, index: usize, zigzagIndex: u32, value: i32): void {
  store<i16>(acAddress(acBlock, index, zigzagIndex), <i16>value)
  store<u64>(acBlock, load<u64>(acBlock) | (<u64>1 << zigzagIndex))
}

/** Transforms all blocks of a component to samples. Returns false if a coefficient is out of range. */
export function reconstructPlane(index: usize): bool {
  const coefficientPlane = COEFFICIENT_PLANES + index * COEFFICIENT_PLANE_SIZE
  const rows = <usize>load<u32>(coefficientPlane + COEF_HEIGHT_IN_BLOCKS)
  for (let row: usize = 0; row < rows; row++) {
    if (!reconstructBlockRow(index, row)) return false
  }
  return true
}

/** Exported to prevent inlining. */
export function reconstructBlockRow(index: usize, row: usize): bool {
  const component = COMPONENTS + index * COMPONENT_SIZE
  const coefficientPlane = COEFFICIENT_PLANES + index * COEFFICIENT_PLANE_SIZE
  const plane = PLANES + index * PLANE_SIZE
  const dequantTable = dequantTableOf(component)
  const blockSize = <usize>load<u8>(component + BLOCK_SIZE)
  const stride = <usize>load<u32>(plane + PLANE_STRIDE)
  const mcusPerRow = <usize>load<u32>(coefficientPlane + COEF_WIDTH_IN_BLOCKS)
  let to = <usize>load<u32>(plane + PLANE_ADDRESS) + row * blockSize * stride
  for (let column: usize = 0; column < mcusPerRow; column++, to += blockSize) {
    const dcCoefficient = load<i16>(dcAddress(index, row, column))
    const dc = <i32>dcCoefficient * <i32>load<u16>(dequantTable)
    if (isOutOfRange(dc)) return false
    const acBlock: usize = blockSize == 1 ? 0 : acBlockOf(index, row, column)
    if (acBlock == 0) {
      fillBlock(blockSize, dc, to, stride)
    } else {
      writeBlock(acBlock, index, dcCoefficient)
      idct(blockSize, COEFFICIENTS, dequantTable, to, stride)
    }
  }
  return true
}

/** Writes a block to `COEFFICIENTS`. */
@inline
function writeBlock(acBlock: usize, index: usize, dc: i16): void {
  for (let i: usize = 0; i < 128; i += 16) v128.store(COEFFICIENTS + i, i16x8.splat(0))
  store<i16>(COEFFICIENTS, dc)
  const needed = load<u64>(COEFFICIENT_PLANES + index * COEFFICIENT_PLANE_SIZE + COEF_NEEDED)
  for (let left = load<u64>(acBlock) & needed; left != 0; left &= left - 1) {
    const zigzagIndex = <u32>ctz(left)
    const value = load<i16>(acAddress(acBlock, index, zigzagIndex))
    store<i16>(COEFFICIENTS + <usize>load<u8>(ZIGZAG_OFFSETS + zigzagIndex), value)
  }
}
