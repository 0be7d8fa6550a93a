/*
 * AssemblyScript, not TypeScript: `npm run assemble` makes WebAssembly of it, in ../eighth-wasm.ts.
 *
 * Decodes a baseline JPEG (ITU T.81, F.2) at an eighth of its size, to the very pixels of libjpeg (jidctred.c,
 * jdcolor.c). At that size a block of 8x8 becomes the one pixel that is its mean, for which no other coefficient is
 * needed. To find the next block all have to be passed over; what makes that fast is that nobody asks for their values.
 * So one look into a table passes over as many whole symbols as 12 bits tell of, with the bits that belong to them, and
 * one sum tells how many bits and coefficients that were. Coarser components, which 4:2:0 chroma is, are decoded to 2x2.
 *
 * All bits are mirrored first, so that the next one is the lowest: a little-endian machine then reads eight bytes as they
 * lie there. The way to refill 56 bits without a branch is variant 4 of Fabian Giesen's "Reading bits in far too many
 * ways, part 2".
 *
 * Whatever is odd is left to libjpeg, with its warnings and errors: `decode` says so.
 */

import { readDcTable, readAcTable, readAcCode, readValue, readSymbol } from './huffman'
import {
  LENGTH,
  START,
  UNITS,
  ACROSS,
  INTERVAL,
  WIDTH,
  HEIGHT,
  UNIT_WIDTH,
  UNIT_HEIGHT,
  COMPONENTS,
  COMPONENT,
  BLOCKS_ACROSS,
  BLOCKS_DOWN,
  DC_TABLE,
  AC_TABLE,
  QUANTIZER,
  SIDE,
  CHANNELS,
  PLACES,
  QUANTIZERS,
  BITS,
  FILE,
  BEFORE,
  SAMPLES,
  WEIGHTS,
  SUMS,
  ODD,
  DC_BITS,
  DC_MASK,
  VALUE_BITS,
  VALUE_MASK,
  RUN_BITS,
  RUN_MASK,
  DC_VALUES,
  AC_VALUES,
  RUNS,
  COUNT,
  IS_WHOLE,
  BLOCK,
  END,
} from './layout'
import { weigh, storeQuarters, limit, clamp } from './quarters'

/** A larger coefficient might overflow in one way of counting and not in another; no encoder makes one of a picture. */
const LARGEST: i32 = 2400

// The reader: of the bits before `next` so many are unread.
let next: usize = 0
let unread: u64 = 0
let bits: u64 = 0
let end: usize = 0

/** Decodes what lies at `FILE`. Where the pixels are then, three bytes each; 0 where that is left to others. */
export function decode(): usize {
  const units = load<u32>(UNITS)
  const interval = load<u32>(INTERVAL)
  const restarts = interval == 0 ? 0 : (units - 1) / interval
  for (let i: usize = 0; i < 3; i++) {
    const component = COMPONENTS + i * COMPONENT
    if (!readDcTable(load<u8>(component + DC_TABLE)) || !readAcTable(load<u8>(component + AC_TABLE))) return 0
    weigh(load<u8>(component + QUANTIZER))
  }
  const marks = (FILE + load<u32>(LENGTH) + 35) & ~3
  if (!mirror(marks, restarts)) return 0
  const pixels = marks + (restarts << 2)
  next = BITS
  unread = bits = 0
  const across = load<u32>(ACROSS)
  let left = interval
  let mark = marks
  memory.fill(BEFORE, 0, 12)
  for (let unit: u32 = 0; unit < units;) {
    // A row at a time: V8 replaces code by better code where it is called.
    const some = min(across - (unit % across), interval == 0 ? across : left)
    if (!decodeUnits(unit, some, pixels)) return 0
    unit += some
    left -= some
    if (interval == 0 || left > 0 || unit == units) continue
    if (!skipToByte() || next != BITS + load<u32>(mark)) return 0
    memory.fill(BEFORE, 0, 12)
    mark += 4
    left = interval
  }
  return skipToByte() && next == end ? pixels : 0
}

