/** The next number of a series, from 0 up to 1. */
export type Random = () => number

/** Numbers that look random and are the same for the same seed: xorshift, which is quick enough for every pixel. */
export function createRandom(seed: number): Random {
  // A state of zero would stay zero; the product spreads neighbouring seeds.
  let state = Math.imul(seed + 1, 0x9e37_79b1) | 1
  return () => {
    state ^= state << 13
    state ^= state >>> 17
    state ^= state << 5
    return (state >>> 0) / 0x1_0000_0000
  }
}
