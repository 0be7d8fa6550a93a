import type { BaselineJpeg } from './baseline-jpeg.js'
import { mostSamples } from './jpeg-eighth.js'

/*
 * Where assembly/eighth.ts looks for what it is to do; names and numbers are the same there.
 */
const UNITS_AND_SIZES = 0
const COMPONENTS = 40
const COMPONENT = 8
const PLACES = 0x80
const HUFFMAN = 0x100
const HUFFMAN_SIZE = 16 + 256
const QUANTIZERS = 0xa00
const FILE = 0x20000 + 32

const CHANNELS = 3
/** Samples of a component of an MCU. */
const SAMPLES = 16

/** What comes of an order. */
export interface Ordered {
  readonly width: number
  readonly height: number
}

/**
 * Writes down for WebAssembly what it is to decode, and the file. The size of the picture that will come of it;
 * undefined where the memory is too small for all of that.
 */
export function writeOrder(memory: Uint8Array, file: Uint8Array, jpeg: BaselineJpeg): Ordered | undefined {
  const { frame, components, tables, quantizers, interval, data } = jpeg
  const most = mostSamples(frame)
  const across = Math.ceil(frame.width / (most.across * 8))
  const units = across * Math.ceil(frame.height / (most.down * 8))
  // libvips leaves out what isn't a whole pixel.
  const width = Math.floor(frame.width / 8)
  const height = Math.floor(frame.height / 8)
  const restarts = interval === 0 ? 0 : Math.ceil(units / interval)
  // What lies between them, and what may be read behind them, is less than the last number.
  if (FILE + file.length + restarts * 4 + width * height * CHANNELS + 8192 > memory.length) return undefined
  if (width === 0 || height === 0) return undefined
  const numbers = [file.length, units, across, interval, width, height, most.across, most.down, data]
  const view = new DataView(memory.buffer, memory.byteOffset)
  numbers.forEach((number, index) => view.setUint32(UNITS_AND_SIZES + index * 4, number, true))
  components.forEach(({ across, down, dc, ac, quantizer, side }, index) =>
    memory.set([across, down, dc, ac, quantizer, side], COMPONENTS + index * COMPONENT),
  )
  memory.set(placesOf(jpeg), PLACES)
  for (const { isAc, id, codes } of tables) memory.set(codes, HUFFMAN + ((isAc ? 4 : 0) + id) * HUFFMAN_SIZE)
  for (const [id, numbers] of quantizers) memory.set(numbers, QUANTIZERS + id * 64)
  // The whole of it: between places of eight bytes V8 copies five times as fast.
  memory.set(file, FILE)
  return { width, height }
}

/** For each pixel of an MCU, row by row, which sample of each component is its own. */
function placesOf({ frame, components }: BaselineJpeg): readonly number[] {
  const most = mostSamples(frame)
  return Array.from({ length: most.across * most.down }, (_, pixel) => {
    const [x, y] = [pixel % most.across, Math.floor(pixel / most.across)]
    const places = components.map(({ across, down, side }, index) => {
      const column = Math.floor((x * across * side) / most.across)
      const row = Math.floor((y * down * side) / most.down)
      return index * SAMPLES + row * across * side + column
    })
    return [...places, 0]
  }).flat()
}
