/*
 * Entropy decoding of baseline blocks (ITU T.81, F.2; libjpeg's jdhuff.c). A block that becomes one pixel needs only its DC
 * coefficient. Its AC coefficients are skipped without decoding their values: one lookup by 12 bits skips all whole symbols in
 * them, with their value bits, and one addition counts both bits and coefficients.
 */

import { decodeAcValue, decodeDcValue, lookUpAcCode } from './huffman-tables'
import { clamp, idct, isOutOfRange } from './idct'
import {
  AC_LOOKUP,
  AC_LOOKUP_BITS,
  AC_LOOKUP_MASK,
  AC_TABLE,
  BIT_STREAM,
  BLOCK_SIZE,
  COEFFICIENTS,
  COMPONENT_COUNT,
  COMPONENT_SIZE,
  COMPONENTS,
  COUNT_SHIFT,
  DC_LOOKUP,
  DC_LOOKUP_BITS,
  DC_LOOKUP_MASK,
  DC_PREDICTORS,
  DC_TABLE,
  DCTSIZE2,
  DEQUANT_TABLE,
  EOB,
  H_SAMPLING,
  HAS_VALUE,
  MCUS_PER_ROW,
  PLANE_ADDRESS,
  PLANE_SIZE,
  PLANE_STRIDE,
  PLANES,
  QUANT_TABLE,
  QUANT_TABLES,
  RUN_TABLE,
  RUN_TABLE_BITS,
  RUN_TABLE_MASK,
  V_SAMPLING,
  ZIGZAG,
} from './memory-layout'
import { BitReader } from './bit-reader'

/** Fills `DEQUANT_TABLE` for a quantization table. */
export function buildDequantTable(id: u32): void {
  const quantTable = QUANT_TABLES + (<usize>id << 6)
  const dequantTable = DEQUANT_TABLE + (<usize>id << 8)
  for (let i: usize = 0; i < 64; i++) {
    store<u16>(dequantTable + (i << 2), load<u8>(quantTable + i))
    store<u16>(dequantTable + (i << 2), <u16>load<u8>(ZIGZAG + i) << 1, 2)
  }
}

/** Decodes `count` MCUs of one row, from MCU number `first` on. Exported to prevent inlining. */
export function decodeMcuRow(first: u32, count: u32): bool {
  const mcusPerRow = load<u32>(MCUS_PER_ROW)
  const mcuRow = <usize>(first / mcusPerRow)
  const components = <usize>load<u32>(COMPONENT_COUNT)
  let column = <usize>(first % mcusPerRow)
  for (let mcu: u32 = 0; mcu < count; mcu++, column++) {
    for (let i: usize = 0; i < components; i++) {
      const component = COMPONENTS + i * COMPONENT_SIZE
      const plane = PLANES + i * PLANE_SIZE
      const stride = <usize>load<u32>(plane + PLANE_STRIDE)
      const blockSize = <usize>load<u8>(component + BLOCK_SIZE)
      const output =
        <usize>load<u32>(plane + PLANE_ADDRESS) +
        (mcuRow * load<u8>(component + V_SAMPLING) * stride + column * load<u8>(component + H_SAMPLING)) * blockSize
      if (!decodeBlocks(component, i, output, stride)) return false
    }
  }
  return true
}

/** Decodes a component's blocks of one MCU to samples. */
function decodeBlocks(component: usize, index: usize, output: usize, stride: usize): bool {
  return load<u8>(component + BLOCK_SIZE) == 1
    ? decodeDcOnly(component, index, output, stride)
    : decodeFull(component, index, output, stride)
}

