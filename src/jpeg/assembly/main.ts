/*
 * AssemblyScript, not TypeScript: `npm run assemble` makes WebAssembly of it, in ../workers/wasm.generated.ts.
 *
 * Decodes a baseline or progressive JPEG (ITU T.81, F.2 and G.2) at 1, 1/2, 1/4 or 1/8 of its size, to the very pixels of
 * libjpeg; scales it to those of libvips; and encodes it to the very file of libjpeg.
 *
 * Whatever is odd is left to them, with their warnings and errors: what is called from outside gives 0 then.
 */

import { placeCoefficients } from './entropy-baseline'
import { encode } from './encoder'
import { FOR_ALL, FOR_MEANS, readTables } from './huffman-tables'
import { Inverse } from './idct'
import {
  AC_TABLE,
  ACROSS,
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
  SCANS,
  SIDE,
  START,
  UNITS,
  WIDTH,
} from './memory-layout'
import { allocate, Memory, row16 } from './allocator'
import { paint } from './upsample-color'
import { readProgressive } from './decode-progressive'
import { MARGIN, scale } from './resample'
import { isOnItsSide, turn } from './orient'
import { readUnits } from './mcu'
import { makeZigzag } from './zigzag'

/** Decodes what lies at `FILE`. Where the pixels are then, three bytes each; 0 where that is left to others. */
export function decode(): usize {
  Memory.free = FILE + load<u32>(LENGTH) + 32
  makeZigzag()
  for (let i: usize = 0; i < 3; i++) {
    placeCoefficients(load<u8>(COMPONENTS + i * COMPONENT + QUANTIZER))
    makePlane(i, load<u32>(UNITS))
  }
  Inverse.odd = 0
  const isRead = load<u32>(SCANS) == 0 ? readBaseline() : readProgressive()
  if (!isRead || Inverse.odd != 0) return 0
  const pixels = makePixels()
  paint(pixels)
  Made.end = pixels + bytesOfPixels()
  return pixels
}

/** Room for the picture's pixels, and for rows that are put around it when it is scaled. */
function makePixels(): usize {
  const row = <usize>load<u32>(WIDTH) * 3
  return allocate(bytesOfPixels() + 2 * MARGIN * row + 64) + MARGIN * row
}

function bytesOfPixels(): usize {
  return <usize>load<u32>(WIDTH) * 3 * load<u32>(HEIGHT)
}

/** Decodes likewise, and scales as is planned; the pixels then. */
export function shrink(): usize {
  const pixels = decode()
  return pixels == 0 ? 0 : shrinkPixels(pixels)
}

function shrinkPixels(pixels: usize): usize {
  const made = scale(pixels)
  Made.end = made + <usize>load<u32>(PLAN_WIDTH) * load<u32>(PLAN_HEIGHT) * 3
  return made
}

/** Decodes likewise, scales, turns and encodes as is planned; where the file is then. */
export function remake(): usize {
  const pixels = shrink()
  return pixels == 0 ? 0 : encodePixels(pixels)
}

/** Scales, turns and encodes pixels that lie at `FILE`, three bytes each. */
export function make(): usize {
  Memory.free = FILE + load<u32>(LENGTH) + 32
  makeZigzag()
  const pixels = makePixels()
  memory.copy(pixels, FILE, bytesOfPixels())
  return encodePixels(shrinkPixels(pixels))
}

function encodePixels(pixels: usize): usize {
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

/** Fills all planes from the one scan of a baseline file; false where that is left to others. */
function readBaseline(): bool {
  for (let i: usize = 0; i < 3; i++) {
    const component = COMPONENTS + i * COMPONENT
    const use = load<u8>(component + SIDE) == 1 ? FOR_MEANS : FOR_ALL
    if (!readTables(load<u8>(component + DC_TABLE), load<u8>(component + AC_TABLE), use)) return false
  }
  const data = FILE + load<u32>(START)
  return readUnits(data, load<u32>(UNITS), load<u32>(ACROSS), load<u32>(INTERVAL), 0)
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
