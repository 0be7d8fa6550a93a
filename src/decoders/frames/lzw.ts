const MAX_CODES = 4096
const MAX_CODE_BITS = 12

/** Decoded indices. */
export interface Indices {
  /** As many as were asked for; 0 from `decoded` on. */
  readonly indices: Uint8Array
  /** Number of indices in the data. */
  readonly decoded: number
  /** True if a code is invalid, so that the rest cannot be decoded. */
  readonly isDamaged: boolean
}

/**
 * Decompresses the indices of a GIF frame (GIF89a specification, appendix F).
 *
 * @param at position of the smallest code size, before the sub-blocks.
 */
export function decodeLzw(file: Uint8Array, at: number, count: number): Indices {
  const minBits = file[at] ?? 0
  const indices = new Uint8Array(count)
  if (minBits < 1 || minBits >= MAX_CODE_BITS) return { indices, decoded: 0, isDamaged: true }
  const clear = 1 << minBits
  const end = clear + 1
  // A code is a string: its last index, the code of the string before it, and its length.
  const prefix = new Uint16Array(MAX_CODES)
  const suffix = new Uint8Array(MAX_CODES)
  const lengths = new Uint16Array(MAX_CODES)
  for (let code = 0; code < clear; code++) suffix[code] = code
  lengths.fill(1, 0, clear)
  const read = createCodeReader(file, at + 1)
  let next = end + 1
  let bits = minBits + 1
  let previous = -1
  let decoded = 0
  while (decoded < count) {
    const code = read(bits)
    if (code < 0 || code === end) break
    if (code === clear) {
      next = end + 1
      bits = minBits + 1
      previous = -1
      continue
    }
    if (code > next || (previous < 0 && code >= clear)) return { indices, decoded, isDamaged: true }
    // A code that this very step defines is the previous string, with its own first index at the end.
    const known = code < next ? code : previous
    const length = lengths[known]!
    let walk = known
    for (let place = decoded + length - 1; place > decoded; place--) {
      if (place < count) indices[place] = suffix[walk]!
      walk = prefix[walk]!
    }
    const first = suffix[walk]!
    indices[decoded] = first
    decoded += length
    if (code === next && decoded < count) indices[decoded++] = first
    if (previous >= 0 && next < MAX_CODES) {
      prefix[next] = previous
      suffix[next] = first
      lengths[next] = lengths[previous]! + 1
      next++
      if (next === 1 << bits && bits < MAX_CODE_BITS) bits++
    }
    previous = code
  }
  return { indices, decoded: Math.min(decoded, count), isDamaged: false }
}

/** Creates a reader of codes, least significant bit first, from sub-blocks. It returns -1 at their end. */
function createCodeReader(file: Uint8Array, from: number): (bits: number) => number {
  let at = from
  let left = 0
  let value = 0
  let count = 0
  return (bits) => {
    while (count < bits) {
      if (left === 0) left = file[at++] ?? 0
      if (left === 0 || at >= file.length) return -1
      value |= file[at++]! << count
      left--
      count += 8
    }
    const code = value & ((1 << bits) - 1)
    value >>>= bits
    count -= bits
    return code
  }
}
