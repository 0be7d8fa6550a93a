import { promisify } from 'node:util'
import { constants, inflate } from 'node:zlib'
import { COMPRESSION } from './layout.js'

/** Tolerated behind the end of a block. */
const SPARE_BYTES = 2 ** 16

/**
 * Decompresses a strip or tile. The result may be longer or shorter than expected, if the block is damaged.
 *
 * Throws an Error if the data is invalid.
 *
 * @param length bytes that are needed.
 * @param limit bytes that the block may have.
 */
export async function decompress(
  bytes: Uint8Array,
  compression: number,
  { length, limit }: { readonly length: number; readonly limit: number },
): Promise<Uint8Array> {
  switch (compression) {
    case COMPRESSION.none:
      return bytes
    case COMPRESSION.lzw:
      return unpackLzw(bytes, length)
    case COMPRESSION.packBits:
      return unpackPackBits(bytes, length)
    default:
      // Some writers leave out the end, so that what is there has to do.
      return promisify(inflate)(bytes, {
        finishFlush: constants.Z_SYNC_FLUSH,
        maxOutputLength: limit + SPARE_BYTES,
      })
  }
}

const REVERSED = Uint8Array.from({ length: 256 }, (_, byte) => {
  let reversed = 0
  for (let bit = 0; bit < 8; bit++) reversed |= ((byte >> bit) & 1) << (7 - bit)
  return reversed
})

/** Returns the bytes with their bits in reverse order (FillOrder 2). */
export function reverseBits(bytes: Uint8Array): Uint8Array {
  return bytes.map((byte) => REVERSED[byte] ?? 0)
}

/** TIFF 6.0, section 9. */
function unpackPackBits(bytes: Uint8Array, length: number): Uint8Array {
  const out = new Uint8Array(length)
  let to = 0
  for (let at = 0; at < bytes.length && to < length;) {
    const head = bytes[at++] ?? 0
    if (head < 128) {
      const run = bytes.subarray(at, at + Math.min(head + 1, length - to))
      out.set(run, to)
      to += run.length
      at += head + 1
    } else if (head > 128) {
      const count = Math.min(257 - head, length - to)
      out.fill(bytes[at++] ?? 0, to, to + count)
      to += count
    }
  }
  return out.subarray(0, to)
}

const CLEAR = 256
const END = 257
const FIRST_CODE = 258
const TABLE_SIZE = 4096

/**
 * TIFF 6.0, section 13. A code stands for the output of the code before it and one byte more, so the table only notes
 * positions in the output. Throws an Error if a code is not in the table.
 */
function unpackLzw(bytes: Uint8Array, length: number): Uint8Array {
  if (bytes[0] === 0 && ((bytes[1] ?? 0) & 1) === 1) throw new Error('old-style LZW')
  const out = new Uint8Array(length)
  const starts = new Uint32Array(TABLE_SIZE)
  const lengths = new Uint32Array(TABLE_SIZE)
  let [to, next, width] = [0, FIRST_CODE, 9]
  let [held, heldBits, at] = [0, 0, 0]
  let [lastStart, lastLength] = [0, 0]
  while (to < length) {
    while (heldBits < width && at < bytes.length) {
      held = ((held << 8) | (bytes[at++] ?? 0)) & 0xff_ff_ff
      heldBits += 8
    }
    if (heldBits < width) break
    heldBits -= width
    const code = (held >> heldBits) & ((1 << width) - 1)
    if (code === END) break
    if (code === CLEAR) {
      ;[next, width, lastLength] = [FIRST_CODE, 9, 0]
      continue
    }
    if (lastLength > 0 && next < TABLE_SIZE) {
      starts[next] = lastStart
      lengths[next] = lastLength + 1
      next++
    }
    const start = to
    if (code < CLEAR) {
      out[to++] = code
    } else {
      if (code >= next) throw new Error('a code that is not in the table')
      // The output of the newest code reaches into itself, so it is copied byte by byte.
      const from = starts[code] ?? 0
      const count = Math.min(lengths[code] ?? 0, length - to)
      for (let each = 0; each < count; each++) out[to++] = out[from + each] ?? 0
    }
    ;[lastStart, lastLength] = [start, to - start]
    // The width changes one code early.
    if (next + 1 >= 1 << width && width < 12) width++
  }
  return out.subarray(0, to)
}