/** Goes on with the next whole byte. */
function skipToByte(): bool {
  next = BITS + <usize>(((<u64>(next - BITS) << 3) - unread + 7) >> 3)
  unread = bits = 0
  return next <= end
}

@inline
function mirrorBytes(bytes: v128): v128 {
  // The numbers of four bits, mirrored, in the upper half of a byte.
  const table = i8x16(
    0x00, -0x80, 0x40, -0x40, 0x20, -0x60, 0x60, -0x20, 0x10, -0x70, 0x50, -0x30, 0x30, -0x50, 0x70, -0x10,
  )
  const low = i8x16.swizzle(table, v128.and(bytes, i8x16.splat(15)))
  const high = i8x16.swizzle(table, i8x16.shr_u(bytes, 4))
  return v128.or(low, i8x16.shr_u(high, 4))
}

/**
 * Makes one row of bits of the data: without the zeros after FF, and without restart markers, whose places it notes.
 * False where these aren't in order, or where the end of the file doesn't follow.
 */
function mirror(marks: usize, restarts: u32): bool {
  const ones = i8x16.splat(-1)
  const until = FILE + load<u32>(LENGTH)
  let at = FILE + load<u32>(START)
  let to = BITS
  let seen: u32 = 0
  while (at < until) {
    const bytes = v128.load(at)
    v128.store(to, mirrorBytes(bytes))
    const found = i8x16.bitmask(i8x16.eq(bytes, ones))
    const plain = found == 0 ? <usize>16 : <usize>ctz(found)
    at += plain
    to += plain
    if (found == 0) continue
    if (at + 1 >= until) return false
    const marker = <u32>load<u8>(at + 1)
    at += 2
    if (marker == 0) {
      store<u8>(to++, 0xff)
    } else if (marker == 0xd9) {
      end = to
      return seen == restarts
    } else {
      if (seen == restarts || marker != 0xd0 + (seen & 7)) return false
      store<u32>(marks + (seen++ << 2), <u32>(to - BITS))
    }
  }
  return false
}

/** MCUs of one row, from one of the whole picture on. Exported so that it stays a function of its own. */
export function decodeUnits(first: u32, count: u32, pixels: usize): bool {
  const across = load<u32>(ACROSS)
  const width = load<u32>(UNIT_WIDTH)
  const height = load<u32>(UNIT_HEIGHT)
  const top = (first / across) * height
  let left = (first % across) * width
  for (let unit: u32 = 0; unit < count; unit++, left += width) {
    for (let i: usize = 0; i < 3; i++) {
      const component = COMPONENTS + i * COMPONENT
      const isRead = load<u8>(component + SIDE) == 1 ? readMeans(component, i) : readQuarters(component, i)
      if (!isRead) return false
    }
    if (next > end + 8) return false
    paint(pixels, left, top, width, height)
  }
  return true
}

