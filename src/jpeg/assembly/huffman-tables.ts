// Codes (ITU T.81, annexes C and F): tables of what the next bits tell, and the ways where a table tells too little.

import {
  HUFFMAN,
  HUFFMAN_SIZE,
  MADE_FOR,
  MADE_OF,
  DC_BITS,
  VALUE_BITS,
  RUN_BITS,
  RUN_MASK,
  MOST_BITS,
  DC_VALUES,
  AC_VALUES,
  SYMBOLS,
  RUNS,
  COUNT,
  SIZE,
  IS_WHOLE,
  END,
  UNSURE,
} from './memory-layout'

@inline
export function huffman(isAc: u32, id: u32): usize {
  return HUFFMAN + <usize>((isAc << 2) + id) * HUFFMAN_SIZE
}

/** So many bits, 16 at most, the last one first. */
export function mirrored(value: u32, length: u32): u32 {
  let bits = value
  bits = ((bits >> 1) & 0x5555) | ((bits & 0x5555) << 1)
  bits = ((bits >> 2) & 0x3333) | ((bits & 0x3333) << 2)
  bits = ((bits >> 4) & 0x0f0f) | ((bits & 0x0f0f) << 4)
  bits = (bits >> 8) | ((bits & 0xff) << 8)
  return bits >> (16 - length)
}

/** The number that so many bits after a code stand for (ITU T.81, F.2.2.1). */
export function extend(value: u32, length: u32): i32 {
  const number = <i32>mirrored(value, length)
  return length > 0 && number >> (length - 1) == 0 ? number - (1 << length) + 1 : number
}

/** Means of blocks are asked for, or all coefficients. */
export const FOR_MEANS: u32 = 1
export const FOR_ALL: u32 = 2
/** Or those that one scan of many tells of. */
export const FOR_SCAN: u32 = 4

/** Makes lookup tables, if they aren't there; false for a table that no baseline JPEG of 8 bits has. */
export function readTables(dc: u32, ac: u32, use: u32): bool {
  return readTable(0, dc, use) && readTable(1, ac, use)
}

/** Makes one of them. */
export function readTable(isAc: u32, id: u32, use: u32): bool {
  const table = huffman(isAc, id)
  const copy = MADE_OF + (table - HUFFMAN)
  const mark = MADE_FOR + (isAc << 2) + id
  const isSame = memory.compare(table, copy, HUFFMAN_SIZE) == 0
  const made: u32 = isSame ? load<u8>(mark) : 0
  if ((made & use) == use) return true
  store<u8>(mark, 0)
  if (isAc == 0 ? !readDcTable(id) : !readAcTable(id, use)) return false
  memory.copy(copy, table, HUFFMAN_SIZE)
  store<u8>(mark, <u8>(isAc == 0 ? FOR_MEANS | FOR_ALL | FOR_SCAN : made | use))
  return true
}

function readDcTable(id: u32): bool {
  const counts = huffman(0, id)
  const table = DC_VALUES + (<usize>id << (DC_BITS + 2))
  memory.fill(table, 0, 4 << DC_BITS)
  let symbol = counts + 16
  for (let length: u32 = 1, code: u32 = 0; length <= 16; length++, code <<= 1) {
    for (let left = load<u8>(counts + length - 1); left > 0; left--, code++, symbol++) {
      const size = <u32>load<u8>(symbol)
      if (size > 11) return false
      if (length > DC_BITS) continue
      const used = length + size
      const step = 1 << length
      for (let i = mirrored(code, length); i < 1 << DC_BITS; i += step) {
        const value = used > DC_BITS ? 0 : IS_WHOLE | (<u32>extend((i >> length) & ((1 << size) - 1), size) << 16)
        store<u32>(table + (<usize>i << 2), used | (size << SIZE) | value)
      }
    }
  }
  return true
}

