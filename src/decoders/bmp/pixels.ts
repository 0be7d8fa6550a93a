import { createCutOffError } from '../errors.js'
import type { PixelOptions } from '../pixel-options.js'
import type { BmpLayout } from './layout.js'
import { decodeRle } from './rle.js'

const RGBA = 4
/** Pixels between two pauses. */
const PIXELS_AT_ONCE = 1 << 20

/** Pixels in RGBA, top row first. */
export interface BmpPixels {
  readonly data: Uint8Array
  /** True if a pixel is not opaque. */
  readonly hasAlpha: boolean
}

/** Decodes the pixels of a BMP. Throws CORRUPT_IMAGE for a file that ends too early, before memory is taken for it. */
export async function decodeBmpPixels(
  file: Uint8Array,
  layout: BmpLayout,
  { isLenient, pause }: PixelOptions,
): Promise<BmpPixels> {
  const { width, height, bits, isRle, dataAt } = layout
  if (isRle) {
    const indices = await decodeRle(file, layout, { isLenient, pause })
    // As if they were stored plainly, the top row first.
    const plain = { ...layout, bits: 8, isRle: false, isTopDown: true, dataAt: 0 } as const
    return readRows(indices, plain, { stride: width, pause })
  }
  const stride = strideOf(layout)
  // The last row may lack its padding.
  const missing = dataAt + stride * (height - 1) + Math.ceil((width * bits) / 8) - file.length
  if (missing > 0 && !isLenient) throw createCutOffError(`${missing} bytes are`)
  return readRows(file, layout, { stride, pause })
}

async function readRows(
  file: Uint8Array,
  layout: BmpLayout,
  { stride, pause }: Pick<PixelOptions, 'pause'> & { readonly stride: number },
): Promise<BmpPixels> {
  const { width, height, bits, isTopDown, dataAt } = layout
  const data = new Uint8Array(width * height * RGBA)
  const readRow = bits > 8 ? createColourReader(file, layout, data) : createIndexReader(file, layout, data)
  const rowsAtOnce = Math.max(1, Math.floor(PIXELS_AT_ONCE / width))
  for (let stored = 0; stored < height; stored++) {
    const y = isTopDown ? stored : height - 1 - stored
    readRow(dataAt + stored * stride, y * width * RGBA)
    if (stored % rowsAtOnce === rowsAtOnce - 1) await pause()
  }
  return { data, hasAlpha: layout.masks[3] !== 0 && settleAlpha(data) }
}

/** Returns the bytes of a row: whole groups of four. */
export function strideOf({ width, bits }: Pick<BmpLayout, 'width' | 'bits'>): number {
  return Math.ceil((width * bits) / 32) * 4
}

/** Reads a row from one position of the file to one in the pixels. */
type ReadRow = (from: number, to: number) => void

function createIndexReader(file: Uint8Array, { width, bits, palette }: BmpLayout, data: Uint8Array): ReadRow {
  const mask = 2 ** bits - 1
  return (from, to) => {
    for (let x = 0; x < width; x++) {
      const position = x * bits
      const byte = file[from + (position >> 3)] ?? 0
      const index = ((byte >> (8 - bits - (position & 7))) & mask) * 3
      const at = to + x * RGBA
      // Indices without a colour are black.
      data[at] = palette[index] ?? 0
      data[at + 1] = palette[index + 1] ?? 0
      data[at + 2] = palette[index + 2] ?? 0
      data[at + 3] = 255
    }
  }
}

function createColourReader(file: Uint8Array, { width, bits, masks }: BmpLayout, data: Uint8Array): ReadRow {
  const [red, green, blue, alpha] = masks.map(createChannelReader)
  const bytes = bits / 8
  return (from, to) => {
    for (let x = 0; x < width; x++) {
      const source = from + x * bytes
      const low = (file[source] ?? 0) | ((file[source + 1] ?? 0) << 8)
      const value =
        bytes === 2
          ? low
          : low | ((file[source + 2] ?? 0) << 16) | (bytes === 4 ? (file[source + 3] ?? 0) << 24 : 0)
      const at = to + x * RGBA
      data[at] = red!(value)
      data[at + 1] = green!(value)
      data[at + 2] = blue!(value)
      data[at + 3] = masks[3] === 0 ? 255 : alpha!(value)
    }
  }
}

/** Returns a function that takes the bits of a channel, and scales them to 8. */
function createChannelReader(mask: number): (pixel: number) => number {
  if (mask === 0) return () => 0
  const shift = 31 - Math.clz32(mask & -mask)
  const max = mask / 2 ** shift
  if (max === 255) return (pixel) => (pixel >>> shift) & 255
  if (max > 65_535) return (pixel) => Math.round((((pixel & mask) >>> shift) * 255) / max)
  const scaled = Uint8Array.from({ length: max + 1 }, (_, value) => Math.round((value * 255) / max))
  return (pixel) => scaled[(pixel & mask) >>> shift]!
}

/** Makes a picture opaque that is wholly transparent, as browsers do: its program left alpha out. Returns true if it has alpha. */
function settleAlpha(data: Uint8Array): boolean {
  let [some, all] = [0, 255]
  for (let at = 3; at < data.length; at += RGBA) {
    some |= data[at]!
    all &= data[at]!
  }
  if (some === 0) for (let at = 3; at < data.length; at += RGBA) data[at] = 255
  return some !== 0 && all !== 255
}
