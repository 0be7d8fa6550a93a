/*
 * Reads blocks of a component. Of one whose blocks become a single pixel each, which is the mean, no other coefficient is
 * asked for: to find the next block all have to be passed over, but not their values. So one look into a table passes over
 * as many whole symbols as 12 bits tell of, with the bits that belong to them, and one sum tells how many bits and
 * coefficients that were.
 */

import { readAcCode, readSymbol, readValue } from './huffman-tables'
import { clamp, inverse, isTooLarge } from './idct'
import {
  AC_TABLE,
  AC_VALUES,
  ACROSS,
  BEFORE,
  BITS,
  BLOCK,
  BLOCK_COEFFICIENTS,
  BLOCKS_ACROSS,
  BLOCKS_DOWN,
  COMPONENT,
  COMPONENTS,
  COUNT,
  DC_BITS,
  DC_MASK,
  DC_TABLE,
  DC_VALUES,
  END,
  IS_WHOLE,
  PLACES,
  PLANE,
  PLANE_ADDRESS,
  PLANE_STRIDE,
  PLANES,
  QUANTIZER,
  QUANTIZERS,
  RUN_BITS,
  RUN_MASK,
  RUNS,
  SIDE,
  VALUE_BITS,
  VALUE_MASK,
  ZIGZAG,
} from './memory-layout'
import { Reader } from './bit-reader'

/** For each coefficient in the order of the file: what it is multiplied by, and where in a block it lies. */
export function placeCoefficients(id: u32): void {
  const quantizer = QUANTIZERS + (<usize>id << 6)
  const places = PLACES + (<usize>id << 8)
  for (let i: usize = 0; i < 64; i++) {
    store<u16>(places + (i << 2), load<u8>(quantizer + i))
    store<u16>(places + (i << 2), <u16>load<u8>(ZIGZAG + i) << 1, 2)
  }
}

/** MCUs of one row of a baseline file, from one of the whole picture on. Exported so that it stays a function of its own. */
export function readRow(first: u32, count: u32): bool {
  const across = load<u32>(ACROSS)
  const down = <usize>(first / across)
  let column = <usize>(first % across)
  for (let unit: u32 = 0; unit < count; unit++, column++) {
    for (let i: usize = 0; i < 3; i++) {
      const component = COMPONENTS + i * COMPONENT
      const plane = PLANES + i * PLANE
      const stride = <usize>load<u32>(plane + PLANE_STRIDE)
      const side = <usize>load<u8>(component + SIDE)
      const to =
        <usize>load<u32>(plane + PLANE_ADDRESS) +
        (down * load<u8>(component + BLOCKS_DOWN) * stride + column * load<u8>(component + BLOCKS_ACROSS)) * side
      if (!readBlocks(component, i, to, stride)) return false
    }
  }
  return true
}

/** Reads the blocks of a component of one MCU, and puts their samples into its plane. */
function readBlocks(component: usize, index: usize, to: usize, stride: usize): bool {
  return load<u8>(component + SIDE) == 1
    ? readMeans(component, index, to, stride)
    : readWhole(component, index, to, stride)
}

function readMeans(component: usize, index: usize, to: usize, stride: usize): bool {
  // Locals are kept in registers.
  let at = Reader.next
  let word = Reader.bits
  let have = Reader.unread
  const dc = <u32>load<u8>(component + DC_TABLE)
  const ac = <u32>load<u8>(component + AC_TABLE)
  const values = DC_VALUES + (<usize>dc << (DC_BITS + 2))
  const runs = RUNS + (<usize>ac << (RUN_BITS + 1))
  const quantizer = <i32>load<u8>(QUANTIZERS + (<usize>load<u8>(component + QUANTIZER) << 6))
  const across = <usize>load<u8>(component + BLOCKS_ACROSS)
  const blocks = across * <usize>load<u8>(component + BLOCKS_DOWN)
  let before = load<i32>(BEFORE + (index << 2))
  for (let block: usize = 0; block < blocks; block++) {
    word |= load<u64>(at) << have
    at += <usize>((63 - have) >> 3)
    have |= 56
    let value = load<u32>(values + (<usize>(word & DC_MASK) << 2))
    if ((value & IS_WHOLE) == 0) {
      value = readValue(value, word, dc)
      if (value == 0) return false
    }
    word >>= <u64>value
    have -= <u64>(value & 63)
    before += <i32>value >> 16
    const mean = before * quantizer
    if (isTooLarge(mean)) return false
    store<u8>(to + (block / across) * stride + (block % across), clamp(((mean + 4) >> 3) + 128))
    // How many bits since the last refill and, from `COUNT` on, which coefficient.
    let passed: u64 = 1 << COUNT
    let entry: u64 = 0
    for (;;) {
      have -= passed & 63
      passed &= ~63
      word |= load<u64>(at) << have
      at += <usize>((63 - have) >> 3)
      have |= 56
      // A shift looks at no more than the lowest six bits of how far, which are those that count bits.
      entry = <u64>load<u16>(runs + (<usize>(word & RUN_MASK) << 1))
      passed += entry
      word >>= entry
      if (passed >= BLOCK << COUNT) break
      entry = <u64>load<u16>(runs + (<usize>(word & RUN_MASK) << 1))
      passed += entry
      word >>= entry
      if (passed >= BLOCK << COUNT) break
      entry = <u64>load<u16>(runs + (<usize>(word & RUN_MASK) << 1))
      passed += entry
      word >>= entry
      if (passed >= BLOCK << COUNT) break
    }
    have -= passed & 63
    const coefficient = passed >> COUNT
    if (coefficient == BLOCK || coefficient - END < BLOCK) continue
    // The last look went beyond the block, or told nothing: from there one symbol after the other.
    const place = (<u64>(at - BITS) << 3) - have - (entry & 63)
    const after = passOneByOne(place, <u32>(coefficient - (entry >> COUNT)), ac)
    if (after == 0) return false
    at = BITS + <usize>(after >> 3)
    word = (load<u64>(at) & 0x00ffffffffffffff) >> (after & 7)
    have = 56 - (after & 7)
    at += 7
  }
  store<i32>(BEFORE + (index << 2), before)
  Reader.next = at
  Reader.bits = word
  Reader.unread = have
  return true
}

