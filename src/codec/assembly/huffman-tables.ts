// Huffman decoding (ITU T.81, annexes C and F): lookup tables by the next bits, and the slow path for longer codes.

import {
  AC_LOOKUP,
  AC_LOOKUP_BITS,
  AC_LOOKUP_MASK,
  COUNT_SHIFT,
  DC_LOOKUP,
  DC_LOOKUP_BITS,
  EOB,
  FIRST_SHIFT,
  HAS_VALUE,
  HUFFMAN_TABLE_SIZE,
  HUFFMAN_TABLES,
  MAX_RUN_BITS,
  NO_PAIR,
  PAIR_TABLE,
  PAIR_TABLE_BITS,
  RUN_TABLE,
  RUN_TABLE_BITS,
  RUN_TABLE_MASK,
  SIZE_SHIFT,
  SYMBOL_LOOKUP,
  TABLE_SOURCE,
  TABLE_USES,
  UNRESOLVED,
} from './memory-layout'

/** Returns the address of a Huffman table. */
@inline
export function huffmanTable(isAc: u32, id: u32): usize {
  return HUFFMAN_TABLES + <usize>((isAc << 2) + id) * HUFFMAN_TABLE_SIZE
}

/** Reverses the order of at most 16 bits. */
export function reverseBits(value: u32, length: u32): u32 {
  let bits = value
  bits = ((bits >> 1) & 0x5555) | ((bits & 0x5555) << 1)
  bits = ((bits >> 2) & 0x3333) | ((bits & 0x3333) << 2)
  bits = ((bits >> 4) & 0x0f0f) | ((bits & 0x0f0f) << 4)
  bits = (bits >> 8) | ((bits & 0xff) << 8)
  return bits >> (16 - length)
}

/** Returns the signed value of the bits after a code: RECEIVE and EXTEND of ITU T.81, F.2.2.1. */
export function extend(value: u32, length: u32): i32 {
  const number = <i32>reverseBits(value, length)
  return length > 0 && number >> (length - 1) == 0 ? number - (1 << length) + 1 : number
}

/** Uses of a table: DC coefficients only, all coefficients, or a scan of a progressive file. */
export const USE_DC_ONLY: u32 = 1
export const USE_ALL: u32 = 2
export const USE_PROGRESSIVE: u32 = 4

/** Builds lookup tables unless they exist. Returns false for a table that is invalid in a baseline JPEG of 8 bits. */
export function buildTables(dc: u32, ac: u32, use: u32): bool {
  return buildTable(0, dc, use) && buildTable(1, ac, use)
}

/** Builds the lookup tables of one Huffman table. */
export function buildTable(isAc: u32, id: u32, use: u32): bool {
  const table = huffmanTable(isAc, id)
  const copy = TABLE_SOURCE + (table - HUFFMAN_TABLES)
  const usesAddress = TABLE_USES + (isAc << 2) + id
  const isSame = memory.compare(table, copy, HUFFMAN_TABLE_SIZE) == 0
  const knownUses: u32 = isSame ? load<u8>(usesAddress) : 0
  if ((knownUses & use) == use) return true
  store<u8>(usesAddress, 0)
  if (isAc == 0 ? !buildDcLookup(id) : !buildAcLookup(id, use)) return false
  memory.copy(copy, table, HUFFMAN_TABLE_SIZE)
  store<u8>(usesAddress, <u8>(isAc == 0 ? USE_DC_ONLY | USE_ALL | USE_PROGRESSIVE : knownUses | use))
  return true
}

