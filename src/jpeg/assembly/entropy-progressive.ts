/*
 * Reads what a scan of a progressive file tells of coefficients (ITU T.81, annex G): those of DC of some components, or a
 * band of one component's others; their upper bits, or one bit more of each.
 */

import { coefficientsOf, knownOf, levelOf, meanOf, setLevel } from './coefficients'
import { FOR_SCAN, huffman, mirrored, readAcCode, readSymbol, readTable, readValue, isEnd } from './huffman-tables'
import {
  AC_VALUES,
  BEFORE,
  BLOCKS_ACROSS,
  BLOCKS_DOWN,
  COMPONENT,
  COMPONENTS,
  COUNT,
  DC_BITS,
  DC_MASK,
  DC_VALUES,
  END,
  HUFFMAN_SIZE,
  IS_WHOLE,
  SCAN_COMPONENTS,
  SCAN_FIRST,
  SCAN_HIGH,
  SCAN_LAST,
  SCAN_LOW,
  SCAN_TABLES,
  SCAN_WIDTH,
  VALUE_MASK,
} from './memory-layout'
import { drop, Reader, refill } from './bit-reader'

/** For so many blocks more there is nothing new. */
export class Run {
  static left: u32 = 0
}

/** Makes the tables of a scan; false for one that no such scan has. */
export function readScanTables(scan: usize): bool {
  // A bit more of DC has no codes.
  const isAc: u32 = load<u8>(scan + SCAN_FIRST) == 0 ? 0 : 1
  if (isAc == 0 && load<u8>(scan + SCAN_HIGH) != 0) return true
  for (let i: u32 = 0; i < <u32>load<u8>(scan + SCAN_WIDTH); i++) {
    memory.copy(huffman(isAc, i), load<u32>(scan + SCAN_TABLES + (<usize>i << 2)), HUFFMAN_SIZE)
    if (!readTable(isAc, i, FOR_SCAN)) return false
  }
  return true
}

/** MCUs of one row, from one of the whole scan on. */
export function readScanRow(scan: usize, first: u32, count: u32, across: u32): bool {
  const row = <usize>(first / across)
  const column = <usize>(first % across)
  if (load<u8>(scan + SCAN_FIRST) == 0) return readMeans(scan, row, column, count)
  const component = <usize>load<u8>(scan + SCAN_COMPONENTS)
  return load<u8>(scan + SCAN_HIGH) == 0
    ? readBand(scan, component, row, column, count)
    : refineBand(scan, component, row, column, count)
}

/** DC coefficients. Exported, as others are below, so that it stays a function of its own. */
export function readMeans(scan: usize, row: usize, column: usize, count: u32): bool {
  const isRefining = load<u8>(scan + SCAN_HIGH) != 0
  const low = <u32>load<u8>(scan + SCAN_LOW)
  const width = <usize>load<u8>(scan + SCAN_WIDTH)
  for (let unit: u32 = 0; unit < count; unit++, column++) {
    for (let i: usize = 0; i < width; i++) {
      const index = <usize>load<u8>(scan + SCAN_COMPONENTS + i)
      const component = COMPONENTS + index * COMPONENT
      // Of a single component an MCU is a block.
      const across = <usize>(width == 1 ? 1 : load<u8>(component + BLOCKS_ACROSS))
      const down = <usize>(width == 1 ? 1 : load<u8>(component + BLOCKS_DOWN))
      for (let block: usize = 0; block < across * down; block++) {
        const mean = meanOf(index, row * down + block / across, column * across + (block % across))
        refill()
        if (isRefining) refineMean(mean, low)
        else if (!readMean(mean, i, low)) return false
      }
    }
  }
  return true
}

@inline
function refineMean(mean: usize, low: u32): void {
  store<i16>(mean, load<i16>(mean) | <i16>(<u32>(Reader.bits & 1) << low))
  drop(1)
}

/** The difference to the one before, by a component's table. */
@inline
function readMean(mean: usize, id: usize, low: u32): bool {
  const word = Reader.bits
  let value = load<u32>(DC_VALUES + (id << (DC_BITS + 2)) + (<usize>(word & DC_MASK) << 2))
  if ((value & IS_WHOLE) == 0) {
    value = readValue(value, word, <u32>id)
    if (value == 0) return false
  }
  drop(value & 63)
  const before = load<i32>(BEFORE + (id << 2)) + (<i32>value >> 16)
  store<i32>(BEFORE + (id << 2), before)
  const level = before << low
  store<i16>(mean, <i16>level)
  return <i32>(<i16>level) == level
}