/** Where a block ends, from a coefficient that is at a place; 0 where it can't be read. */
function passOneByOne(place: u64, coefficient: u32, id: u32): u64 {
  let at = place
  for (let passed = coefficient; passed < <u32>BLOCK;) {
    const word = load<u64>(BITS + <usize>(at >> 3)) >> (at & 7)
    const code = readAcCode(word, id)
    if (code == 0) return 0
    const symbol = code >> 8
    at += (code & 255) + (symbol & 15)
    if (symbol == 0) return at
    passed += (symbol >> 4) + 1
    if (passed > <u32>BLOCK) return 0
  }
  return at
}

/** Reads blocks with all of their coefficients. */
function readWhole(component: usize, index: usize, to: usize, stride: usize): bool {
  let at = Reader.next
  let word = Reader.bits
  let have = Reader.unread
  const dc = <u32>load<u8>(component + DC_TABLE)
  const ac = <u32>load<u8>(component + AC_TABLE)
  const dcValues = DC_VALUES + (<usize>dc << (DC_BITS + 2))
  const acValues = AC_VALUES + (<usize>ac << (VALUE_BITS + 2))
  const places = PLACES + (<usize>load<u8>(component + QUANTIZER) << 8)
  const across = <usize>load<u8>(component + BLOCKS_ACROSS)
  const blocks = across * <usize>load<u8>(component + BLOCKS_DOWN)
  const side = <usize>load<u8>(component + SIDE)
  let before = load<i32>(BEFORE + (index << 2))
  for (let block: usize = 0; block < blocks; block++) {
    word |= load<u64>(at) << have
    at += <usize>((63 - have) >> 3)
    have |= 56
    let value = load<u32>(dcValues + (<usize>(word & DC_MASK) << 2))
    if ((value & IS_WHOLE) == 0) {
      value = readValue(value, word, dc)
      if (value == 0) return false
    }
    word >>= <u64>value
    have -= <u64>(value & 63)
    before += <i32>value >> 16
    const mean = before * <i32>load<u16>(places)
    if (isTooLarge(mean)) return false
    for (let i: usize = 0; i < 128; i += 16) v128.store(BLOCK_COEFFICIENTS + i, i16x8.splat(0))
    store<i16>(BLOCK_COEFFICIENTS, <i16>mean)
    let coefficient: u32 = 1
    while (coefficient < <u32>BLOCK) {
      word |= load<u64>(at) << have
      at += <usize>((63 - have) >> 3)
      have |= 56
      let entry = load<u32>(acValues + (<usize>(word & VALUE_MASK) << 2))
      // Five that the table tells of take 55 bits at most; behind one that it doesn't there may be too few for another.
      let more: u32 = 4
      if (entry == 0) {
        entry = readSymbol(word, ac)
        if (entry == 0) return false
        more = 0
      }
      for (; ; more--) {
        word >>= <u64>entry
        have -= <u64>(entry & 63)
        coefficient += (entry & 0xffff) >> <u32>COUNT
        if (coefficient > <u32>BLOCK) break
        const place = places + (<usize>(coefficient - 1) << 2)
        const level = (<i32>entry >> 16) * <i32>load<u16>(place)
        if (isTooLarge(level)) return false
        store<i16>(BLOCK_COEFFICIENTS + <usize>load<u16>(place, 2), <i16>level)
        if (more == 0 || coefficient == <u32>BLOCK) break
        entry = load<u32>(acValues + (<usize>(word & VALUE_MASK) << 2))
        if (entry == 0) break
      }
    }
    // Beyond the last, if not by the code for that.
    if (coefficient > <u32>BLOCK && coefficient - <u32>END >= <u32>BLOCK) return false
    inverse(side, to + ((block / across) * stride + (block % across)) * side, stride)
  }
  store<i32>(BEFORE + (index << 2), before)
  Reader.next = at
  Reader.bits = word
  Reader.unread = have
  return true
}
