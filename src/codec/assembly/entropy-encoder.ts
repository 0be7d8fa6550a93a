// Writes a JPEG's markers and its one scan (ITU T.81, annexes B, C, F and K.2; jchuff.c).

import { assignCodeLengths, limitCodeLengths } from './optimal-huffman'
import {
  BLOCK_BYTES,
  COMPONENT_COUNT,
  SYMBOL_CODES,
  SYMBOL_COUNTS,
  SYMBOL_LIST,
  TARGET_QUANT_TABLES,
  TARGET_SUBSAMPLED,
} from './memory-layout'
import { allocate, Memory } from './allocator'

/** Address of the next byte, and `count` bits that are not written yet. */
class Writer {
  static at: usize = 0
  static bits: u64 = 0
  static count: u32 = 0
}

@inline
function writeByte(value: u32): void {
  store<u8>(Writer.at++, <u8>value)
}

@inline
function writeWord(value: u32): void {
  writeByte(value >> 8)
  writeByte(value)
}

/** Writes bits of entropy-coded data, with a stuffed zero after each byte FF. */
@inline
function writeBits(value: u32, count: u32): void {
  Writer.bits = (Writer.bits << count) | value
  Writer.count += count
  while (Writer.count >= 8) {
    Writer.count -= 8
    const byte = <u32>(Writer.bits >> Writer.count) & 255
    writeByte(byte)
    if (byte == 255) writeByte(0)
  }
}

/** Returns the number of bits in a value's magnitude (ITU T.81, table F.1). */
@inline
function bitSize(value: i32): u32 {
  return 32 - <u32>clz(<u32>abs(value))
}

/** Returns the address of the counts of 257 symbols, of DC or AC, luma (0) or chroma (1). */
@inline
function symbolCounts(isAc: u32, id: u32): usize {
  return SYMBOL_COUNTS + <usize>((id << 1) + isAc) * 1040
}

/** Returns the address of the codes of 256 symbols: the length in the low 8 bits, the code above. */
@inline
function symbolCodes(isAc: u32, id: u32): usize {
  return SYMBOL_CODES + <usize>((id << 1) + isAc) * 1024
}

/**
 * Writes a file of MCUs that have `lumaBlocks` blocks of luma and, unless the picture is grey, two of chroma. Returns its
 * address.
 */
export function writeJpeg(from: usize, end: usize, lumaBlocks: usize, width: usize, height: usize): usize {
  const components = load<u32>(COMPONENT_COUNT)
  // Luma and chroma have tables of their own.
  const tables: u32 = components == 1 ? 1 : 2
  memory.fill(SYMBOL_COUNTS, 0, 4 * 1040)
  encodeBlocks(from, end, lumaBlocks, false)
  // A coefficient takes at most 27 bits (code and value), or 54 with stuffing: 8 bytes are enough.
  const start = allocate(1024 + (end - from) * 4)
  Writer.at = start
  writeWord(0xffd8)
  for (let id: u32 = 0; id < tables; id++) {
    writeWord(0xffdb)
    writeWord(67)
    writeByte(id)
    memory.copy(Writer.at, TARGET_QUANT_TABLES + (<usize>id << 6), 64)
    Writer.at += 64
  }
  writeFrameHeader(<u32>width, <u32>height)
  for (let id: u32 = 0; id < tables; id++) {
    for (let isAc: u32 = 0; isAc < 2; isAc++) writeHuffmanTable(isAc, id)
  }
  writeWord(0xffda)
  writeWord(6 + 2 * components)
  writeByte(components)
  for (let i: u32 = 1; i <= components; i++) {
    writeByte(i)
    writeByte(i == 1 ? 0 : 0x11)
  }
  writeByte(0)
  writeByte(63)
  writeByte(0)
  Writer.bits = 0
  Writer.count = 0
  encodeBlocks(from, end, lumaBlocks, true)
  // Pads the last byte with ones (ITU T.81, F.1.2.3).
  if (Writer.count > 0) writeBits(0x7f, 7)
  writeWord(0xffd9)
  Memory.free = Writer.at
  return start
}

function writeFrameHeader(width: u32, height: u32): void {
  const components = load<u32>(COMPONENT_COUNT)
  const luma: u32 = components > 1 && load<u8>(TARGET_SUBSAMPLED) != 0 ? 0x22 : 0x11
  writeWord(0xffc0)
  writeWord(8 + 3 * components)
  writeByte(8)
  writeWord(height)
  writeWord(width)
  writeByte(components)
  for (let i: u32 = 1; i <= components; i++) {
    writeByte(i)
    writeByte(i == 1 ? luma : 0x11)
    writeByte(i == 1 ? 0 : 1)
  }
}

