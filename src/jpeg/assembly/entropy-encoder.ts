// Writes a JPEG's markers and its one scan (ITU T.81, annexes B, C, F and K.2; jchuff.c).

import { findLengths, limitLengths } from './optimal-huffman'
import { BYTES_OF_BLOCK, CODES, COUNTS, PLAN_QUANTIZERS, PLAN_SUBSAMPLED, SYMBOL_LIST } from './memory-layout'
import { allocate, Memory } from './allocator'

/** Writes what follows to where it stands. */
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

/** Bits of the data, whole bytes of them with a zero after FF. */
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

/** How many bits a number has. */
@inline
function sizeOf(value: i32): u32 {
  return 32 - <u32>clz(<u32>abs(value))
}

/** How often each symbol comes: of DC and AC, of luma and of chroma, 257 of them each. */
@inline
function countsOf(isAc: u32, id: u32): usize {
  return COUNTS + <usize>((id << 1) + isAc) * 1040
}

/** The codes of symbols: the bits, and below them how many. */
@inline
function codesOf(isAc: u32, id: u32): usize {
  return CODES + <usize>((id << 1) + isAc) * 1024
}

/** Writes blocks of so many of luma and two of chroma, by turns. */
export function writeScan(from: usize, end: usize, each: usize, width: usize, height: usize): usize {
  memory.fill(COUNTS, 0, 4 * 1040)
  passOver(from, end, each, false)
  // No symbol takes more bits than eight for each coefficient, codes and stuffing included.
  const start = allocate(1024 + (end - from) * 4)
  Writer.at = start
  writeWord(0xffd8)
  for (let id: u32 = 0; id < 2; id++) {
    writeWord(0xffdb)
    writeWord(67)
    writeByte(id)
    memory.copy(Writer.at, PLAN_QUANTIZERS + (<usize>id << 6), 64)
    Writer.at += 64
  }
  writeFrame(<u32>width, <u32>height)
  for (let id: u32 = 0; id < 2; id++) {
    for (let isAc: u32 = 0; isAc < 2; isAc++) writeTable(isAc, id)
  }
  writeWord(0xffda)
  writeWord(12)
  writeByte(3)
  for (let i: u32 = 1; i <= 3; i++) {
    writeByte(i)
    writeByte(i == 1 ? 0 : 0x11)
  }
  writeByte(0)
  writeByte(63)
  writeByte(0)
  Writer.bits = 0
  Writer.count = 0
  passOver(from, end, each, true)
  // The last byte is filled up with ones.
  if (Writer.count > 0) writeBits(0x7f, 7)
  writeWord(0xffd9)
  Memory.free = Writer.at
  return start
}

function writeFrame(width: u32, height: u32): void {
  writeWord(0xffc0)
  writeWord(17)
  writeByte(8)
  writeWord(height)
  writeWord(width)
  writeByte(3)
  for (let i: u32 = 1; i <= 3; i++) {
    writeByte(i)
    writeByte(i == 1 && load<u8>(PLAN_SUBSAMPLED) != 0 ? 0x22 : 0x11)
    writeByte(i == 1 ? 0 : 1)
  }
}

/** Counts the symbols of all blocks, or writes them. */
function passOver(from: usize, end: usize, each: usize, isWriting: bool): void {
  let luma: i32 = 0
  let blue: i32 = 0
  let red: i32 = 0
  for (let at = from; at < end; at += BYTES_OF_BLOCK) {
    for (let i: usize = 0; i < each; i++, at += BYTES_OF_BLOCK) {
      takeBlock(at, luma, 0, isWriting)
      luma = load<i16>(at)
    }
    takeBlock(at, blue, 1, isWriting)
    blue = load<i16>(at)
    at += BYTES_OF_BLOCK
    takeBlock(at, red, 1, isWriting)
    red = load<i16>(at)
  }
}

function takeBlock(at: usize, before: i32, id: u32, isWriting: bool): void {
  const codes = isWriting ? codesOf(1, id) : countsOf(1, id)
  const difference = <i32>load<i16>(at) - before
  takeSymbol(isWriting ? codesOf(0, id) : countsOf(0, id), sizeOf(difference), difference, isWriting)
  // Which coefficients aren't zero.
  let left: u64 = 0
  for (let i: usize = 0; i < 8; i++) {
    const bits = i16x8.bitmask(i16x8.ne(v128.load(at + (i << 4)), i16x8.splat(0)))
    left |= <u64>bits << (i << 3)
  }
  left &= ~1
  let next: u32 = 1
  while (left != 0) {
    const place = <u32>ctz(left)
    left &= left - 1
    let run = place - next
    for (; run > 15; run -= 16) takeSymbol(codes, 0xf0, 0, isWriting)
    const value = <i32>load<i16>(at + (<usize>place << 1))
    takeSymbol(codes, (run << 4) | sizeOf(value), value, isWriting)
    next = place + 1
  }
  if (next < 64) takeSymbol(codes, 0, 0, isWriting)
}

/** Counts a symbol, or writes its code and as many bits of a value as it tells of. */
@inline
function takeSymbol(table: usize, symbol: u32, value: i32, isWriting: bool): void {
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

/** Finds the best codes for symbols that come so often (ITU T.81, K.2), writes their table and notes them. */
function writeTable(isAc: u32, id: u32): void {
  const counts = countsOf(isAc, id)
  const lengths = SYMBOL_LIST + 2048
  findLengths(counts, lengths)
  writeWord(0xffc4)
  const size = Writer.at
  writeWord(0)
  writeByte((isAc << 4) | id)
  const numbers = Writer.at
  Writer.at += 16
  limitLengths(lengths, numbers)
  // In the order of their lengths before these were limited, as libjpeg has them.
  for (let length: u32 = 1; length <= 32; length++) {
    for (let symbol: usize = 0; symbol < 256; symbol++) {
      if (load<u8>(lengths + symbol) == length) writeByte(<u32>symbol)
    }
  }
  const bytes = <u32>(Writer.at - size)
  store<u8>(size, <u8>(bytes >> 8))
  store<u8>(size + 1, <u8>bytes)
  let symbol = numbers + 16
  let code: u32 = 0
  for (let length: u32 = 1; length <= 16; length++, code <<= 1) {
    for (let left = load<u8>(numbers + length - 1); left > 0; left--, symbol++, code++) {
      store<u32>(codesOf(isAc, id) + (<usize>load<u8>(symbol) << 2), (code << 8) | length)
    }
  }
}
