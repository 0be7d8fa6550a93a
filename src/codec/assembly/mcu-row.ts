// Decodes the MCUs of a row of a baseline file to samples (ITU T.81, A.2).

import { dequantTableOf } from './transform/dequantize'
import { decodeDcOnly, decodeFull } from './entropy-baseline'
import { fillBlock, idct } from './transform/idct'
import {
  BLOCK_SIZE,
  COMPONENT_COUNT,
  COMPONENT_SIZE,
  COMPONENTS,
  H_SAMPLING,
  HAS_AC,
  MCU_BLOCK_SIZE,
  MCU_BLOCKS,
  MCUS_PER_ROW,
  PLANE_ADDRESS,
  PLANE_SIZE,
  PLANE_STRIDE,
  PLANES,
  V_SAMPLING,
} from './memory-layout'

/** Decodes `count` MCUs of one row, from MCU number `first` on. Exported to prevent inlining. */
export function decodeMcuRow(first: u32, count: u32): bool {
  const mcusPerRow = load<u32>(MCUS_PER_ROW)
  const mcuRow = <usize>(first / mcusPerRow)
  const components = <usize>load<u32>(COMPONENT_COUNT)
  let column = <usize>(first % mcusPerRow)
  for (let mcu: u32 = 0; mcu < count; mcu++, column++) {
    let block = MCU_BLOCKS
    for (let i: usize = 0; i < components; i++) {
      const component = COMPONENTS + i * COMPONENT_SIZE
      if (load<u8>(component + BLOCK_SIZE) == 1) {
        if (!decodeDcOnly(component, i, outputOf(i, mcuRow, column), load<u32>(PLANES + i * PLANE_SIZE + PLANE_STRIDE))) return false
      } else {
        block = decodeFull(component, i, block)
        if (block == 0) return false
      }
    }
    // Not after each block: loads of 16 bytes wait until the coefficients in them are stored one by one.
    if (block != MCU_BLOCKS) transformMcu(components, mcuRow, column)
  }
  return true
}

/** Returns the address of a component's samples of one MCU. */
@inline
function outputOf(index: usize, mcuRow: usize, column: usize): usize {
  const component = COMPONENTS + index * COMPONENT_SIZE
  const plane = PLANES + index * PLANE_SIZE
  const row = mcuRow * load<u8>(component + V_SAMPLING) * load<u32>(plane + PLANE_STRIDE)
  const offset = (row + column * load<u8>(component + H_SAMPLING)) * load<u8>(component + BLOCK_SIZE)
  return <usize>load<u32>(plane + PLANE_ADDRESS) + offset
}

/** Transforms the blocks of one MCU to samples. */
function transformMcu(components: usize, mcuRow: usize, column: usize): void {
  let block = MCU_BLOCKS
  for (let i: usize = 0; i < components; i++) {
    const component = COMPONENTS + i * COMPONENT_SIZE
    const blockSize = <usize>load<u8>(component + BLOCK_SIZE)
    if (blockSize == 1) continue
    const stride = <usize>load<u32>(PLANES + i * PLANE_SIZE + PLANE_STRIDE)
    const dequantTable = dequantTableOf(component)
    const blocksAcross = <usize>load<u8>(component + H_SAMPLING)
    let row = outputOf(i, mcuRow, column)
    for (let y = <usize>load<u8>(component + V_SAMPLING); y > 0; y--, row += blockSize * stride) {
      for (let x: usize = 0, to = row; x < blocksAcross; x++, to += blockSize, block += MCU_BLOCK_SIZE) {
        if (load<u8>(block + HAS_AC) == 0) fillBlock(blockSize, <i32>load<i16>(block) * <i32>load<u16>(dequantTable), to, stride)
        else idct(blockSize, block, dequantTable, to, stride)
      }
    }
  }
}