/** Decodes blocks that become one pixel each. */
function decodeDcOnly(component: usize, index: usize, output: usize, stride: usize): bool {
  // Locals are kept in registers.
  let next = BitReader.next
  let bits = BitReader.bits
  let unread = BitReader.unread
  const dcTable = <u32>load<u8>(component + DC_TABLE)
  const acTable = <u32>load<u8>(component + AC_TABLE)
  const dcLookup = DC_LOOKUP + (<usize>dcTable << (DC_LOOKUP_BITS + 2))
  const runTable = RUN_TABLE + (<usize>acTable << (RUN_TABLE_BITS + 1))
  const factor = <i32>load<u8>(QUANT_TABLES + (<usize>load<u8>(component + QUANT_TABLE) << 6))
  const blocksAcross = <usize>load<u8>(component + H_SAMPLING)
  const blocks = blocksAcross * <usize>load<u8>(component + V_SAMPLING)
  let predictor = load<i32>(DC_PREDICTORS + (index << 2))
  for (let block: usize = 0; block < blocks; block++) {
    bits |= load<u64>(next) << unread
    next += <usize>((63 - unread) >> 3)
    unread |= 56
    let value = load<u32>(dcLookup + (<usize>(bits & DC_LOOKUP_MASK) << 2))
    if ((value & HAS_VALUE) == 0) {
      value = decodeDcValue(value, bits, dcTable)
      if (value == 0) return false
    }
    bits >>= <u64>value
    unread -= <u64>(value & 63)
    predictor += <i32>value >> 16
    const dc = predictor * factor
    if (isOutOfRange(dc)) return false
    store<u8>(output + (block / blocksAcross) * stride + (block % blocksAcross), clamp(((dc + 4) >> 3) + 128))
    // Bits since the last refill and, from `COUNT_SHIFT` on, the number of coefficients.
    let position: u64 = 1 << COUNT_SHIFT
    let entry: u64 = 0
    for (;;) {
      unread -= position & 63
      position &= ~63
      bits |= load<u64>(next) << unread
      next += <usize>((63 - unread) >> 3)
      unread |= 56
      // A shift uses only the six lowest bits of its count: the entry's count of bits.
      entry = <u64>load<u16>(runTable + (<usize>(bits & RUN_TABLE_MASK) << 1))
      position += entry
      bits >>= entry
      if (position >= DCTSIZE2 << COUNT_SHIFT) break
      entry = <u64>load<u16>(runTable + (<usize>(bits & RUN_TABLE_MASK) << 1))
      position += entry
      bits >>= entry
      if (position >= DCTSIZE2 << COUNT_SHIFT) break
      entry = <u64>load<u16>(runTable + (<usize>(bits & RUN_TABLE_MASK) << 1))
      position += entry
      bits >>= entry
      if (position >= DCTSIZE2 << COUNT_SHIFT) break
    }
    unread -= position & 63
    const coefficient = position >> COUNT_SHIFT
    if (coefficient == DCTSIZE2 || coefficient - EOB < DCTSIZE2) continue
    // The last entry reached into the next block, or was `UNRESOLVED`: its symbols are skipped one by one.
    const bitOffset = (<u64>(next - BIT_STREAM) << 3) - unread - (entry & 63)
    const endOffset = skipSymbols(bitOffset, <u32>(coefficient - (entry >> COUNT_SHIFT)), acTable)
    if (endOffset == 0) return false
    next = BIT_STREAM + <usize>(endOffset >> 3)
    bits = (load<u64>(next) & 0x00ffffffffffffff) >> (endOffset & 7)
    unread = 56 - (endOffset & 7)
    next += 7
  }
  store<i32>(DC_PREDICTORS + (index << 2), predictor)
  BitReader.next = next
  BitReader.bits = bits
  BitReader.unread = unread
  return true
}

/** Returns the bit offset of the block's end, given that of a coefficient; 0 if a code is invalid. */
function skipSymbols(bitOffset: u64, coefficient: u32, id: u32): u64 {
  let next = bitOffset
  for (let index = coefficient; index < <u32>DCTSIZE2;) {
    const bits = load<u64>(BIT_STREAM + <usize>(next >> 3)) >> (next & 7)
    const code = lookUpAcCode(bits, id)
    if (code == 0) return 0
    const symbol = code >> 8
    next += (code & 255) + (symbol & 15)
    if (symbol == 0) return next
    index += (symbol >> 4) + 1
    if (index > <u32>DCTSIZE2) return 0
  }
  return next
}

