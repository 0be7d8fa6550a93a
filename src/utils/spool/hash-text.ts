/** Odd numbers with bits in no pattern: multiplying by them spreads a difference over all higher bits. */
const [FACTOR_A, FACTOR_B] = [0x9e3779b1, 0x85ebca6b]
const LOW_BITS = 2 ** 21

/** Returns a hash of 53 bits, as many as a number holds. Not for secrets: equal hashes are easily made. */
export function hashText(text: string): number {
  let [a, b] = [0, text.length]
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at)
    a = Math.imul(a ^ code, FACTOR_A)
    a ^= a >>> 15
    b = Math.imul(b ^ code, FACTOR_B)
    b ^= b >>> 13
  }
  return (a >>> 0) * LOW_BITS + ((b >>> 0) % LOW_BITS)
}
