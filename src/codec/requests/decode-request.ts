import type { RawPixels, Size } from '../../picture.js'
import type { BaselineJpeg } from '../parser/baseline.js'
import { blockSizeOf, countMcus, type BlockSize } from '../parser/subsampling.js'
import type { JpegComponent, JpegFrame } from '../parser/markers.js'
import { writeScans } from './scan-request.js'
import type { ProgressiveJpeg } from '../parser/progressive-scans.js'
import {
  BLOCK_SIZE,
  COMPONENT_COUNT,
  COMPONENT_SIZE,
  COMPONENTS,
  DATA_OFFSET,
  DC_TABLE,
  FANCY_UPSAMPLING,
  FILE,
  FILE_LENGTH,
  H_EXPAND,
  H_SAMPLING,
  HUFFMAN_TABLE_SIZE,
  HUFFMAN_TABLES,
  MCU_COUNT,
  MCUS_PER_ROW,
  OUTPUT_HEIGHT,
  OUTPUT_WIDTH,
  PLANE_HEIGHT,
  PLANE_SIZE,
  PLANE_WIDTH,
  PLANES,
  QUANT_TABLE,
  QUANT_TABLES,
  RESTART_INTERVAL,
  SCANS,
  V_EXPAND,
  V_SAMPLING,
} from './memory-layout.generated.js'

/** Working memory for each output pixel in bytes: planes, pixels, and copies of them between stages. */
const BYTES_PER_PIXEL = 12
/** Rows and columns of padding and margin that the working memory allows for. */
const PADDING = 200

/**
 * Writes the file and the request to decode it into WebAssembly memory. Returns the output size; undefined if the file's
 * upsampling is not supported, or the memory is too small.
 */
export function writeDecodeRequest(
  memory: Uint8Array,
  file: Uint8Array,
  jpeg: BaselineJpeg | ProgressiveJpeg,
  blockSize: BlockSize,
): Size | undefined {
  // libvips drops partial pixels at the right and bottom edges.
  const width = Math.floor((jpeg.frame.width * blockSize) / 8)
  const height = Math.floor((jpeg.frame.height * blockSize) / 8)
  const size = { width, height }
  if (width === 0 || height === 0 || !writeOutput(memory, jpeg, blockSize, size)) return undefined
  const reserve = workingMemory(size)
  const isWritten =
    'parts' in jpeg
      ? writeScans(memory, file, jpeg, { blockSize, reserve })
      : writeBaseline(memory, file, jpeg, reserve)
  return isWritten ? size : undefined
}

/** Writes pixels to encode into WebAssembly memory; returns false if it is too small. */
export function writePixels(memory: Uint8Array, { width, height, bytes }: RawPixels): boolean {
  if (FILE + bytes.length + workingMemory({ width, height }) > memory.length) return false
  const view = new DataView(memory.buffer, memory.byteOffset)
  view.setUint32(FILE_LENGTH, bytes.length, true)
  view.setUint32(COMPONENT_COUNT, 3, true)
  view.setUint32(OUTPUT_WIDTH, width, true)
  view.setUint32(OUTPUT_HEIGHT, height, true)
  memory.set(bytes, FILE)
  return true
}

/** Returns the bytes that decoding, resizing and encoding take besides the file. */
function workingMemory({ width, height }: Size): number {
  return (width + PADDING) * (height + PADDING) * BYTES_PER_PIXEL
}