/** Decodes blocks with all of their coefficients. */
function decodeFull(component: usize, index: usize, output: usize, stride: usize): bool {
  let next = BitReader.next
  let bits = BitReader.bits
  let unread = BitReader.unread
  const dcTable = <u32>load<u8>(component + DC_TABLE)
  const acTable = <u32>load<u8>(component + AC_TABLE)
  const dcLookup = DC_LOOKUP + (<usize>dcTable << (DC_LOOKUP_BITS + 2))
  const acLookup = AC_LOOKUP + (<usize>acTable << (AC_LOOKUP_BITS + 2))
  const dequantTable = DEQUANT_TABLE + (<usize>load<u8>(component + QUANT_TABLE) << 8)
  const blocksAcross = <usize>load<u8>(component + H_SAMPLING)
  const blocks = blocksAcross * <usize>load<u8>(component + V_SAMPLING)
  const blockSize = <usize>load<u8>(component + BLOCK_SIZE)
  let predictor = load<i32>(DC_PREDICTORS + (index << 2))
  for (let block: usize = 0; block < blocks; block++) {
    bits |= load<u64>(next) << unread
    next += <usize>((63 - unread) >> 3)
    unread |= 56
    let value = load<u32>(dcLookup + (<usize>(bits & DC_LOOKUP_MASK) << 2))
    if ((value & HAS_VALUE) == 0) {
      value = decodeDcValue(value, bits, dcTable)
      if (value == 0) return false
    }
    bits >>= <u64>value
    unread -= <u64>(value & 63)
    predictor += <i32>value >> 16
    const dc = predictor * <i32>load<u16>(dequantTable)
    if (isOutOfRange(dc)) return false
    for (let i: usize = 0; i < 128; i += 16) v128.store(COEFFICIENTS + i, i16x8.splat(0))
    store<i16>(COEFFICIENTS, <i16>dc)
    let coefficient: u32 = 1
    while (coefficient < <u32>DCTSIZE2) {
      bits |= load<u64>(next) << unread
      next += <usize>((63 - unread) >> 3)
      unread |= 56
      let entry = load<u32>(acLookup + (<usize>(bits & AC_LOOKUP_MASK) << 2))
      // Five entries of the table take at most 55 bits. After a longer symbol too few bits may be left for another.
      let remaining: u32 = 4
      if (entry == 0) {
        entry = decodeAcValue(bits, acTable)
        if (entry == 0) return false
        remaining = 0
      }
      for (; ; remaining--) {
        bits >>= <u64>entry
        unread -= <u64>(entry & 63)
        coefficient += (entry & 0xffff) >> <u32>COUNT_SHIFT
        if (coefficient > <u32>DCTSIZE2) break
        const dequantEntry = dequantTable + (<usize>(coefficient - 1) << 2)
        const value = (<i32>entry >> 16) * <i32>load<u16>(dequantEntry)
        if (isOutOfRange(value)) return false
        store<i16>(COEFFICIENTS + <usize>load<u16>(dequantEntry, 2), <i16>value)
        if (remaining == 0 || coefficient == <u32>DCTSIZE2) break
        entry = load<u32>(acLookup + (<usize>(bits & AC_LOOKUP_MASK) << 2))
        if (entry == 0) break
      }
    }
    // Too many coefficients, unless the end-of-block symbol was among them.
    if (coefficient > <u32>DCTSIZE2 && coefficient - <u32>EOB >= <u32>DCTSIZE2) return false
    idct(blockSize, output + ((block / blocksAcross) * stride + (block % blocksAcross)) * blockSize, stride)
  }
  store<i32>(DC_PREDICTORS + (index << 2), predictor)
  BitReader.next = next
  BitReader.bits = bits
  BitReader.unread = unread
  return true
}
