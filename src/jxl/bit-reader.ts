/** One of four ways to write a number: a value, or bits and what is added to them. */
export type Distribution = number | { readonly bits: number; readonly plus?: number }

/** Reads bits, the lowest of a byte first. Throws a RangeError at the end of the data. (ISO/IEC 18181-1, section 6) */
export interface BitReader {
  readonly bits: (count: number) => number
  readonly flag: () => boolean
  /** Reads U32: two bits choose the distribution. */
  readonly u32: (...of: readonly [Distribution, Distribution, Distribution, Distribution]) => number
  readonly enumerated: () => number
}

export function readBits(data: Uint8Array, start: number): BitReader {
  let at = start * 8
  const bits = (count: number): number => {
    if (at + count > data.length * 8) throw new RangeError('The header ends too early.')
    let value = 0
    // No shifts: a number of 32 bits would be negative.
    for (let bit = 0; bit < count; bit++, at++) value += ((data[at >> 3]! >> (at & 7)) & 1) * 2 ** bit
    return value
  }
  const u32: BitReader['u32'] = (...of) => {
    const chosen = of[bits(2) as 0 | 1 | 2 | 3]
    return typeof chosen === 'number' ? chosen : bits(chosen.bits) + (chosen.plus ?? 0)
  }
  return {
    bits,
    u32,
    flag: () => bits(1) === 1,
    enumerated: () => u32(0, 1, { bits: 4, plus: 2 }, { bits: 6, plus: 18 }),
  }
}
