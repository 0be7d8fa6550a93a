import { createCutOffError } from '../errors.js'
import type { BmpLayout } from './layout.js'
import type { PixelOptions } from '../pixel-options.js'

/** Codes after a zero. Greater ones are followed by as many plain indices. */
const END_OF_ROW = 0
const END_OF_PICTURE = 1
const MOVE = 2
/** Codes between two pauses. */
const CODES_AT_ONCE = 1 << 16

/**
 * Decompresses RLE of 4 or 8 bits to indices, top row first. Pixels outside of the picture are left out; those that the data
 * skip have the index 0, as in ImageMagick and Pillow. (Microsoft, "Bitmap Compression")
 */
export async function decodeRle(
  file: Uint8Array,
  { width, height, bits, dataAt }: BmpLayout,
  { isLenient, pause }: PixelOptions,
): Promise<Uint8Array> {
  const indices = new Uint8Array(width * height)
  let [x, row, at] = [0, 0, dataAt]
  const put = (index: number) => {
    if (x < width) indices[(height - 1 - row) * width + x] = index
    x++
  }
  /** Returns the index at a place of a list of bytes. */
  const indexAt = (start: number, place: number) => {
    if (bits === 8) return file[start + place] ?? 0
    const byte = file[start + (place >> 1)] ?? 0
    return place % 2 === 0 ? byte >> 4 : byte & 15
  }
  for (let codes = 1; row < height; codes++) {
    if (codes % CODES_AT_ONCE === 0) await pause()
    const [count, code] = [file[at], file[at + 1]]
    at += 2
    if (count === undefined || code === undefined) {
      // Many programs leave out the end, but not pixels.
      if (isLenient || (row === height - 1 && x >= width)) break
      throw createCutOffError('a part of its rows is')
    }
    if (count > 0) {
      // One byte: the same index again and again, or two in turn.
      for (let place = 0; place < count; place++) put(bits === 8 ? code : indexAt(at - 1, place % 2))
    } else if (code === END_OF_ROW) [x, row] = [0, row + 1]
    else if (code === END_OF_PICTURE) break
    else if (code === MOVE) {
      x += file[at] ?? 0
      row += file[at + 1] ?? 0
      at += 2
    } else {
      for (let place = 0; place < code; place++) put(indexAt(at, place))
      // Padded to an even number of bytes.
      at += 2 * Math.ceil((code * bits) / 16)
    }
  }
  return indices
}
