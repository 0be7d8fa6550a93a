/*
 * Entropy decoding of baseline blocks (ITU T.81, F.2; libjpeg's jdhuff.c). A block that becomes one pixel needs only its DC
 * coefficient. Its AC coefficients are skipped without decoding their values: one lookup by 12 bits skips all whole symbols in
 * them, with their value bits, and one addition counts both bits and coefficients. For other blocks one lookup by 11 bits gives
 * one or two coefficients.
 */

import { countOf, decodeAcValue, decodeDcValue, lookUpAcCode } from './huffman-tables'
import { clamp } from './transform/idct'
import { isOutOfRange } from './transform/range'
import {
  AC_TABLE,
  BIT_STREAM,
  COUNT_SHIFT,
  DC_LOOKUP,
  DC_LOOKUP_BITS,
  DC_LOOKUP_MASK,
  DC_PREDICTORS,
  DC_TABLE,
  DCTSIZE2,
  EOB,
  FIRST_SHIFT,
  H_SAMPLING,
  HAS_AC,
  HAS_VALUE,
  MCU_BLOCK_SIZE,
  PAIR_TABLE,
  PAIR_TABLE_BITS,
  PAIR_TABLE_MASK,
  QUANT_TABLE,
  QUANT_TABLES,
  RUN_TABLE,
  RUN_TABLE_BITS,
  RUN_TABLE_MASK,
  V_SAMPLING,
  ZIGZAG_OFFSETS,
} from './memory-layout'
import { BitReader } from './bit-reader'

/** Decodes blocks that become one pixel each. */
export function decodeDcOnly(component: usize, index: usize, output: usize, stride: usize): bool {
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

/** Decodes a component's blocks of one MCU with all coefficients. Returns the address behind them; 0 if they are damaged. */
export function decodeFull(component: usize, index: usize, to: usize): usize {
  let next = BitReader.next
  let bits = BitReader.bits
  let unread = BitReader.unread
  const dcTable = <u32>load<u8>(component + DC_TABLE)
  const acTable = <u32>load<u8>(component + AC_TABLE)
  const dcLookup = DC_LOOKUP + (<usize>dcTable << (DC_LOOKUP_BITS + 2))
  const pairTable = PAIR_TABLE + (<usize>acTable << (PAIR_TABLE_BITS + 3))
  const factor = <i32>load<u8>(QUANT_TABLES + (<usize>load<u8>(component + QUANT_TABLE) << 6))
  const end = to + <usize>load<u8>(component + H_SAMPLING) * load<u8>(component + V_SAMPLING) * MCU_BLOCK_SIZE
  let predictor = load<i32>(DC_PREDICTORS + (index << 2))
  for (; to < end; to += MCU_BLOCK_SIZE) {
    bits |= load<u64>(next) << unread
    next += <usize>((63 - unread) >> 3)
    unread |= 56
    let value = load<u32>(dcLookup + (<usize>(bits & DC_LOOKUP_MASK) << 2))
    if ((value & HAS_VALUE) == 0) {
      value = decodeDcValue(value, bits, dcTable)
      if (value == 0) return 0
    }
    bits >>= <u64>value
    unread -= <u64>(value & 63)
    predictor += <i32>value >> 16
    if (isOutOfRange(predictor * factor)) return 0
    // No refill: after the longest DC coefficient 29 bits are left.
    let entry = load<u64>(pairTable + (<usize>(bits & PAIR_TABLE_MASK) << 3))
    if ((entry & 0xffff) >> COUNT_SHIFT == EOB) {
      bits >>= entry
      unread -= entry & 63
      store<i16>(to, <i16>predictor)
      store<u8>(to + HAS_AC, 0)
      continue
    }
    for (let i: usize = 0; i < 128; i += 16) v128.store(to + i, i16x8.splat(0))
    store<i16>(to, <i16>predictor)
    store<u8>(to + HAS_AC, 1)
    let coefficient: u64 = 1
    while (coefficient < DCTSIZE2) {
      bits |= load<u64>(next) << unread
      next += <usize>((63 - unread) >> 3)
      unread |= 56
      // Five entries take at most 55 bits.
      for (let remaining = 5; remaining > 0; remaining--) {
        entry = load<u64>(pairTable + (<usize>(bits & PAIR_TABLE_MASK) << 3))
        const first = coefficient + (entry >> FIRST_SHIFT)
        // No whole symbol, or perhaps one too many: the second may be behind the last coefficient.
        if (first >= DCTSIZE2) {
          bits |= load<u64>(next) << unread
          next += <usize>((63 - unread) >> 3)
          unread |= 56
          const single = decodeAcValue(bits, acTable)
          if (single == 0) return 0
          bits >>= <u64>single
          unread -= <u64>(single & 63)
          coefficient += countOf(single)
          if (coefficient <= DCTSIZE2) store<i16>(to + load<u8>(ZIGZAG_OFFSETS - 1 + <usize>coefficient), <i16>(single >> 16))
          break
        }
        bits >>= entry
        unread -= entry & 63
        store<i16>(to + load<u8>(ZIGZAG_OFFSETS - 1 + <usize>first), <i16>(entry >> 16))
        coefficient += (entry & 0xffff) >> COUNT_SHIFT
        if (coefficient > DCTSIZE2) break
        store<i16>(to + load<u8>(ZIGZAG_OFFSETS - 1 + <usize>coefficient), <i16>(entry >> 32))
        if (coefficient == DCTSIZE2) break
      }
    }
    // Too many coefficients, unless the end-of-block symbol was among them.
    if (coefficient > DCTSIZE2 && coefficient - EOB >= DCTSIZE2) return 0
  }
  store<i32>(DC_PREDICTORS + (index << 2), predictor)
  BitReader.next = next
  BitReader.bits = bits
  BitReader.unread = unread
  return end
}
