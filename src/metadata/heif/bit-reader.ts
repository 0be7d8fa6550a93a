/** Reads bits, the highest of a byte first. Throws a RangeError at the end of the data. */
export interface BitReader {
  readonly read: (bits: number) => number
  readonly flag: () => boolean
  readonly skip: (bits: number) => void
  /** Reads an Exp-Golomb code, ue(v) of ITU-T H.265, section 9.2. That is also uvlc() of AV1, section 4.10.3. */
  readonly golomb: () => number
}

export function readBits(data: Uint8Array): BitReader {
  let at = 0
  const skip = (bits: number): void => {
    at += bits
    if (at > data.length * 8) throw new RangeError('The data ends too early.')
  }
  const read = (bits: number): number => {
    const start = at
    skip(bits)
    let value = 0
    for (let bit = start; bit < at; bit++) value = value * 2 + ((data[bit >> 3]! >> (7 - (bit & 7))) & 1)
    return value
  }
  const flag = (): boolean => read(1) === 1
  const golomb = (): number => {
    let zeros = 0
    while (!flag()) zeros++
    if (zeros > 31) throw new RangeError('The code is too long.')
    return 2 ** zeros - 1 + read(zeros)
  }
  return { read, flag, skip, golomb }
}
