/*
 * Writes lossless WebP pictures without compression: every value has a code of eight bits, which is its byte with the bits
 * in reverse order. (WebP Lossless Bitstream Specification, RFC 9649, section 3)
 */

/** Lengths of the codes for code lengths are stored in this order, which continues. 8 is the only length in use. */
const CODE_LENGTH_ORDER = [17, 18, 0, 1, 2, 3, 4, 5, 16, 6, 7, 8]

const REVERSED = Uint8Array.from({ length: 256 }, (_, value) =>
  [0, 1, 2, 3, 4, 5, 6, 7].reduce((reversed, bit) => reversed | (((value >> bit) & 1) << (7 - bit)), 0),
)

/** Returns the bytes of an uncompressed picture. */
export function vp8lBytes(width: number, height: number): number {
  return headerOf(width, height).bytes.length + width * height * 4 + 1
}

/** Writes RGBA pixels as a VP8L picture of `vp8lBytes` bytes. */
export function writeVp8l(to: Uint8Array, pixels: Uint8Array, width: number, height: number): void {
  const { bytes, bits, count } = headerOf(width, height)
  to.set(bytes)
  const view = new DataView(to.buffer, to.byteOffset + bytes.length)
  // The pixels begin within a byte, so that the last bits of one are stored with the next.
  let rest = bits
  for (let at = 0; at < pixels.length; at += 4) {
    const word =
      REVERSED[pixels[at + 1]!]! |
      (REVERSED[pixels[at]!]! << 8) |
      (REVERSED[pixels[at + 2]!]! << 16) |
      (REVERSED[pixels[at + 3]!]! << 24)
    view.setUint32(at, rest | (word << count), true)
    // A shift by 32 would change nothing.
    rest = count === 0 ? 0 : word >>> (32 - count)
  }
  view.setUint8(pixels.length, rest)
}

/** Returns the whole bytes of the header, and the bits that are left over. */
function headerOf(width: number, height: number): { bytes: number[]; bits: number; count: number } {
  const bytes = [0x2f]
  let bits = 0
  let count = 0
  const put = (value: number, length: number) => {
    for (let bit = 0; bit < length; bit++) {
      bits |= ((value >> bit) & 1) << count
      if (++count < 8) continue
      bytes.push(bits)
      bits = 0
      count = 0
    }
  }
  put(width - 1, 14)
  put(height - 1, 14)
  // Alpha is used; version 0; no transforms, no colour cache, one group of codes.
  put(1, 1)
  put(0, 3 + 1 + 1 + 1)
  for (const channel of ['green', 'red', 'blue', 'alpha']) {
    put(0, 1)
    put(CODE_LENGTH_ORDER.length - 4, 4)
    // A single code takes no bits: the lengths themselves are not stored.
    for (const length of CODE_LENGTH_ORDER) put(length === 8 ? 1 : 0, 3)
    // Green shares its alphabet with the lengths of copies, which have no code here: 254 + 2 lengths follow.
    if (channel === 'green') {
      put(1, 1)
      put(3, 3)
      put(254, 8)
    } else put(0, 1)
  }
  // Distances of copies have one code, for the value 0.
  put(1, 1)
  put(0, 3)
  return { bytes, bits, count }
}
