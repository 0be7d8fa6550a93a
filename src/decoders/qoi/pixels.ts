import { createCutOffError } from '../errors.js'
import type { PixelOptions } from '../pixel-options.js'

/** Header of a QOI. (Dominic Szablewski, "The Quite OK Image Format", version 1.0) */
export interface QoiHeader {
  readonly width: number
  readonly height: number
  readonly channels: 3 | 4
  /** True if all channels are linear, false for sRGB. */
  readonly isLinear: boolean
}

const HEADER_BYTES = 14
const INDEX_SIZE = 64
/** A run of equal pixels is at most this long, in one byte: its codes 63 and 64 are those of RGB and RGBA. */
const LONGEST_RUN = 62
const [RGB, RGBA] = [0xfe, 0xff]
/** Pixels between two pauses. */
const PIXELS_AT_ONCE = 1 << 20

/** Reads the header; undefined if it is none. */
export function readQoiHeader(bytes: Uint8Array): QoiHeader | undefined {
  const file = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  if (file.length < HEADER_BYTES || file.toString('latin1', 0, 4) !== 'qoif') return undefined
  const [channels, colours] = [file[12]!, file[13]!]
  if ((channels !== 3 && channels !== 4) || colours > 1) return undefined
  return { width: file.readUInt32BE(4), height: file.readUInt32BE(8), channels, isLinear: colours === 1 }
}

/** Decodes the pixels as RGB or RGBA. Throws CORRUPT_IMAGE for a file that ends too early. */
export async function decodeQoi(
  file: Uint8Array,
  { width, height, channels }: QoiHeader,
  { isLenient, pause }: PixelOptions,
): Promise<Uint8Array> {
  const count = width * height
  // Checked before memory is taken for a size that lies.
  if (!isLenient && (file.length - HEADER_BYTES) * LONGEST_RUN < count)
    throw createCutOffError('most pixels are')
  const data = new Uint8Array(count * channels)
  const index = new Uint8Array(INDEX_SIZE * 4)
  let [r, g, b, a] = [0, 0, 0, 255]
  let [at, run] = [HEADER_BYTES, 0]
  for (let pixel = 0; pixel < count; pixel++) {
    if (run > 0) run--
    else {
      const code = file[at++]
      if (code === undefined || at + operandBytes(code) > file.length) {
        if (isLenient) break
        throw createCutOffError(`${count - pixel} of ${count} pixels are`)
      }
      if (code === RGB || code === RGBA) {
        ;[r, g, b] = [file[at]!, file[at + 1]!, file[at + 2]!]
        if (code === RGBA) a = file[at + 3]!
        at += operandBytes(code)
      } else if (code < 0x40) {
        const place = code * 4
        ;[r, g, b, a] = [index[place]!, index[place + 1]!, index[place + 2]!, index[place + 3]!]
      } else if (code < 0x80) {
        r = (r + ((code >> 4) & 3) - 2) & 255
        g = (g + ((code >> 2) & 3) - 2) & 255
        b = (b + (code & 3) - 2) & 255
      } else if (code < 0xc0) {
        const green = (code & 0x3f) - 32
        const others = file[at++]!
        r = (r + green - 8 + (others >> 4)) & 255
        g = (g + green) & 255
        b = (b + green - 8 + (others & 15)) & 255
      } else run = code & 0x3f
      const place = ((r * 3 + g * 5 + b * 7 + a * 11) % INDEX_SIZE) * 4
      index[place] = r
      index[place + 1] = g
      index[place + 2] = b
      index[place + 3] = a
    }
    const to = pixel * channels
    data[to] = r
    data[to + 1] = g
    data[to + 2] = b
    if (channels === 4) data[to + 3] = a
    if (pixel % PIXELS_AT_ONCE === PIXELS_AT_ONCE - 1) await pause()
  }
  return data
}

/** Returns the bytes behind a code. */
function operandBytes(code: number): number {
  if (code === RGBA) return 4
  if (code === RGB) return 3
  return code >= 0x80 && code < 0xc0 ? 1 : 0
}