/** Writes the part of the request that both kinds of file share; returns false if the upsampling is not supported. */
function writeOutput(
  memory: Uint8Array,
  jpeg: BaselineJpeg | ProgressiveJpeg,
  blockSize: BlockSize,
  { width, height }: Size,
): boolean {
  const { frame } = jpeg
  const planes = frame.components.map((component, index) => planPlane(component, index, frame, blockSize))
  if (!planes.every((plane) => plane !== undefined)) return false
  const mcus = countMcus(frame)
  const view = new DataView(memory.buffer, memory.byteOffset)
  view.setUint32(MCU_COUNT, mcus.count, true)
  view.setUint32(MCUS_PER_ROW, mcus.perRow, true)
  view.setUint32(OUTPUT_WIDTH, width, true)
  view.setUint32(OUTPUT_HEIGHT, height, true)
  view.setUint32(SCANS, 0, true)
  view.setUint32(COMPONENT_COUNT, frame.components.length, true)
  for (const [index, { hSampling, vSampling, quantTable }] of frame.components.entries()) {
    const { blockSize, hExpand, vExpand, isFancy, width, height } = planes[index]!
    const component = COMPONENTS + index * COMPONENT_SIZE
    memory[component + H_SAMPLING] = hSampling
    memory[component + V_SAMPLING] = vSampling
    memory[component + QUANT_TABLE] = quantTable
    memory[component + BLOCK_SIZE] = blockSize
    memory[component + H_EXPAND] = hExpand
    memory[component + V_EXPAND] = vExpand
    memory[component + FANCY_UPSAMPLING] = isFancy ? 1 : 0
    view.setUint32(PLANES + index * PLANE_SIZE + PLANE_WIDTH, width, true)
    view.setUint32(PLANES + index * PLANE_SIZE + PLANE_HEIGHT, height, true)
  }
  const quantTables = 'parts' in jpeg ? jpeg.headers.quantTables : jpeg.quantTables
  for (const [id, table] of quantTables) memory.set(table, QUANT_TABLES + id * 64)
  return true
}

/** Writes the scan of a baseline file; returns false if the memory is too small. */
function writeBaseline(
  memory: Uint8Array,
  file: Uint8Array,
  { frame, components, huffmanTables, restartInterval, dataOffset }: BaselineJpeg,
  reserve: number,
): boolean {
  const restarts = restartInterval === 0 ? 0 : Math.ceil(countMcus(frame).count / restartInterval)
  if (FILE + file.length + restarts * 4 + reserve > memory.length) return false
  const view = new DataView(memory.buffer, memory.byteOffset)
  view.setUint32(FILE_LENGTH, file.length, true)
  view.setUint32(RESTART_INTERVAL, restartInterval, true)
  view.setUint32(DATA_OFFSET, dataOffset, true)
  for (const [index, { dc, ac }] of components.entries())
    memory.set([dc, ac], COMPONENTS + index * COMPONENT_SIZE + DC_TABLE)
  for (const { isAc, id, codes } of huffmanTables)
    memory.set(codes, HUFFMAN_TABLES + ((isAc ? 4 : 0) + id) * HUFFMAN_TABLE_SIZE)
  // The whole file, headers included: V8 copies five times as fast between addresses that are multiples of eight.
  memory.set(file, FILE)
  return true
}

/** Samples of a component. */
interface Plane extends Size {
  /** Side of a decoded block in samples. */
  readonly blockSize: number
  /** Pixels for each sample across and down. */
  readonly hExpand: number
  readonly vExpand: number
  /** True if upsampling interpolates (libjpeg's fancy upsampling). */
  readonly isFancy: boolean
}

/** Returns undefined if libjpeg upsamples the component in a way that is not supported (jdsample.c). */
function planPlane(
  component: JpegComponent,
  index: number,
  frame: JpegFrame,
  finest: BlockSize,
): Plane | undefined {
  const { hSampling, vSampling } = component
  const { maxHSampling, maxVSampling } = frame
  const blockSize = blockSizeOf(component, frame, finest)
  const hExpand = (maxHSampling * finest) / (hSampling * blockSize)
  const vExpand = (maxVSampling * finest) / (vSampling * blockSize)
  if (!Number.isInteger(hExpand) || !Number.isInteger(vExpand)) return undefined
  const width = Math.ceil((frame.width * hSampling * blockSize) / (maxHSampling * 8))
  const height = Math.ceil((frame.height * vSampling * blockSize) / (maxVSampling * 8))
  const plane = { blockSize, hExpand, vExpand, width, height }
  if (hExpand === 1 && vExpand === 1) return { ...plane, isFancy: false }
  // Luma coarser than chroma, or chroma other than 4:2:2 and 4:2:0.
  if (index === 0 || (finest > 1 && (hExpand !== 2 || vExpand > 2))) return undefined
  return { ...plane, isFancy: finest > 1 && width > 2 }
}