function buildDcLookup(id: u32): bool {
  const counts = huffmanTable(0, id)
  const table = DC_LOOKUP + (<usize>id << (DC_LOOKUP_BITS + 2))
  memory.fill(table, 0, 4 << DC_LOOKUP_BITS)
  let symbol = counts + 16
  for (let length: u32 = 1, code: u32 = 0; length <= 16; length++, code <<= 1) {
    for (let left = load<u8>(counts + length - 1); left > 0; left--, code++, symbol++) {
      const size = <u32>load<u8>(symbol)
      if (size > 11) return false
      if (length > DC_LOOKUP_BITS) continue
      const used = length + size
      const step = 1 << length
      for (let i = reverseBits(code, length); i < 1 << DC_LOOKUP_BITS; i += step) {
        const value = used > DC_LOOKUP_BITS ? 0 : HAS_VALUE | (<u32>extend((i >> length) & ((1 << size) - 1), size) << 16)
        store<u32>(table + (<usize>i << 2), used | (size << SIZE_SHIFT) | value)
      }
    }
  }
  return true
}

function buildAcLookup(id: u32, use: u32): bool {
  const counts = huffmanTable(1, id)
  const values = AC_LOOKUP + (<usize>id << (AC_LOOKUP_BITS + 2))
  const symbolLookup = SYMBOL_LOOKUP + (<usize>id << (RUN_TABLE_BITS + 1))
  if (use != USE_DC_ONLY) memory.fill(values, 0, 4 << AC_LOOKUP_BITS)
  memory.fill(symbolLookup, 0, 2 << RUN_TABLE_BITS)
  let at = counts + 16
  for (let length: u32 = 1, code: u32 = 0; length <= 16; length++, code <<= 1) {
    for (let left = load<u8>(counts + length - 1); left > 0; left--, code++, at++) {
      const symbol = <u32>load<u8>(at)
      const size = symbol & 15
      // Only progressive scans have end-of-band runs (EOBn).
      if (size > 10 || (size == 0 && use != USE_PROGRESSIVE && symbol != 0 && symbol != 0xf0)) return false
      const start = reverseBits(code, length)
      const step = 1 << length
      if (length <= RUN_TABLE_BITS) {
        const entry = <u16>(length | (symbol << 8))
        for (let i = start; i < 1 << RUN_TABLE_BITS; i += step) store<u16>(symbolLookup + (<usize>i << 1), entry)
      }
      const used = length + size
      if (use == USE_DC_ONLY || used > AC_LOOKUP_BITS) continue
      const entry = used | (coefficientCount(symbol) << <u32>COUNT_SHIFT)
      for (let i = start; i < 1 << AC_LOOKUP_BITS; i += step) {
        const value = symbolValue(symbol, i >> length)
        store<u32>(values + (<usize>i << 2), entry | (<u32>value << 16))
      }
    }
  }
  if (use == USE_DC_ONLY) buildRunTable(symbolLookup, RUN_TABLE + (<usize>id << (RUN_TABLE_BITS + 1)))
  if (use == USE_ALL) buildPairTable(values, PAIR_TABLE + (<usize>id << (PAIR_TABLE_BITS + 3)))
  return true
}

/** Returns true for an end-of-block symbol, EOBn included. */
@inline
export function isEob(symbol: u32): bool {
  return (symbol & 15) == 0 && symbol != 0xf0
}

/** Returns the coefficients that a symbol covers: a run of zeros and the value after it. */
@inline
function coefficientCount(symbol: u32): u32 {
  return isEob(symbol) ? <u32>EOB : (symbol >> 4) + 1
}

/** Returns the value after the zeros, from the bits after the code; for EOBn the number of bits of the run's length. */
@inline
function symbolValue(symbol: u32, bits: u32): i32 {
  const size = symbol & 15
  return isEob(symbol) ? <i32>(symbol >> 4) : extend(bits & ((1 << size) - 1), size)
}

/** Combines the symbols whose codes are whole within an index. */
function buildRunTable(symbolLookup: usize, runTable: usize): void {
  for (let index: u32 = 0; index < 1 << RUN_TABLE_BITS; index++) {
    let used: u32 = 0
    let coefficients: u32 = 0
    while (used < RUN_TABLE_BITS) {
      const entry = <u32>load<u16>(symbolLookup + (<usize>(index >> used) << 1))
      const length = entry & 255
      const symbol = entry >> 8
      // The value bits may lie behind the index, the code may not.
      if (length == 0 || used + length > RUN_TABLE_BITS || used + length + (symbol & 15) > MAX_RUN_BITS) break
      used += length + (symbol & 15)
      coefficients += coefficientCount(symbol)
      if (symbol == 0) break
    }
    const entry = used == 0 ? <u32>(UNRESOLVED << COUNT_SHIFT) : used | (coefficients << <u32>COUNT_SHIFT)
    store<u16>(runTable + (<usize>index << 1), <u16>entry)
  }
}

