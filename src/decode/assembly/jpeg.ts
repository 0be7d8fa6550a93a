/*
 * AssemblyScript, not TypeScript: `npm run assemble` makes WebAssembly of it, in ../jpeg-wasm.ts.
 *
 * Decodes a baseline JPEG (ITU T.81, F.2) at 1, 1/2, 1/4 or 1/8 of its size, to the very pixels of libjpeg; scales it to
 * those of libvips; and encodes it to the very file of libjpeg.
 *
 * Whatever is odd is left to them, with their warnings and errors: what is called from outside gives 0 then.
 */

import { placeCoefficients, readBlocks } from './blocks'
import { encode } from './encode'
import { FOR_ALL, FOR_MEANS, readTables } from './huffman'
import { Inverse } from './inverse'
import {
  AC_TABLE,
  ACROSS,
  BEFORE,
  BITS,
  BLOCKS_ACROSS,
  BLOCKS_DOWN,
  COMPONENT,
  COMPONENTS,
  DC_TABLE,
  FILE,
  HEIGHT,
  INTERVAL,
  LENGTH,
  PLAN_HEIGHT,
  PLAN_ORIENTATION,
  PLAN_WIDTH,
  PLANE,
  PLANE_ADDRESS,
  PLANE_STRIDE,
  PLANES,
  QUANTIZER,
  SIDE,
  UNITS,
  WIDTH,
} from './layout'
import { allocate, Memory, row16 } from './memory'
import { paint } from './planes'
import { mirror, Reader, skipToByte, startReading } from './reader'
import { MARGIN, scale } from './scale'
import { isOnItsSide, turn } from './turn'
import { makeZigzag } from './zigzag'

/** Decodes what lies at `FILE`. Where the pixels are then, three bytes each; 0 where that is left to others. */
export function decode(): usize {
  const units = load<u32>(UNITS)
  const interval = load<u32>(INTERVAL)
  const restarts = interval == 0 ? 0 : (units - 1) / interval
  Memory.free = FILE + load<u32>(LENGTH) + 32
  const marks = allocate(restarts << 2)
  makeZigzag()
  for (let i: usize = 0; i < 3; i++) {
    const component = COMPONENTS + i * COMPONENT
    const use = load<u8>(component + SIDE) == 1 ? FOR_MEANS : FOR_ALL
    if (!readTables(load<u8>(component + DC_TABLE), load<u8>(component + AC_TABLE), use)) return 0
    placeCoefficients(load<u8>(component + QUANTIZER))
    makePlane(i, units)
  }
  if (!mirror(marks, restarts)) return 0
  Inverse.odd = 0
  if (!readUnits(units, interval, marks) || Inverse.odd != 0) return 0
  const row = <usize>load<u32>(WIDTH) * 3
  const rows = <usize>load<u32>(HEIGHT)
  // Rows are put around it when it is scaled.
  const pixels = allocate((rows + 2 * MARGIN) * row + 64) + MARGIN * row
  paint(pixels)
  Made.end = pixels + rows * row
  return pixels
}

/** Decodes likewise, and scales as is planned; the pixels then. */
export function shrink(): usize {
  const pixels = decode()
  if (pixels == 0) return 0
  const made = scale(pixels)
  Made.end = made + <usize>load<u32>(PLAN_WIDTH) * load<u32>(PLAN_HEIGHT) * 3
  return made
}

/** Decodes likewise, scales, turns and encodes as is planned; where the file is then. */
export function remake(): usize {
  const pixels = shrink()
  if (pixels == 0) return 0
  const orientation = load<u8>(PLAN_ORIENTATION)
  const width = load<u32>(PLAN_WIDTH)
  const height = load<u32>(PLAN_HEIGHT)
  const turned = turn(pixels, width, height, orientation)
  const file = isOnItsSide(orientation) ? encode(turned, height, width) : encode(turned, width, height)
  Made.end = Memory.free
  return file
}

/** What was made last. */
class Made {
  static end: usize = 0
}

/** Where that ends. */
export function end(): usize {
  return Made.end
}

/** Where memory ends that was needed for it. */
export function used(): usize {
  return Memory.free
}

/** A plane for all of a component's samples, those beyond the picture among them. */
function makePlane(index: usize, units: u32): void {
  const component = COMPONENTS + index * COMPONENT
  const plane = PLANES + index * PLANE
  const across = <usize>load<u32>(ACROSS)
  const side = <usize>load<u8>(component + SIDE)
  const stride = row16(across * load<u8>(component + BLOCKS_ACROSS) * side)
  const rows = <usize>(units / load<u32>(ACROSS)) * load<u8>(component + BLOCKS_DOWN) * side
  store<u32>(plane + PLANE_STRIDE, stride)
  store<u32>(plane + PLANE_ADDRESS, allocate(stride * rows + 32))
}

/** All MCUs, from one restart marker to the next. */
function readUnits(units: u32, interval: u32, marks: usize): bool {
  const across = load<u32>(ACROSS)
  let left = interval
  let mark = marks
  startReading()
  memory.fill(BEFORE, 0, 12)
  for (let unit: u32 = 0; unit < units;) {
    // A row at a time: V8 replaces code by better code where it is called.
    const some = min(across - (unit % across), interval == 0 ? across : left)
    if (!readRow(unit, some)) return false
    unit += some
    left -= some
    if (interval == 0 || left > 0 || unit == units) continue
    if (!skipToByte() || Reader.next != BITS + load<u32>(mark)) return false
    memory.fill(BEFORE, 0, 12)
    mark += 4
    left = interval
  }
  return skipToByte() && Reader.next == Reader.end
}

/** MCUs of one row, from one of the whole picture on. Exported so that it stays a function of its own. */
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
    if (Reader.next > Reader.end + 8) return false
  }
  return true
}
