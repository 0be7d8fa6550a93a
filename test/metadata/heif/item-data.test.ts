import { describe, expect, it } from 'vitest'
import { startOfItem } from '../../../src/metadata/heif/item-data.js'
import { readBoxes, writeBox } from '../../../src/metadata/iso-boxes.js'

const FILE = Buffer.from('0123456789')

/** Returns boxes with an iloc, as 16-bit integers after its version and flags, and an idat of the letters a to f. */
const boxesOf = (version: number, ...words: readonly number[]) => {
  const body = Buffer.alloc(4 + 2 * words.length)
  body[0] = version
  for (const [at, word] of words.entries()) body.writeUInt16BE(word, 4 + 2 * at)
  return readBoxes(Buffer.concat([writeBox('iloc', body), writeBox('idat', Buffer.from('abcdef'))]))
}

const textOf = (boxes: ReturnType<typeof boxesOf>, item: number) => startOfItem(FILE, boxes, item)?.toString()

describe('the beginning of an item', () => {
  it('is its first extent, relative to its base', () => {
    // Offsets, lengths and bases of 4 bytes; item 7 in one extent, item 9 in two.
    const items = [7, 0, 0, 1, 1, 0, 2, 0, 3, 9, 0, 0, 0, 2, 0, 5, 0, 1, 0, 0, 0, 9]
    const boxes = boxesOf(0, 0x4440, 2, ...items)
    expect(textOf(boxes, 7)).toBe('345')
    expect(textOf(boxes, 9)).toBe('5')
    expect(textOf(boxes, 8)).toBeUndefined()
  })

  it('is all that follows if the length is open', () => {
    expect(textOf(boxesOf(0, 0x4000, 1, 7, 0, 1, 0, 6), 7)).toBe('6789')
  })

  it('lies in the idat box for construction method 1, and is not sought in other items', () => {
    expect(textOf(boxesOf(1, 0x4400, 1, 7, 1, 0, 1, 0, 2, 0, 2), 7)).toBe('cd')
    expect(textOf(boxesOf(1, 0x4400, 1, 7, 2, 0, 1, 0, 2, 0, 2), 7)).toBeUndefined()
  })

  it('is never longer than the file, even if the item repeats it in extents without place and length', () => {
    expect(textOf(boxesOf(0, 0, 1, 7, 0, 65535), 7)).toBe('0123456789')
  })

  it('is undefined for an item without extents or in another file', () => {
    expect(textOf(boxesOf(0, 0x4400, 1, 7, 0, 0), 7)).toBeUndefined()
    expect(textOf(boxesOf(0, 0x4400, 1, 7, 1, 1, 0, 2, 0, 2), 7)).toBeUndefined()
  })

  it('throws a RangeError if the box is cut off', () => {
    expect(() => textOf(boxesOf(0, 0x4400, 1, 7, 0, 1, 0), 7)).toThrow(RangeError)
  })
})