/** Combines the next symbols, two of them if both are whole within an index. */
function buildPairTable(values: usize, pairTable: usize): void {
  for (let index: u32 = 0; index < 1 << PAIR_TABLE_BITS; index++) {
    const first = load<u32>(values + (<usize>(index & <u32>AC_LOOKUP_MASK) << 2))
    let pair: u64 = NO_PAIR << FIRST_SHIFT
    if (first != 0) {
      const used = first & 63
      const isEnd = countOf(first) == <u32>EOB
      const second: u32 = isEnd ? 0 : load<u32>(values + (<usize>(index >> used) << 2))
      const isWhole = second != 0 && used + (second & 63) <= PAIR_TABLE_BITS
      const last = isWhole ? second : first
      const sum = isWhole ? first + second : first
      // An end of block alone stores a 0 where a coefficient is 0.
      const firstCount = isEnd ? 1 : <u64>countOf(first)
      pair = <u64>(sum & 0xffff) | (<u64>(first >> 16) << 16) | (<u64>(<u32>last >> 16) << 32) | (firstCount << FIRST_SHIFT)
    }
    store<u64>(pairTable + (<usize>index << 3), pair)
  }
}

/** Returns the coefficients that an entry of `AC_LOOKUP` consumes. */
@inline
export function countOf(entry: u32): u32 {
  return (entry & 0xffff) >> <u32>COUNT_SHIFT
}

/** Returns the length of the next code, and above 8 bits its symbol; 0 if the code is invalid. */
@inline
export function lookUpAcCode(bits: u64, id: u32): u32 {
  const code = <u32>load<u16>(SYMBOL_LOOKUP + (<usize>id << (RUN_TABLE_BITS + 1)) + (<usize>(bits & RUN_TABLE_MASK) << 1))
  return code == 0 ? searchCode(huffmanTable(1, id), bits) : code
}

/** Does the same bit by bit for any table: DECODE of ITU T.81, F.2.2.3. */
function searchCode(counts: usize, bits: u64): u32 {
  let code: u32 = 0
  let first: u32 = 0
  let symbol = counts + 16
  for (let length: u32 = 1; length <= 16; length++) {
    code |= <u32>(bits >> (length - 1)) & 1
    const count = <u32>load<u8>(counts + length - 1)
    if (code - first < count) return length | (<u32>load<u8>(symbol + (code - first)) << 8)
    symbol += count
    first = (first + count) << 1
    code <<= 1
  }
  return 0
}

/** Completes an entry of `DC_LOOKUP` with its value; returns 0 if the code is invalid. */
export function decodeDcValue(entry: u32, bits: u64, id: u32): u32 {
  let used = entry & 63
  let size = (entry >> SIZE_SHIFT) & 15
  if (entry == 0) {
    const code = searchCode(huffmanTable(0, id), bits)
    if (code == 0) return 0
    size = code >> 8
    used = (code & 255) + size
  }
  return used | (<u32>extend(<u32>(bits >> (used - size)) & ((1 << size) - 1), size) << 16)
}

/** Returns an entry as in `AC_LOOKUP`; 0 if the code is invalid. */
export function decodeAcValue(bits: u64, id: u32): u32 {
  const code = lookUpAcCode(bits, id)
  if (code == 0) return 0
  const length = code & 255
  const symbol = code >> 8
  const used = length + (symbol & 15)
  return used | (coefficientCount(symbol) << <u32>COUNT_SHIFT) | (<u32>symbolValue(symbol, <u32>(bits >> length)) << 16)
}
