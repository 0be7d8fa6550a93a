import { hashText } from './hash-text.js'

/**
 * Creates a function that finds the index of a text in a list, in a tenth of the memory of a Map. It finds the last of equal
 * texts.
 *
 * @param textAt returns the texts of the list, whenever one is looked for.
 */
export function createTextIndex(
  length: number,
  textAt: (index: number) => string,
): (text: string) => number | undefined {
  // At most half of the slots are taken, so that few texts meet.
  const size = 2 ** Math.ceil(Math.log2(length * 2 + 1))
  /** Index + 1, or 0. */
  const slots = new Uint32Array(size)
  for (let index = length - 1; index >= 0; index--) {
    let slot = hashText(textAt(index)) % size
    while (slots[slot] !== 0) slot = (slot + 1) % size
    slots[slot] = index + 1
  }
  return (text) => {
    for (let slot = hashText(text) % size; ; slot = (slot + 1) % size) {
      const index = (slots[slot] ?? 0) - 1
      if (index < 0) return undefined
      if (textAt(index) === text) return index
    }
  }
}
