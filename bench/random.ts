/** Returns the next pseudo-random number, at least 0 and below 1. */
export type Random = () => number

/** Creates a generator with a seed: xorshift32 (Marsaglia 2003), which is fast enough to call for every pixel. */
export function createRandom(seed: number): Random {
  // A state of 0 would stay 0. The product spreads adjacent seeds.
  let state = Math.imul(seed + 1, 0x9e37_79b1) | 1
  return () => {
    state ^= state << 13
    state ^= state >>> 17
    state ^= state << 5
    return (state >>> 0) / 0x1_0000_0000
  }
}