/** Counts the symbols of all blocks, or writes them (libjpeg's `htest_one_block` and `encode_one_block`). */
function encodeBlocks(from: usize, end: usize, lumaBlocks: usize, isWriting: bool): void {
  const isGrey = load<u32>(COMPONENT_COUNT) == 1
  let luma: i32 = 0
  let cb: i32 = 0
  let cr: i32 = 0
  for (let at = from; at < end; ) {
    for (let i: usize = 0; i < lumaBlocks; i++, at += BLOCK_BYTES) {
      encodeBlock(at, luma, 0, isWriting)
      luma = load<i16>(at)
    }
    if (isGrey) continue
    encodeBlock(at, cb, 1, isWriting)
    cb = load<i16>(at)
    at += BLOCK_BYTES
    encodeBlock(at, cr, 1, isWriting)
    cr = load<i16>(at)
    at += BLOCK_BYTES
  }
}

function encodeBlock(at: usize, predictor: i32, id: u32, isWriting: bool): void {
  const codes = isWriting ? symbolCodes(1, id) : symbolCounts(1, id)
  const difference = <i32>load<i16>(at) - predictor
  encodeSymbol(isWriting ? symbolCodes(0, id) : symbolCounts(0, id), bitSize(difference), difference, isWriting)
  // Bit set of the AC coefficients that are not zero.
  let remaining: u64 = 0
  for (let i: usize = 0; i < 8; i++) {
    const bits = i16x8.bitmask(i16x8.ne(v128.load(at + (i << 4)), i16x8.splat(0)))
    remaining |= <u64>bits << (i << 3)
  }
  remaining &= ~1
  let nextIndex: u32 = 1
  while (remaining != 0) {
    const zigzagIndex = <u32>ctz(remaining)
    remaining &= remaining - 1
    let run = zigzagIndex - nextIndex
    for (; run > 15; run -= 16) encodeSymbol(codes, 0xf0, 0, isWriting)
    const value = <i32>load<i16>(at + (<usize>zigzagIndex << 1))
    encodeSymbol(codes, (run << 4) | bitSize(value), value, isWriting)
    nextIndex = zigzagIndex + 1
  }
  if (nextIndex < 64) encodeSymbol(codes, 0, 0, isWriting)
}

/** Counts a symbol, or writes its code and the bits of its value. */
@inline
function encodeSymbol(table: usize, symbol: u32, value: i32, isWriting: bool): void {
  const entry = table + (<usize>symbol << 2)
  if (!isWriting) {
    store<u32>(entry, load<u32>(entry) + 1)
    return
  }
  const size = symbol & 15
  const code = load<u32>(entry)
  const bits = <u32>(value + (value >> 31)) & ((1 << size) - 1)
  writeBits(((code >> 8) << size) | bits, (code & 255) + size)
}

/** Derives the optimal codes from the counts (ITU T.81, K.2), writes the DHT segment and stores the codes. */
function writeHuffmanTable(isAc: u32, id: u32): void {
  const counts = symbolCounts(isAc, id)
  const lengths = SYMBOL_LIST + 2048
  assignCodeLengths(counts, lengths)
  writeWord(0xffc4)
  const segmentStart = Writer.at
  writeWord(0)
  writeByte((isAc << 4) | id)
  const lengthCounts = Writer.at
  Writer.at += 16
  limitCodeLengths(lengths, lengthCounts)
  // libjpeg orders symbols by their lengths before limiting.
  for (let length: u32 = 1; length <= 32; length++) {
    for (let symbol: usize = 0; symbol < 256; symbol++) {
      if (load<u8>(lengths + symbol) == length) writeByte(<u32>symbol)
    }
  }
  const bytes = <u32>(Writer.at - segmentStart)
  store<u8>(segmentStart, <u8>(bytes >> 8))
  store<u8>(segmentStart + 1, <u8>bytes)
  let symbolAddress = lengthCounts + 16
  let code: u32 = 0
  for (let length: u32 = 1; length <= 16; length++, code <<= 1) {
    for (let remaining = load<u8>(lengthCounts + length - 1); remaining > 0; remaining--, symbolAddress++, code++) {
      store<u32>(symbolCodes(isAc, id) + (<usize>load<u8>(symbolAddress) << 2), (code << 8) | length)
    }
  }
}