/** Reads the blocks of a component of which one pixel is seen. */
function readMeans(component: usize, index: usize): bool {
  // Locals are kept in registers.
  let at = next
  let word = bits
  let have = unread
  const dc = <u32>load<u8>(component + DC_TABLE)
  const ac = <u32>load<u8>(component + AC_TABLE)
  const values = DC_VALUES + (<usize>dc << (DC_BITS + 2))
  const runs = RUNS + (<usize>ac << (RUN_BITS + 1))
  const quantizer = <i32>load<u8>(QUANTIZERS + (<usize>load<u8>(component + QUANTIZER) << 6))
  const blocks = <usize>load<u8>(component + BLOCKS_ACROSS) * <usize>load<u8>(component + BLOCKS_DOWN)
  const samples = SAMPLES + (index << 4)
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
    store<u8>(samples + block, limit((mean + 4) >> 3))
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
  next = at
  bits = word
  unread = have
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

/**
 * Reads the blocks of a component of which 2x2 pixels are seen, to which libjpeg takes no coefficients of rows and columns
 * 2, 4 and 6 (jidctred.c, `jpeg_idct_2x2`).
 */
function readQuarters(component: usize, index: usize): bool {
  let at = next
  let word = bits
  let have = unread
  const dc = <u32>load<u8>(component + DC_TABLE)
  const ac = <u32>load<u8>(component + AC_TABLE)
  const dcValues = DC_VALUES + (<usize>dc << (DC_BITS + 2))
  const acValues = AC_VALUES + (<usize>ac << (VALUE_BITS + 2))
  const weights = WEIGHTS + (<usize>load<u8>(component + QUANTIZER) << 9)
  const across = <usize>load<u8>(component + BLOCKS_ACROSS)
  const blocks = across * <usize>load<u8>(component + BLOCKS_DOWN)
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
    const mean = before * <i32>load<u16>(weights)
    if (isTooLarge(mean)) return false
    v128.store(SUMS, i32x4.splat(0))
    v128.store(SUMS, i32x4(mean << 15, 0, 0, 0), 16)
    v128.store(SUMS, i32x4.splat(0), ODD)
    v128.store(SUMS, i32x4.splat(0), ODD + 16)
    let coefficient: u32 = 1
    while (coefficient < <u32>BLOCK) {
      word |= load<u64>(at) << have
      at += <usize>((63 - have) >> 3)
      have |= 56
      let entry = load<u32>(acValues + (<usize>(word & VALUE_MASK) << 2))
      if (entry == 0) {
        entry = readSymbol(word, ac)
        if (entry == 0) return false
      }
      word >>= <u64>entry
      have -= <u64>(entry & 63)
      coefficient += (entry & 0xffff) >> <u32>COUNT
      if (coefficient > <u32>BLOCK) break
      const weight = weights + (<usize>(coefficient - 1) << 3)
      const level = (<i32>entry >> 16) * <i32>load<u16>(weight)
      if (isTooLarge(level)) return false
      const sum = SUMS + <usize>load<u16>(weight, 2)
      store<i32>(sum, load<i32>(sum) + level * load<i32>(weight, 4))
    }
    // Beyond the last, if not by the code for that.
    if (coefficient > <u32>BLOCK && coefficient - <u32>END >= <u32>BLOCK) return false
    const row = across << 1
    const place = SAMPLES + (index << 4) + (block / across) * (row << 1) + ((block % across) << 1)
    storeQuarters(place, row)
  }
  store<i32>(BEFORE + (index << 2), before)
  next = at
  bits = word
  unread = have
  return true
}

@inline
function isTooLarge(level: i32): bool {
  return <u32>(level + LARGEST) > <u32>(2 * LARGEST)
}

/** Puts the pixels of an MCU into the picture, as far as they lie inside, in RGB (jdcolor.c). */
function paint(pixels: usize, left: u32, top: u32, width: u32, height: u32): void {
  const right = min(width, load<u32>(WIDTH) - left)
  const bottom = min(height, load<u32>(HEIGHT) - top)
  const row = <usize>load<u32>(WIDTH) * CHANNELS
  const corner = pixels + <usize>top * row + <usize>left * CHANNELS
  for (let y: u32 = 0; y < bottom; y++) {
    let place = PLACES + (<usize>(y * width) << 2)
    let to = corner + <usize>y * row
    for (let x: u32 = 0; x < right; x++, place += 4, to += CHANNELS) {
      const grey = <i32>load<u8>(SAMPLES + <usize>load<u8>(place))
      const blue = <i32>load<u8>(SAMPLES + <usize>load<u8>(place, 1)) - 128
      const red = <i32>load<u8>(SAMPLES + <usize>load<u8>(place, 2)) - 128
      store<u8>(to, clamp(grey + ((red * 91881 + 32768) >> 16)))
      store<u8>(to, clamp(grey + ((blue * -22554 - red * 46802 + 32768) >> 16)), 1)
      store<u8>(to, clamp(grey + ((blue * 116130 + 32768) >> 16)), 2)
    }
  }
}
