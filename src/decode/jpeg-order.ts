import type { RawPixels } from '../core/types.js'
import type { BaselineComponent, BaselineJpeg } from './baseline-jpeg.js'
import { mostSamples, sideOf, type Side } from './jpeg-sampling.js'
import type { JpegFrame } from './jpeg-markers.js'

/*
 * Where assembly/jpeg.ts looks for what it is to do; names and numbers are those of assembly/layout.ts.
 */
const UNITS_AND_SIZES = 0
const COMPONENTS = 40
const COMPONENT = 16
const HUFFMAN = 0x100
const HUFFMAN_SIZE = 16 + 256
const QUANTIZERS = 0xa00
const PLANES = 0xc40
const PLANE = 16
const PLANE_WIDTH = 8
const FILE = 0x40000 + 32

export type Size = Pick<RawPixels, 'width' | 'height'>

/** Bytes for each pixel: planes of luma and chroma, pixels, and what is made of them on the way. */
const EACH = 12
/** Rows of pixels around a picture, and what else is needed for each. */
const AROUND = 200

/**
 * Writes down for WebAssembly what it is to decode, and the file. The size of the picture that will come of it;
 * undefined where it can't be decoded there, or the memory is too small for all of that.
 */
export function writeOrder(
  memory: Uint8Array,
  file: Uint8Array,
  jpeg: BaselineJpeg,
  side: Side,
): Size | undefined {
  const { frame, components, tables, quantizers, interval, data } = jpeg
  const most = mostSamples(frame)
  const across = Math.ceil(frame.width / (most.across * 8))
  const units = across * Math.ceil(frame.height / (most.down * 8))
  // libvips leaves out what isn't a whole pixel.
  const width = Math.floor((frame.width * side) / 8)
  const height = Math.floor((frame.height * side) / 8)
  const restarts = interval === 0 ? 0 : Math.ceil(units / interval)
  if (FILE + file.length + restarts * 4 + (width + AROUND) * (height + AROUND) * EACH > memory.length)
    return undefined
  const planes = components.map((component, index) => planeOf(component, index, frame, side))
  if (width === 0 || height === 0 || !planes.every((plane) => plane !== undefined)) return undefined
  const numbers = [file.length, units, across, interval, width, height, data]
  const view = new DataView(memory.buffer, memory.byteOffset)
  numbers.forEach((number, index) => view.setUint32(UNITS_AND_SIZES + index * 4, number, true))
  components.forEach(({ across, down, dc, ac, quantizer }, index) => {
    const { side, times, isSmooth, width, height } = planes[index]!
    memory.set(
      [across, down, dc, ac, quantizer, side, times.across, times.down, isSmooth ? 1 : 0],
      COMPONENTS + index * COMPONENT,
    )
    view.setUint32(PLANES + index * PLANE + PLANE_WIDTH, width, true)
    view.setUint32(PLANES + index * PLANE + PLANE_WIDTH + 4, height, true)
  })
  for (const { isAc, id, codes } of tables) memory.set(codes, HUFFMAN + ((isAc ? 4 : 0) + id) * HUFFMAN_SIZE)
  for (const [id, numbers] of quantizers) memory.set(numbers, QUANTIZERS + id * 64)
  // The whole of it: between places of eight bytes V8 copies five times as fast.
  memory.set(file, FILE)
  return { width, height }
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
  component: BaselineComponent,
  index: number,
  frame: JpegFrame,
  finest: Side,
): Plane | undefined {
  const most = mostSamples(frame)
  const side = sideOf(component, frame, finest)
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
