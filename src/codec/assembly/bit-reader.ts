/*
 * Reads the bits of a scan. The bits of each byte are reversed first, so that the next bit is the lowest: WebAssembly is
 * little-endian and then loads eight bytes in reading order. The branchless refill to 56 bits is variant 4 of Fabian
 * Giesen's "Reading bits in far too many ways, part 2".
 */

import { BIT_STREAM, FILE, FILE_LENGTH } from './memory-layout'

/** `next` is the address of the next byte to load; `bits` holds the `unread` bits before it. */
export class BitReader {
  static next: usize = 0
  static unread: u64 = 0
  static bits: u64 = 0
  static end: usize = 0
}

export function resetBitReader(): void {
  BitReader.next = BIT_STREAM
  BitReader.unread = BitReader.bits = 0
}

/** Loads bytes until at least 56 bits are unread. */
@inline
export function refill(): void {
  BitReader.bits |= load<u64>(BitReader.next) << BitReader.unread
  BitReader.next += <usize>((63 - BitReader.unread) >> 3)
  BitReader.unread |= 56
}

/** Consumes bits; the caller has refilled. */
@inline
export function dropBits(count: u64): void {
  BitReader.bits >>= count
  BitReader.unread -= count
}

/** Skips to the next byte boundary. Returns false if that is behind the data. */
export function alignToByte(): bool {
  BitReader.next = BIT_STREAM + <usize>(((<u64>(BitReader.next - BIT_STREAM) << 3) - BitReader.unread + 7) >> 3)
  BitReader.unread = BitReader.bits = 0
  return BitReader.next <= BitReader.end
}

@inline
function reverseBitsOfBytes(bytes: v128): v128 {
  // Reversed four-bit numbers, in the upper half of each byte.
  const table = i8x16(
    0x00, -0x80, 0x40, -0x40, 0x20, -0x60, 0x60, -0x20, 0x10, -0x70, 0x50, -0x30, 0x30, -0x50, 0x70, -0x10,
  )
  const low = i8x16.swizzle(table, v128.and(bytes, i8x16.splat(15)))
  const high = i8x16.swizzle(table, i8x16.shr_u(bytes, 4))
  return v128.or(low, i8x16.shr_u(high, 4))
}

/**
 * Copies entropy-coded data to `BIT_STREAM`, without stuffed zeros (ITU T.81, B.1.1.5) and restart markers, and stores the
 * offsets of these. Returns the marker behind the data, or 0 if there is none or the restart markers are out of order.
 */
export function unstuffScan(from: usize, restartOffsets: usize, restarts: u32): u32 {
  const ones = i8x16.splat(-1)
  const end = FILE + load<u32>(FILE_LENGTH)
  let at = from
  let to = BIT_STREAM
  let restartCount: u32 = 0
  while (at < end) {
    const bytes = v128.load(at)
    v128.store(to, reverseBitsOfBytes(bytes))
    const found = i8x16.bitmask(i8x16.eq(bytes, ones))
    const unescaped = found == 0 ? <usize>16 : <usize>ctz(found)
    at += unescaped
    to += unescaped
    if (found == 0) continue
    if (at + 1 >= end) return 0
    const marker = <u32>load<u8>(at + 1)
    at += 2
    if (marker == 0) {
      store<u8>(to++, 0xff)
    } else if (marker - 0xd0 < 8) {
      if (restartCount == restarts || marker != 0xd0 + (restartCount & 7)) return 0
      store<u32>(restartOffsets + (restartCount++ << 2), <u32>(to - BIT_STREAM))
    } else {
      BitReader.end = to
      return restartCount == restarts ? marker : 0
    }
  }
  return 0
}