function readAcTable(id: u32, use: u32): bool {
  const counts = huffman(1, id)
  const values = AC_VALUES + (<usize>id << (VALUE_BITS + 2))
  const symbols = SYMBOLS + (<usize>id << (RUN_BITS + 1))
  if (use != FOR_MEANS) memory.fill(values, 0, 4 << VALUE_BITS)
  memory.fill(symbols, 0, 2 << RUN_BITS)
  let at = counts + 16
  for (let length: u32 = 1, code: u32 = 0; length <= 16; length++, code <<= 1) {
    for (let left = load<u8>(counts + length - 1); left > 0; left--, code++, at++) {
      const symbol = <u32>load<u8>(at)
      const size = symbol & 15
      // A scan's code for "no more" may stand for many blocks.
      if (size > 10 || (size == 0 && use != FOR_SCAN && symbol != 0 && symbol != 0xf0)) return false
      const start = mirrored(code, length)
      const step = 1 << length
      if (length <= RUN_BITS) {
        const entry = <u16>(length | (symbol << 8))
        for (let i = start; i < 1 << RUN_BITS; i += step) store<u16>(symbols + (<usize>i << 1), entry)
      }
      const used = length + size
      if (use == FOR_MEANS || used > VALUE_BITS) continue
      const entry = used | (coefficientsOf(symbol) << <u32>COUNT)
      for (let i = start; i < 1 << VALUE_BITS; i += step) {
        const value = valueOf(symbol, i >> length)
        store<u32>(values + (<usize>i << 2), entry | (<u32>value << 16))
      }
    }
  }
  if (use == FOR_MEANS) chain(symbols, RUNS + (<usize>id << (RUN_BITS + 1)))
  return true
}

/** Whether a symbol says that there is no more. */
@inline
export function isEnd(symbol: u32): bool {
  return (symbol & 15) == 0 && symbol != 0xf0
}

/** Zeros and the one behind them. */
@inline
function coefficientsOf(symbol: u32): u32 {
  return isEnd(symbol) ? <u32>END : (symbol >> 4) + 1
}

/** That one, by the bits behind the code; or how many bits tell for how many blocks there is no more. */
@inline
function valueOf(symbol: u32, bits: u32): i32 {
  const size = symbol & 15
  return isEnd(symbol) ? <i32>(symbol >> 4) : extend(bits & ((1 << size) - 1), size)
}

/** Puts symbols together of whose codes the same bits tell. */
function chain(symbols: usize, runs: usize): void {
  for (let index: u32 = 0; index < 1 << RUN_BITS; index++) {
    let used: u32 = 0
    let coefficients: u32 = 0
    while (used < RUN_BITS) {
      const entry = <u32>load<u16>(symbols + (<usize>(index >> used) << 1))
      const length = entry & 255
      const symbol = entry >> 8
      // What belongs to the code may lie behind these bits, but the code itself may not.
      if (length == 0 || used + length > RUN_BITS || used + length + (symbol & 15) > MOST_BITS) break
      used += length + (symbol & 15)
      coefficients += coefficientsOf(symbol)
      if (symbol == 0) break
    }
    const entry = used == 0 ? <u32>(UNSURE << COUNT) : used | (coefficients << <u32>COUNT)
    store<u16>(runs + (<usize>index << 1), <u16>entry)
  }
}

/** The length of the next code, and above 8 bits its symbol; 0 where there is none. */
@inline
export function readAcCode(word: u64, id: u32): u32 {
  const code = <u32>load<u16>(SYMBOLS + (<usize>id << (RUN_BITS + 1)) + (<usize>(word & RUN_MASK) << 1))
  return code == 0 ? readCode(huffman(1, id), word) : code
}

/** The same of whatever table, bit by bit (ITU T.81, F.2.2.3). */
function readCode(counts: usize, word: u64): u32 {
  let code: u32 = 0
  let first: u32 = 0
  let symbol = counts + 16
  for (let length: u32 = 1; length <= 16; length++) {
    code |= <u32>(word >> (length - 1)) & 1
    const count = <u32>load<u8>(counts + length - 1)
    if (code - first < count) return length | (<u32>load<u8>(symbol + (code - first)) << 8)
    symbol += count
    first = (first + count) << 1
    code <<= 1
  }
  return 0
}

/** The rest of an entry of `DC_VALUES`; 0 where there is none. */
export function readValue(entry: u32, word: u64, id: u32): u32 {
  let used = entry & 63
  let size = (entry >> SIZE) & 15
  if (entry == 0) {
    const code = readCode(huffman(0, id), word)
    if (code == 0) return 0
    size = code >> 8
    used = (code & 255) + size
  }
  return used | (<u32>extend(<u32>(word >> (used - size)) & ((1 << size) - 1), size) << 16)
}

/** An AC coefficient, as in `AC_VALUES`; 0 where there is none. */
export function readSymbol(word: u64, id: u32): u32 {
  const code = readAcCode(word, id)
  if (code == 0) return 0
  const length = code & 255
  const symbol = code >> 8
  const used = length + (symbol & 15)
  return used | (coefficientsOf(symbol) << <u32>COUNT) | (<u32>valueOf(symbol, <u32>(word >> length)) << 16)
}
