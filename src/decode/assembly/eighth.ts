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

// What the other side writes: numbers of four bytes, here and from there on.
/** The length of the file, and where in it the scan's data begins. */
const LENGTH: usize = 0
const START: usize = 32
/** MCUs of the scan, in a row of them, and from one restart marker to the next, 0 for no markers. */
const UNITS: usize = 4
const ACROSS: usize = 8
const INTERVAL: usize = 12
/** Pixels of the picture that is made. */
const WIDTH: usize = 16
const HEIGHT: usize = 20
/** Pixels of an MCU. */
const UNIT_WIDTH: usize = 24
const UNIT_HEIGHT: usize = 28
/** Three components, a byte for each of these. */
const COMPONENTS: usize = 40
const COMPONENT: usize = 8
const BLOCKS_ACROSS: usize = 0
const BLOCKS_DOWN: usize = 1
const DC_TABLE: usize = 2
const AC_TABLE: usize = 3
const QUANTIZER: usize = 4
/** 1 or 2: pixels of a block, across and down. */
const SIDE: usize = 5
/** Bytes of a pixel. */
const CHANNELS: usize = 3
/** For each pixel of an MCU the places of its three samples among `SAMPLES`. */
const PLACES: usize = 0x80
/** Huffman tables, four of DC and four of AC: how many codes of each length, and their symbols. */
const HUFFMAN: usize = 0x100
const HUFFMAN_SIZE: usize = 16 + 256
/** Four times 64 bytes, in zigzag order. */
const QUANTIZERS: usize = 0xa00
/** The file, so far behind the bits that these may be written sixteen bytes at once while it is read. */
const BITS: usize = 0x20000
const FILE: usize = BITS + 32

// What is kept in between.
/** The DC coefficients before, and the samples of an MCU: 16 bytes of each component. */
const BEFORE: usize = 0xc00
const SAMPLES: usize = 0xc40
/** Where in `SUMS` each coefficient of a block counts, and how much of it, in the order of the file. */
const WEIGHTS: usize = 0x1000
/** Sums of a block's columns 1, 3, 5, 7 and 0: of their first row, and of the odd ones. */
const SUMS: usize = 0xd00
const ODD: usize = 32

const DC_BITS: u32 = 10
const DC_MASK: u64 = (1 << DC_BITS) - 1
const VALUE_BITS: u32 = 10
const VALUE_MASK: u64 = (1 << VALUE_BITS) - 1
const RUN_BITS: u32 = 12
const RUN_MASK: u64 = (1 << RUN_BITS) - 1
/** What one look may pass over: three fit into 56 bits. */
const MOST_BITS: u32 = 18

// Tables, four of each kind. The index are the next bits; 0 is for those that more bits are needed to tell.
/** Of DC coefficients so many bits, from `SIZE` on how many of them are its own and, above 16 bits, its value if `IS_WHOLE`. */
const DC_VALUES: usize = 0x2000
/** So many bits and, from `COUNT` on, how many coefficients they tell of; above 16 bits the last one's value. */
const AC_VALUES: usize = DC_VALUES + (4 << (DC_BITS + 2))
/** The length of a code, and above 8 bits its symbol. */
const SYMBOLS: usize = AC_VALUES + (4 << (VALUE_BITS + 2))
/** As many whole symbols as there are: their bits and, from `COUNT` on, how many coefficients they tell of. */
const RUNS: usize = SYMBOLS + (4 << (RUN_BITS + 1))
const COUNT: u64 = 6
const SIZE: u32 = 8
const IS_WHOLE: u32 = 1 << 15
const BLOCK: u64 = 64
/** The code for "no more" counts as so many coefficients, which tells it from all that a block could have. */
const END: u64 = 128
/** And this from both. */
const UNSURE: u64 = 256

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
function huffman(isAc: u32, id: u32): usize {
  return HUFFMAN + <usize>((isAc << 2) + id) * HUFFMAN_SIZE
}

/** So many bits, 16 at most, the last one first. */
function mirrored(value: u32, length: u32): u32 {
  let bits = value
  bits = ((bits >> 1) & 0x5555) | ((bits & 0x5555) << 1)
  bits = ((bits >> 2) & 0x3333) | ((bits & 0x3333) << 2)
  bits = ((bits >> 4) & 0x0f0f) | ((bits & 0x0f0f) << 4)
  bits = (bits >> 8) | ((bits & 0xff) << 8)
  return bits >> (16 - length)
}

/** The number that so many bits after a code stand for (ITU T.81, F.2.2.1). */
function extend(value: u32, length: u32): i32 {
  const number = <i32>mirrored(value, length)
  return length > 0 && number >> (length - 1) == 0 ? number - (1 << length) + 1 : number
}

/** False for a table that no baseline JPEG of 8 bits has. */
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

