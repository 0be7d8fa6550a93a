// Dequantization (ITU T.81, A.3.4), eight coefficients at once.

import {
  DEQUANT_LIMITS,
  DEQUANT_TABLE_SIZE,
  DEQUANT_TABLES,
  QUANT_TABLE,
  QUANT_TABLES,
  ZIGZAG_OFFSETS,
} from '../memory-layout'
import { MAX_COEFFICIENT } from './range'

/** Fills the table of a component. */
export function buildDequantTable(component: usize): void {
  const factors = QUANT_TABLES + (<usize>load<u8>(component + QUANT_TABLE) << 6)
  const table = dequantTableOf(component)
  for (let i: usize = 0; i < 64; i++) {
    const factor = <i32>load<u8>(factors + i)
    const address = table + load<u8>(ZIGZAG_OFFSETS + i)
    store<u16>(address, <u16>factor)
    store<u16>(address, <u16>(factor == 0 ? 0x7fff : MAX_COEFFICIENT / factor), DEQUANT_LIMITS)
  }
}

/** Returns the address of a component's table in `DEQUANT_TABLES`. */
@inline
export function dequantTableOf(component: usize): usize {
  return DEQUANT_TABLES + <usize>load<u8>(component + QUANT_TABLE) * DEQUANT_TABLE_SIZE
}

/** Returns a row of coefficients, multiplied by their factors. */
@inline
export function dequantizedRow(block: usize, table: usize, index: usize): v128 {
  return i16x8.mul(v128.load(block + (index << 4)), v128.load(table + (index << 4)))
}

/** Returns ones where a coefficient of a row is out of range. */
@inline
export function exceeding(block: usize, table: usize, index: usize): v128 {
  return i16x8.gt_s(i16x8.abs(v128.load(block + (index << 4))), v128.load(table + (index << 4), DEQUANT_LIMITS))
}
