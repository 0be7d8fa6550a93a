/*
 * AssemblyScript, not TypeScript: `npm run assemble` compiles it to WebAssembly, in ../workers/wasm.generated.ts.
 *
 * Decodes a baseline or progressive JPEG (ITU T.81, F.2 and G.2) at 1, 1/2, 1/4 or 1/8 of its size, bit-exact with libjpeg;
 * resizes it, bit-exact with libvips; and encodes it to the same bytes as libjpeg. Resizes the rows of a PNG in the same way.
 *
 * For a damaged or unusual file the exported functions return 0. The caller then uses sharp, with its warnings and errors.
 */

import { buildDequantTable } from './transform/dequantize'
import { encodeBaseline } from './encoder'
import { buildTables, USE_ALL, USE_DC_ONLY } from './huffman-tables'
import { Damage } from './transform/range'
import {
  AC_TABLE,
  BLOCK_SIZE,
  COMPONENT_COUNT,
  COMPONENT_SIZE,
  COMPONENTS,
  DATA_OFFSET,
  DC_TABLE,
  FILE,
  FILE_LENGTH,
  H_SAMPLING,
  MCU_COUNT,
  MCUS_PER_ROW,
  OUTPUT_HEIGHT,
  OUTPUT_WIDTH,
  PLANE_ADDRESS,
  PLANE_SIZE,
  PLANE_STRIDE,
  PLANES,
  RESTART_INTERVAL,
  SCANS,
  TARGET_HEIGHT,
  TARGET_ORIENTATION,
  TARGET_WIDTH,
  V_SAMPLING,
} from './memory-layout'
import { align16, allocate, Memory } from './allocator'
import { upsampleAndConvert } from './upsample-color'
import { decodeProgressive } from './decode-progressive'
import { MARGIN, resample } from './resample'
import { resizeRows } from './scale-rows'
import { orient, swapsAxes } from './orient'
import { decodeMcus } from './mcu'
import { buildZigzag } from './transform/zigzag'

/** Decodes the requested file. Returns the address of its RGB or grey pixels, or 0. */
export function decode(): usize {
  Memory.free = FILE + load<u32>(FILE_LENGTH) + 32
  buildZigzag()
  for (let i: usize = 0; i < <usize>load<u32>(COMPONENT_COUNT); i++) {
    buildDequantTable(COMPONENTS + i * COMPONENT_SIZE)
    allocatePlane(i, load<u32>(MCU_COUNT))
  }
  Damage.found = 0
  const isRead = load<u32>(SCANS) == 0 ? decodeBaseline() : decodeProgressive()
  if (!isRead || Damage.found != 0) return 0
  const pixels = allocatePixels()
  upsampleAndConvert(pixels)
  Output.end = pixels + pixelBytes()
  return pixels
}

/** Allocates the decoded pixels, with a margin of rows above and below for resizing. */
function allocatePixels(): usize {
  const row = <usize>load<u32>(OUTPUT_WIDTH) * load<u32>(COMPONENT_COUNT)
  return allocate(pixelBytes() + 2 * MARGIN * row + 64) + MARGIN * row
}

function pixelBytes(): usize {
  return <usize>load<u32>(OUTPUT_WIDTH) * load<u32>(COMPONENT_COUNT) * load<u32>(OUTPUT_HEIGHT)
}

/** Decodes and resizes. Returns the address of the RGB pixels, three equal values for grey, or 0. */
export function decodeScaled(): usize {
  const pixels = decode()
  return pixels == 0 ? 0 : resamplePixels(pixels)
}

function resamplePixels(pixels: usize): usize {
  const resampled = resample(pixels)
  Output.end = resampled + <usize>load<u32>(TARGET_WIDTH) * load<u32>(TARGET_HEIGHT) * 3
  return resampled
}

/** Decodes, resizes, orients and encodes. Returns the address of the JPEG, or 0. */
export function transcode(): usize {
  const pixels = decodeScaled()
  return pixels == 0 ? 0 : orientAndEncode(pixels)
}

/** Resizes, orients and encodes the RGB pixels at `FILE`. Returns the address of the JPEG. */
export function encode(): usize {
  Memory.free = FILE + load<u32>(FILE_LENGTH) + 32
  buildZigzag()
  const pixels = allocatePixels()
  memory.copy(pixels, FILE, pixelBytes())
  return orientAndEncode(resamplePixels(pixels))
}

/** Resizes the unpacked rows of a PNG. Returns the address of the RGB or RGBA pixels, or 0. */
export function scaleRows(): usize {
  const pixels = resizeRows()
  Output.end = pixels + <usize>load<u32>(TARGET_WIDTH) * load<u32>(TARGET_HEIGHT) * load<u32>(COMPONENT_COUNT)
  return pixels
}

function orientAndEncode(pixels: usize): usize {
  const orientation = load<u8>(TARGET_ORIENTATION)
  const width = load<u32>(TARGET_WIDTH)
  const height = load<u32>(TARGET_HEIGHT)
  const oriented = orient(pixels, width, height, orientation)
  const file = swapsAxes(orientation) ? encodeBaseline(oriented, height, width) : encodeBaseline(oriented, width, height)
  Output.end = Memory.free
  return file
}

class Output {
  static end: usize = 0
}

/** Returns the end address of the last output. */
export function outputEnd(): usize {
  return Output.end
}

/** Returns the end address of all memory used by the last call. */
export function memoryEnd(): usize {
  return Memory.free
}

/** Fills all planes from the scan of a baseline file. Returns false if it is damaged. */
function decodeBaseline(): bool {
  for (let i: usize = 0; i < <usize>load<u32>(COMPONENT_COUNT); i++) {
    const component = COMPONENTS + i * COMPONENT_SIZE
    const use = load<u8>(component + BLOCK_SIZE) == 1 ? USE_DC_ONLY : USE_ALL
    if (!buildTables(load<u8>(component + DC_TABLE), load<u8>(component + AC_TABLE), use)) return false
  }
  const data = FILE + load<u32>(DATA_OFFSET)
  return decodeMcus(data, load<u32>(MCU_COUNT), load<u32>(MCUS_PER_ROW), load<u32>(RESTART_INTERVAL), 0)
}

/** Allocates the plane of a component's samples, padding of partial MCUs included. */
function allocatePlane(index: usize, mcus: u32): void {
  const component = COMPONENTS + index * COMPONENT_SIZE
  const plane = PLANES + index * PLANE_SIZE
  const mcusPerRow = <usize>load<u32>(MCUS_PER_ROW)
  const blockSize = <usize>load<u8>(component + BLOCK_SIZE)
  const stride = align16(mcusPerRow * load<u8>(component + H_SAMPLING) * blockSize)
  const rows = <usize>(mcus / load<u32>(MCUS_PER_ROW)) * load<u8>(component + V_SAMPLING) * blockSize
  store<u32>(plane + PLANE_STRIDE, stride)
  store<u32>(plane + PLANE_ADDRESS, allocate(stride * rows + 32))
}