function readAcTable(id: u32): bool {
  const counts = huffman(1, id)
  const values = AC_VALUES + (<usize>id << (VALUE_BITS + 2))
  const symbols = SYMBOLS + (<usize>id << (RUN_BITS + 1))
  memory.fill(values, 0, 4 << VALUE_BITS)
  memory.fill(symbols, 0, 2 << RUN_BITS)
  let at = counts + 16
  for (let length: u32 = 1, code: u32 = 0; length <= 16; length++, code <<= 1) {
    for (let left = load<u8>(counts + length - 1); left > 0; left--, code++, at++) {
      const symbol = <u32>load<u8>(at)
      const size = symbol & 15
      if (size > 10 || (size == 0 && symbol != 0 && symbol != 0xf0)) return false
      const start = mirrored(code, length)
      const step = 1 << length
      if (length <= RUN_BITS) {
        const entry = <u16>(length | (symbol << 8))
        for (let i = start; i < 1 << RUN_BITS; i += step) store<u16>(symbols + (<usize>i << 1), entry)
      }
      const used = length + size
      if (used > VALUE_BITS) continue
      const entry = used | (coefficientsOf(symbol) << <u32>COUNT)
      for (let i = start; i < 1 << VALUE_BITS; i += step) {
        const value = extend((i >> length) & ((1 << size) - 1), size)
        store<u32>(values + (<usize>i << 2), entry | (<u32>value << 16))
      }
    }
  }
  chain(symbols, RUNS + (<usize>id << (RUN_BITS + 1)))
  return true
}

/** Zeros and the one behind them. */
@inline
function coefficientsOf(symbol: u32): u32 {
  return symbol == 0 ? <u32>END : (symbol >> 4) + 1
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

/** The length of the next code, and above 8 bits its symbol; 0 where there is none. */
@inline
function readAcCode(word: u64, id: u32): u32 {
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
function readValue(entry: u32, word: u64, id: u32): u32 {
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

/** An AC coefficient, as in `AC_VALUES`; 0 where there is none. */
function readSymbol(word: u64, id: u32): u32 {
  const code = readAcCode(word, id)
  if (code == 0) return 0
  const length = code & 255
  const size = (code >> 8) & 15
  const value = extend(<u32>(word >> length) & ((1 << size) - 1), size)
  return (length + size) | (coefficientsOf(code >> 8) << <u32>COUNT) | (<u32>value << 16)
}

@inline
function isTooLarge(level: i32): bool {
  return <u32>(level + LARGEST) > <u32>(2 * LARGEST)
}

/** What column or row 1, 3, 5 or 7 counts, in 2^-13 (jidctred.c). */
function weightOf(odd: u32): i32 {
  return odd == 1 ? 29692 : odd == 3 ? -10426 : odd == 5 ? 6967 : -5906
}

/** For each coefficient of a block: what it is multiplied by, to which of the sums it goes, and how much of it. */
function weigh(id: u32): void {
  const quantizer = QUANTIZERS + (<usize>id << 6)
  let weight = WEIGHTS + (<usize>id << 9)
  let row: u32 = 0
  let column: u32 = 0
  for (let i: usize = 0; i < 64; i++, weight += 8) {
    const isSeen = (row == 0 || (row & 1) == 1) && (column == 0 || (column & 1) == 1)
    const sum = column == 0 ? 16 : (column >> 1) << 2
    store<u16>(weight, load<u8>(quantizer + i))
    store<u16>(weight, <u16>(row == 0 ? sum : <u32>ODD + sum), 2)
    store<i32>(weight, !isSeen ? 0 : row == 0 ? 1 << 15 : weightOf(row), 4)
    // Zigzag: along the diagonals, up and down by turns.
    if (((row + column) & 1) == 0) {
      if (column == 7) row++
      else {
        column++
        if (row > 0) row--
      }
    } else if (row == 7) column++
    else {
      row++
      if (column > 0) column--
    }
  }
}

/** The inverse transform of a block's sums, down and then across. */
function storeQuarters(place: usize, row: usize): void {
  const first = v128.load(SUMS)
  const odd = v128.load(SUMS, ODD)
  const half = i32x4.splat(1 << 12)
  const upper = i32x4.shr_s(i32x4.add(i32x4.add(first, odd), half), 13)
  const lower = i32x4.shr_s(i32x4.add(i32x4.sub(first, odd), half), 13)
  const mean = load<i32>(SUMS, 16)
  const slope = load<i32>(SUMS, ODD + 16)
  storePair(place, (mean + slope + (1 << 12)) >> 13, upper)
  storePair(place + row, (mean - slope + (1 << 12)) >> 13, lower)
}

@inline
function storePair(place: usize, mean: i32, odd: v128): void {
  const products = i32x4.mul(odd, i32x4(weightOf(1), weightOf(3), weightOf(5), weightOf(7)))
  const slope =
    i32x4.extract_lane(products, 0) +
    i32x4.extract_lane(products, 1) +
    i32x4.extract_lane(products, 2) +
    i32x4.extract_lane(products, 3)
  store<u8>(place, limit(((mean << 15) + slope + (1 << 19)) >> 20))
  store<u8>(place, limit(((mean << 15) - slope + (1 << 19)) >> 20), 1)
}

/** A sample from 0 to 255, of what lies around 0; only the lowest ten bits count (jdmaster.c). */
@inline
function limit(value: i32): u8 {
  return clamp(((value << 22) >> 22) + 128)
}

@inline
function clamp(value: i32): u8 {
  return <u8>max(0, min(255, value))
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