/** How many blocks more there is nothing new for, by so many bits. */
@inline
function readRun(bits: u32): u32 {
  const more = <u32>Reader.bits & ((1 << bits) - 1)
  drop(bits)
  return (1 << bits) - 1 + mirrored(more, bits)
}

/** Upper bits of a band. */
export function readBand(scan: usize, component: usize, row: usize, column: usize, count: u32): bool {
  const first = <u32>load<u8>(scan + SCAN_FIRST)
  const after = <u32>load<u8>(scan + SCAN_LAST) + 1
  const low = <i32>load<u8>(scan + SCAN_LOW)
  for (let unit: u32 = 0; unit < count; unit++) {
    if (Run.left > 0) {
      const some = min(Run.left, count - unit)
      Run.left -= some
      unit += some - 1
      continue
    }
    let coefficients: usize = 0
    for (let place = first; place < after; ) {
      refill()
      const word = Reader.bits
      let entry = load<u32>(AC_VALUES + (<usize>(word & VALUE_MASK) << 2))
      if (entry == 0) {
        entry = readSymbol(word, 0)
        if (entry == 0) return false
      }
      drop(entry & 63)
      const passed = (entry & 0xffff) >> <u32>COUNT
      if (passed == <u32>END) {
        Run.left = readRun(entry >> 16)
        break
      }
      place += passed
      if (place > after) return false
      const value = <i32>entry >> 16
      if (value == 0) continue
      if (coefficients == 0) {
        coefficients = coefficientsOf(component, row, column + unit)
        if (coefficients == 0) return false
      }
      setLevel(coefficients, component, place - 1, value << low)
    }
  }
  return true
}

/** One bit more of a band (ITU T.81, G.1.2.3). */
export function refineBand(scan: usize, component: usize, row: usize, column: usize, count: u32): bool {
  const first = <u64>load<u8>(scan + SCAN_FIRST)
  const last = <u64>load<u8>(scan + SCAN_LAST)
  const bit = <i32>1 << load<u8>(scan + SCAN_LOW)
  const band = (<u64>-1 << first) & (<u64>-1 >> (63 - last))
  for (let unit: u32 = 0; unit < count; unit++) {
    let coefficients = knownOf(component, row, column + unit)
    const known = coefficients == 0 ? 0 : load<u64>(coefficients)
    // What of the band lies ahead.
    let left = band
    while (Run.left == 0 && left != 0) {
      refill()
      const code = readAcCode(Reader.bits, 0)
      if (code == 0) return false
      drop(code & 255)
      const symbol = code >> 8
      if (isEnd(symbol)) {
        Run.left = readRun(symbol >> 4) + 1
        break
      }
      if ((symbol & 15) > 1) return false
      const value = (Reader.bits & 1) != 0 ? bit : -bit
      drop(symbol & 15)
      // Behind so many that aren't known to be anything.
      let zeros = ~known & left
      for (let i = symbol >> 4; i > 0; i--) zeros &= zeros - 1
      if (zeros == 0) return false
      const place = <u32>ctz(zeros)
      const behind = (<u64>-1 << place) << 1
      correct(coefficients, component, known & left & ~behind, bit)
      left &= behind
      if ((symbol & 15) == 0) continue
      if (coefficients == 0) {
        coefficients = coefficientsOf(component, row, column + unit)
        if (coefficients == 0) return false
      }
      setLevel(coefficients, component, place, value)
    }
    if (Run.left == 0) continue
    correct(coefficients, component, known & left, bit)
    Run.left--
  }
  return true
}

/** A bit more of each of those that are something. */
@inline
function correct(coefficients: usize, component: usize, places: u64, bit: i32): void {
  for (let left = places, i = 0; left != 0; left &= left - 1, i++) {
    if ((i & 31) == 0) refill()
    const level = levelOf(coefficients, component, <u32>ctz(left))
    const value = <i32>load<i16>(level)
    if ((Reader.bits & 1) != 0 && (value & bit) == 0) store<i16>(level, <i16>(value + (value < 0 ? -bit : bit)))
    drop(1)
  }
}
