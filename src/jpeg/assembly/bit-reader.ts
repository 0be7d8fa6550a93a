/*
 * Reads the data of a scan bit by bit. All bits are mirrored first, so that the next one is the lowest: a little-endian
 * machine then reads eight bytes as they lie there. The way to refill 56 bits without a branch is variant 4 of Fabian
 * Giesen's "Reading bits in far too many ways, part 2".
 */

import { BITS, FILE, LENGTH } from './memory-layout'

/** Of the bits before `next` so many are unread. */
export class Reader {
  static next: usize = 0
  static unread: u64 = 0
  static bits: u64 = 0
  static end: usize = 0
}

export function startReading(): void {
  Reader.next = BITS
  Reader.unread = Reader.bits = 0
}

/** Makes 56 bits or more there to be looked at. */
@inline
export function refill(): void {
  Reader.bits |= load<u64>(Reader.next) << Reader.unread
  Reader.next += <usize>((63 - Reader.unread) >> 3)
  Reader.unread |= 56
}

/** Passes over bits that are there. */
@inline
export function drop(count: u64): void {
  Reader.bits >>= count
  Reader.unread -= count
}

/** Goes on with the next whole byte. */
export function skipToByte(): bool {
  Reader.next = BITS + <usize>(((<u64>(Reader.next - BITS) << 3) - Reader.unread + 7) >> 3)
  Reader.unread = Reader.bits = 0
  return Reader.next <= Reader.end
}

@inline
function mirrorBytes(bytes: v128): v128 {
  // The numbers of four bits, mirrored, in the upper half of a byte.
  const table = i8x16(
    0x00, -0x80, 0x40, -0x40, 0x20, -0x60, 0x60, -0x20, 0x10, -0x70, 0x50, -0x30, 0x30, -0x50, 0x70, -0x10,
  )
  const low = i8x16.swizzle(table, v128.and(bytes, i8x16.splat(15)))
  const high = i8x16.swizzle(table, i8x16.shr_u(bytes, 4))
  return v128.or(low, i8x16.shr_u(high, 4))
}

/**
 * Makes one row of bits of the data that begin somewhere: without the zeros after FF, and without restart markers, whose
 * places it notes. The marker that follows; 0 where those aren't in order, or none follows.
 */
export function mirror(from: usize, marks: usize, restarts: u32): u32 {
  const ones = i8x16.splat(-1)
  const until = FILE + load<u32>(LENGTH)
  let at = from
  let to = BITS
  let seen: u32 = 0
  while (at < until) {
    const bytes = v128.load(at)
    v128.store(to, mirrorBytes(bytes))
    const found = i8x16.bitmask(i8x16.eq(bytes, ones))
    const plain = found == 0 ? <usize>16 : <usize>ctz(found)
    at += plain
    to += plain
    if (found == 0) continue
    if (at + 1 >= until) return 0
    const marker = <u32>load<u8>(at + 1)
    at += 2
    if (marker == 0) {
      store<u8>(to++, 0xff)
    } else if (marker - 0xd0 < 8) {
      if (seen == restarts || marker != 0xd0 + (seen & 7)) return 0
      store<u32>(marks + (seen++ << 2), <u32>(to - BITS))
    } else {
      Reader.end = to
      return seen == restarts ? marker : 0
    }
  }
  return 0
}
