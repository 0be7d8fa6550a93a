/*
 * Entropy decoding of progressive scans (ITU T.81, annex G; libjpeg's jdphuff.c): DC coefficients of some components, or a
 * band of one component's AC coefficients; their first scan, or a refinement by one bit.
 */

import { acAddress, acBlockOf, allocateAcBlock, dcAddress, setCoefficient } from './coefficients'
import {
  buildTable,
  decodeAcValue,
  decodeDcValue,
  huffmanTable,
  isEob,
  lookUpAcCode,
  reverseBits,
  USE_PROGRESSIVE,
} from './huffman-tables'
import {
  AC_LOOKUP,
  AC_LOOKUP_MASK,
  COMPONENT_SIZE,
  COMPONENTS,
  COUNT_SHIFT,
  DC_LOOKUP,
  DC_LOOKUP_BITS,
  DC_LOOKUP_MASK,
  DC_PREDICTORS,
  EOB,
  H_SAMPLING,
  HAS_VALUE,
  HUFFMAN_TABLE_SIZE,
  SCAN_APPROX_HIGH,
  SCAN_APPROX_LOW,
  SCAN_COMPONENT_COUNT,
  SCAN_COMPONENTS,
  SCAN_SPECTRAL_END,
  SCAN_SPECTRAL_START,
  SCAN_TABLES,
  V_SAMPLING,
} from './memory-layout'
import { BitReader, dropBits, refill } from './bit-reader'

/** Remaining blocks of the current end-of-band run (EOBRUN). */
export class EobRun {
  static remaining: u32 = 0
}

/** Builds the lookup tables of a scan. Returns false if a Huffman table is invalid. */
export function buildScanTables(scan: usize): bool {
  // DC refinement has no Huffman codes.
  const isAc: u32 = load<u8>(scan + SCAN_SPECTRAL_START) == 0 ? 0 : 1
  if (isAc == 0 && load<u8>(scan + SCAN_APPROX_HIGH) != 0) return true
  for (let i: u32 = 0; i < <u32>load<u8>(scan + SCAN_COMPONENT_COUNT); i++) {
    memory.copy(huffmanTable(isAc, i), load<u32>(scan + SCAN_TABLES + (<usize>i << 2)), HUFFMAN_TABLE_SIZE)
    if (!buildTable(isAc, i, USE_PROGRESSIVE)) return false
  }
  return true
}

/** Decodes `count` MCUs of one row, from the scan's MCU number `firstMcu` on. */
export function decodeScanRow(scan: usize, firstMcu: u32, count: u32, mcusPerRow: u32): bool {
  const row = <usize>(firstMcu / mcusPerRow)
  const column = <usize>(firstMcu % mcusPerRow)
  if (load<u8>(scan + SCAN_SPECTRAL_START) == 0) return decodeDc(scan, row, column, count)
  const component = <usize>load<u8>(scan + SCAN_COMPONENTS)
  return load<u8>(scan + SCAN_APPROX_HIGH) == 0
    ? decodeAcFirst(scan, component, row, column, count)
    : decodeAcRefine(scan, component, row, column, count)
}

/** Decodes DC coefficients. Exported, as others below, to prevent inlining. */
export function decodeDc(scan: usize, row: usize, column: usize, count: u32): bool {
  const isRefining = load<u8>(scan + SCAN_APPROX_HIGH) != 0
  const approxLow = <u32>load<u8>(scan + SCAN_APPROX_LOW)
  const componentCount = <usize>load<u8>(scan + SCAN_COMPONENT_COUNT)
  for (let mcu: u32 = 0; mcu < count; mcu++, column++) {
    for (let i: usize = 0; i < componentCount; i++) {
      const index = <usize>load<u8>(scan + SCAN_COMPONENTS + i)
      const component = COMPONENTS + index * COMPONENT_SIZE
      // In a scan of one component an MCU is one block (A.2.2).
      const across = <usize>(componentCount == 1 ? 1 : load<u8>(component + H_SAMPLING))
      const down = <usize>(componentCount == 1 ? 1 : load<u8>(component + V_SAMPLING))
      for (let block: usize = 0; block < across * down; block++) {
        const address = dcAddress(index, row * down + block / across, column * across + (block % across))
        refill()
        if (isRefining) decodeDcRefine(address, approxLow)
        else if (!decodeDcFirst(address, i, approxLow)) return false
      }
    }
  }
  return true
}

/** As libjpeg's `decode_mcu_DC_refine`. */
@inline
function decodeDcRefine(address: usize, approxLow: u32): void {
  store<i16>(address, load<i16>(address) | <i16>(<u32>(BitReader.bits & 1) << approxLow))
  dropBits(1)
}

/** As libjpeg's `decode_mcu_DC_first`. */
@inline
function decodeDcFirst(address: usize, tableId: usize, approxLow: u32): bool {
  const bits = BitReader.bits
  let value = load<u32>(DC_LOOKUP + (tableId << (DC_LOOKUP_BITS + 2)) + (<usize>(bits & DC_LOOKUP_MASK) << 2))
  if ((value & HAS_VALUE) == 0) {
    value = decodeDcValue(value, bits, <u32>tableId)
    if (value == 0) return false
  }
  dropBits(value & 63)
  const predictor = load<i32>(DC_PREDICTORS + (tableId << 2)) + (<i32>value >> 16)
  store<i32>(DC_PREDICTORS + (tableId << 2), predictor)
  const coefficient = predictor << approxLow
  store<i16>(address, <i16>coefficient)
  return <i32>(<i16>coefficient) == coefficient
}

