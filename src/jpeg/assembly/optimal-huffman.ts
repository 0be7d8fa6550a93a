// The best lengths of codes for symbols that come so often (ITU T.81, K.2; jchuff.c, `jpeg_gen_optimal_table`).

import { SYMBOL_LIST } from './memory-layout'

/** Puts the two rarest together until all are one; of equals the later ones come first. */
export function findLengths(counts: usize, lengths: usize): void {
  // One that never comes, so that no code is of ones only.
  store<u32>(counts + 1024, 1)
  memory.fill(lengths, 0, 257)
  const links = lengths + 272
  memory.fill(links, 0xff, 514)
  // Those that come at all.
  let used: usize = 0
  for (let symbol: usize = 0; symbol <= 256; symbol++) {
    if (load<u32>(counts + (symbol << 2)) > 0) store<u16>(SYMBOL_LIST + (used++ << 1), <u16>symbol)
  }
  for (;;) {
    let first: i32 = -1
    let second: i32 = -1
    let least: u32 = 0xffffffff
    let more: u32 = 0xffffffff
    for (let i: usize = 0; i < used; i++) {
      const symbol = <i32>load<u16>(SYMBOL_LIST + (i << 1))
      const count = load<u32>(counts + (<usize>symbol << 2))
      if (count == 0) continue
      if (count <= least) {
        second = first
        more = least
        first = symbol
        least = count
      } else if (count <= more) {
        second = symbol
        more = count
      }
    }
    if (second < 0) return
    store<u32>(counts + (<usize>first << 2), least + more)
    store<u32>(counts + (<usize>second << 2), 0)
    const last = lengthen(lengths, links, first)
    store<i16>(links + (<usize>last << 1), <i16>second)
    lengthen(lengths, links, second)
  }
}

/** Makes the codes of a symbol, and of all that have been put to it, a bit longer; the last of them. */
function lengthen(lengths: usize, links: usize, symbol: i32): i32 {
  let last = symbol
  for (let at = symbol; at >= 0; at = load<i16>(links + (<usize>at << 1))) {
    store<u8>(lengths + at, load<u8>(lengths + at) + 1)
    last = at
  }
  return last
}

/** How many codes there are of each length, none of more than 16 bits (figure K.3). */
export function limitLengths(lengths: usize, numbers: usize): void {
  const all = lengths + 272
  memory.fill(all, 0, 34)
  for (let symbol: usize = 0; symbol <= 256; symbol++) {
    const place = all + load<u8>(lengths + symbol)
    store<u8>(place, load<u8>(place) + 1)
  }
  for (let i: usize = 32; i > 16; i--) {
    while (load<u8>(all + i) > 0) {
      let j = i - 2
      while (load<u8>(all + j) == 0) j--
      store<u8>(all + i, load<u8>(all + i) - 2)
      store<u8>(all + i - 1, load<u8>(all + i - 1) + 1)
      store<u8>(all + j + 1, load<u8>(all + j + 1) + 2)
      store<u8>(all + j, load<u8>(all + j) - 1)
    }
  }
  let longest: usize = 16
  while (load<u8>(all + longest) == 0) longest--
  store<u8>(all + longest, load<u8>(all + longest) - 1)
  memory.copy(numbers, all + 1, 16)
}
