// Optimal Huffman code lengths from symbol counts (ITU T.81, K.2; jchuff.c, `jpeg_gen_optimal_table`).

import { SYMBOL_LIST } from './memory-layout'

/** Merges the two rarest symbols until one is left. Among equals the later symbol is merged first. */
export function assignCodeLengths(counts: usize, lengths: usize): void {
  // A reserved symbol, so that no code consists of ones only.
  store<u32>(counts + 1024, 1)
  memory.fill(lengths, 0, 257)
  const links = lengths + 272
  memory.fill(links, 0xff, 514)
  let symbols: usize = 0
  for (let symbol: usize = 0; symbol <= 256; symbol++) {
    if (load<u32>(counts + (symbol << 2)) > 0) store<u16>(SYMBOL_LIST + (symbols++ << 1), <u16>symbol)
  }
  for (;;) {
    let first: i32 = -1
    let second: i32 = -1
    let least: u32 = 0xffffffff
    let secondLeast: u32 = 0xffffffff
    for (let i: usize = 0; i < symbols; i++) {
      const symbol = <i32>load<u16>(SYMBOL_LIST + (i << 1))
      const count = load<u32>(counts + (<usize>symbol << 2))
      if (count == 0) continue
      if (count <= least) {
        second = first
        secondLeast = least
        first = symbol
        least = count
      } else if (count <= secondLeast) {
        second = symbol
        secondLeast = count
      }
    }
    if (second < 0) return
    store<u32>(counts + (<usize>first << 2), least + secondLeast)
    store<u32>(counts + (<usize>second << 2), 0)
    const last = lengthenChain(lengths, links, first)
    store<i16>(links + (<usize>last << 1), <i16>second)
    lengthenChain(lengths, links, second)
  }
}

/** Lengthens the codes of a symbol and of those merged with it by one bit. Returns the last of the chain. */
function lengthenChain(lengths: usize, links: usize, symbol: i32): i32 {
  let last = symbol
  for (let at = symbol; at >= 0; at = load<i16>(links + (<usize>at << 1))) {
    store<u8>(lengths + at, load<u8>(lengths + at) + 1)
    last = at
  }
  return last
}

/** Writes the number of codes of each length, none longer than 16 bits (figure K.3). */
export function limitCodeLengths(lengths: usize, output: usize): void {
  const lengthCounts = lengths + 272
  memory.fill(lengthCounts, 0, 34)
  for (let symbol: usize = 0; symbol <= 256; symbol++) {
    const address = lengthCounts + load<u8>(lengths + symbol)
    store<u8>(address, load<u8>(address) + 1)
  }
  for (let i: usize = 32; i > 16; i--) {
    while (load<u8>(lengthCounts + i) > 0) {
      let j = i - 2
      while (load<u8>(lengthCounts + j) == 0) j--
      store<u8>(lengthCounts + i, load<u8>(lengthCounts + i) - 2)
      store<u8>(lengthCounts + i - 1, load<u8>(lengthCounts + i - 1) + 1)
      store<u8>(lengthCounts + j + 1, load<u8>(lengthCounts + j + 1) + 2)
      store<u8>(lengthCounts + j, load<u8>(lengthCounts + j) - 1)
    }
  }
  let longest: usize = 16
  while (load<u8>(lengthCounts + longest) == 0) longest--
  store<u8>(lengthCounts + longest, load<u8>(lengthCounts + longest) - 1)
  memory.copy(output, lengthCounts + 1, 16)
}