/** Reads how many blocks after this one are in the end-of-band run (ITU T.81, G.1.2.2). */
@inline
function readEobRun(bits: u32): u32 {
  const extra = <u32>BitReader.bits & ((1 << bits) - 1)
  dropBits(bits)
  return (1 << bits) - 1 + reverseBits(extra, bits)
}

/** Decodes the first scan of a band (libjpeg's `decode_mcu_AC_first`). */
export function decodeAcFirst(scan: usize, component: usize, row: usize, column: usize, count: u32): bool {
  const spectralStart = <u32>load<u8>(scan + SCAN_SPECTRAL_START)
  const bandEnd = <u32>load<u8>(scan + SCAN_SPECTRAL_END) + 1
  const approxLow = <i32>load<u8>(scan + SCAN_APPROX_LOW)
  for (let mcu: u32 = 0; mcu < count; mcu++) {
    if (EobRun.remaining > 0) {
      const skipped = min(EobRun.remaining, count - mcu)
      EobRun.remaining -= skipped
      mcu += skipped - 1
      continue
    }
    let acBlock: usize = 0
    for (let zigzagIndex = spectralStart; zigzagIndex < bandEnd; ) {
      refill()
      const bits = BitReader.bits
      let entry = load<u32>(AC_LOOKUP + (<usize>(bits & AC_LOOKUP_MASK) << 2))
      if (entry == 0) {
        entry = decodeAcValue(bits, 0)
        if (entry == 0) return false
      }
      dropBits(entry & 63)
      const consumed = (entry & 0xffff) >> <u32>COUNT_SHIFT
      if (consumed == <u32>EOB) {
        EobRun.remaining = readEobRun(entry >> 16)
        break
      }
      zigzagIndex += consumed
      if (zigzagIndex > bandEnd) return false
      const value = <i32>entry >> 16
      if (value == 0) continue
      if (acBlock == 0) {
        acBlock = allocateAcBlock(component, row, column + mcu)
        if (acBlock == 0) return false
      }
      setCoefficient(acBlock, component, zigzagIndex - 1, value << approxLow)
    }
  }
  return true
}

/** Refines a band by one bit (ITU T.81, G.1.2.3; libjpeg's `decode_mcu_AC_refine`). */
export function decodeAcRefine(scan: usize, component: usize, row: usize, column: usize, count: u32): bool {
  const spectralStart = <u64>load<u8>(scan + SCAN_SPECTRAL_START)
  const spectralEnd = <u64>load<u8>(scan + SCAN_SPECTRAL_END)
  const bit = <i32>1 << load<u8>(scan + SCAN_APPROX_LOW)
  const band = (<u64>-1 << spectralStart) & (<u64>-1 >> (63 - spectralEnd))
  for (let mcu: u32 = 0; mcu < count; mcu++) {
    let acBlock = acBlockOf(component, row, column + mcu)
    const nonZero = acBlock == 0 ? 0 : load<u64>(acBlock)
    // Bit set of the band's coefficients that are still to be decoded.
    let remaining = band
    while (EobRun.remaining == 0 && remaining != 0) {
      refill()
      const code = lookUpAcCode(BitReader.bits, 0)
      if (code == 0) return false
      dropBits(code & 255)
      const symbol = code >> 8
      if (isEob(symbol)) {
        EobRun.remaining = readEobRun(symbol >> 4) + 1
        break
      }
      if ((symbol & 15) > 1) return false
      const value = (BitReader.bits & 1) != 0 ? bit : -bit
      dropBits(symbol & 15)
      // Skips the run of coefficients that are still zero.
      let zeros = ~nonZero & remaining
      for (let i = symbol >> 4; i > 0; i--) zeros &= zeros - 1
      if (zeros == 0) return false
      const zigzagIndex = <u32>ctz(zeros)
      const behind = (<u64>-1 << zigzagIndex) << 1
      refineCoefficients(acBlock, component, nonZero & remaining & ~behind, bit)
      remaining &= behind
      if ((symbol & 15) == 0) continue
      if (acBlock == 0) {
        acBlock = allocateAcBlock(component, row, column + mcu)
        if (acBlock == 0) return false
      }
      setCoefficient(acBlock, component, zigzagIndex, value)
    }
    if (EobRun.remaining == 0) continue
    refineCoefficients(acBlock, component, nonZero & remaining, bit)
    EobRun.remaining--
  }
  return true
}

/** Reads a correction bit for each of these coefficients, which are not zero. */
@inline
function refineCoefficients(acBlock: usize, component: usize, indices: u64, bit: i32): void {
  for (let remaining = indices, i = 0; remaining != 0; remaining &= remaining - 1, i++) {
    if ((i & 31) == 0) refill()
    const address = acAddress(acBlock, component, <u32>ctz(remaining))
    const value = <i32>load<i16>(address)
    if ((BitReader.bits & 1) != 0 && (value & bit) == 0) store<i16>(address, <i16>(value + (value < 0 ? -bit : bit)))
    dropBits(1)
  }
}
