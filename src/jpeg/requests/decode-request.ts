import type { RawPixels } from '../../picture.js'
import type { BaselineJpeg } from '../parser/baseline.js'
import { blockSizeOf, type BlockSize } from '../parser/subsampling.js'
import type { JpegComponent, JpegFrame } from '../parser/markers.js'
import { writeScans } from './scan-request.js'
import type { ScannedJpeg } from '../parser/progressive-scans.js'
import {
  COMPONENT,
  COMPONENTS,
  DC_TABLE,
  FILE,
  HEIGHT,
  HUFFMAN,
  HUFFMAN_SIZE,
  INTERVAL,
  LENGTH,
  PLANE,
  PLANE_WIDTH,
  PLANES,
  QUANTIZERS,
  START,
  UNITS,
  WIDTH,
} from './memory-layout.generated.js'

/** A file in luma and two chromas. */
export type PlainJpeg = BaselineJpeg | ScannedJpeg

export type Size = Pick<RawPixels, 'width' | 'height'>

/** Bytes for each pixel: planes of luma and chroma, pixels, and what is made of them on the way. */
const EACH = 12
/** Rows of pixels around a picture, and what else is needed for each. */
const AROUND = 200

/**
 * Writes down for WebAssembly what it is to decode, and the file. The size of the picture that will come of it;
 * undefined where it can't be decoded there, or the memory is too small for all of that.
 */
export function writeDecodeRequest(
  memory: Uint8Array,
  file: Uint8Array,
  jpeg: PlainJpeg,
  side: BlockSize,
): Size | undefined {
  const { width: fullWidth, height: fullHeight } = jpeg.frame
  // libvips leaves out what isn't a whole pixel.
  const width = Math.floor((fullWidth * side) / 8)
  const height = Math.floor((fullHeight * side) / 8)
  if (width === 0 || height === 0 || !writePicture(memory, jpeg, side, { width, height })) return undefined
  const reserve = reserveFor({ width, height })
  const isWritten =
    'parts' in jpeg
      ? writeScans(memory, file, jpeg, { side, reserve })
      : writeBaseline(memory, file, jpeg, reserve)
  return isWritten ? { width, height } : undefined
}

/** Writes down pixels, of which something is to be made; false where the memory is too small for them. */
export function writePixels(memory: Uint8Array, { width, height, bytes }: RawPixels): boolean {
  if (FILE + bytes.length + reserveFor({ width, height }) > memory.length) return false
  const view = new DataView(memory.buffer, memory.byteOffset)
  view.setUint32(LENGTH, bytes.length, true)
  view.setUint32(WIDTH, width, true)
  view.setUint32(HEIGHT, height, true)
  memory.set(bytes, FILE)
  return true
}

/** Bytes that are needed for a picture while it is made. */
function reserveFor({ width, height }: Size): number {
  return (width + AROUND) * (height + AROUND) * EACH
}

/** What is to be made of either kind; false where libjpeg goes from samples to pixels in a way that isn't known here. */
function writePicture(
  memory: Uint8Array,
  jpeg: PlainJpeg,
  side: BlockSize,
  { width, height }: Size,
): boolean {
  const { frame } = jpeg
  const planes = frame.components.map((component, index) => planeOf(component, index, frame, side))
  if (!planes.every((plane) => plane !== undefined)) return false
  const { across, units } = countUnits(frame)
  const view = new DataView(memory.buffer, memory.byteOffset)
  const numbers = [units, across, 0, width, height, 0, 0, 0, 0]
  for (const [index, number] of numbers.entries()) view.setUint32(UNITS + index * 4, number, true)
  for (const [index, { across, down, quantizer }] of frame.components.entries()) {
    const { side, times, isSmooth, width, height } = planes[index]!
    memory.set(
      [across, down, 0, 0, quantizer, side, times.across, times.down, isSmooth ? 1 : 0],
      COMPONENTS + index * COMPONENT,
    )
    view.setUint32(PLANES + index * PLANE + PLANE_WIDTH, width, true)
    view.setUint32(PLANES + index * PLANE + PLANE_WIDTH + 4, height, true)
  }
  const quantizers = 'parts' in jpeg ? jpeg.head.quantizers : jpeg.quantizers
  for (const [id, numbers] of quantizers) memory.set(numbers, QUANTIZERS + id * 64)
  return true
}

/** MCUs of a scan of all components: in a row, and in all. */
function countUnits(frame: JpegFrame): { readonly across: number; readonly units: number } {
  const { most } = frame
  const across = Math.ceil(frame.width / (most.across * 8))
  return { across, units: across * Math.ceil(frame.height / (most.down * 8)) }
}

/** The one scan of a baseline file, and its data; false where the memory is too small for that. */
function writeBaseline(
  memory: Uint8Array,
  file: Uint8Array,
  { frame, components, tables, interval, data }: BaselineJpeg,
  reserve: number,
): boolean {
  const restarts = interval === 0 ? 0 : Math.ceil(countUnits(frame).units / interval)
  if (FILE + file.length + restarts * 4 + reserve > memory.length) return false
  const view = new DataView(memory.buffer, memory.byteOffset)
  view.setUint32(LENGTH, file.length, true)
  view.setUint32(INTERVAL, interval, true)
  view.setUint32(START, data, true)
  for (const [index, { dc, ac }] of components.entries())
    memory.set([dc, ac], COMPONENTS + index * COMPONENT + DC_TABLE)
  for (const { isAc, id, codes } of tables) memory.set(codes, HUFFMAN + ((isAc ? 4 : 0) + id) * HUFFMAN_SIZE)
  // The whole of it: between places of eight bytes V8 copies five times as fast.
  memory.set(file, FILE)
  return true
}

/** A component's samples. */
interface Plane extends Size {
  /** Of a block, across and down. */
  readonly side: number
  /** Pixels for each. */
  readonly times: { readonly across: number; readonly down: number }
  /** Whether pixels between two samples are between them in colour, too. */
  readonly isSmooth: boolean
}

/** Undefined where libjpeg goes from samples to pixels in a way that isn't known here (jdsample.c). */
function planeOf(
  component: JpegComponent,
  index: number,
  frame: JpegFrame,
  finest: BlockSize,
): Plane | undefined {
  const { most } = frame
  const side = blockSizeOf(component, frame, finest)
  const times = {
    across: (most.across * finest) / (component.across * side),
    down: (most.down * finest) / (component.down * side),
  }
  if (!Number.isInteger(times.across) || !Number.isInteger(times.down)) return undefined
  const width = Math.ceil((frame.width * component.across * side) / (most.across * 8))
  const height = Math.ceil((frame.height * component.down * side) / (most.down * 8))
  if (times.across === 1 && times.down === 1) return { side, times, isSmooth: false, width, height }
  // Luma that is coarser than chroma, and what isn't 4:2:2 or 4:2:0.
  if (index === 0 || (finest > 1 && (times.across !== 2 || times.down > 2))) return undefined
  return { side, times, isSmooth: finest > 1 && width > 2, width, height }
}
