import { cursorAt, type Box, type Cursor } from '../iso-boxes.js'

/** Places where the data of an item is stored, by the construction method. */
const IN_FILE = 0
const IN_META = 1

/**
 * Returns the beginning of the data of an item: its first extent, or all that follows if that is open-ended. Other extents
 * are not joined, since a small file can repeat any of its parts 65535 times. Undefined if the item has no data, or keeps it
 * in another file or item. Throws a RangeError for damaged boxes. (ISO 14496-12, section 8.11.3)
 */
export function startOfItem(file: Buffer, boxes: readonly Box[], item: number): Buffer | undefined {
  const iloc = boxes.find(({ type }) => type === 'iloc')?.body
  if (iloc === undefined) return undefined
  const cursor = cursorAt(iloc, 4)
  const { next, skip } = cursor
  const version = iloc[0]!
  const sizes = next(2)
  const [offsetBytes, lengthBytes, baseBytes] = [sizes >> 12, (sizes >> 8) & 0xf, (sizes >> 4) & 0xf]
  const indexBytes = version === 0 ? 0 : sizes & 0xf
  for (let count = next(version < 2 ? 2 : 4); count > 0; count--) {
    const id = next(version < 2 ? 2 : 4)
    const method = version === 0 ? IN_FILE : next(2) & 0xf
    const isElsewhere = next(2) !== 0
    const base = readSized(cursor, baseBytes)
    const extents = next(2)
    if (id !== item) {
      skip(extents * (indexBytes + offsetBytes + lengthBytes))
      continue
    }
    if (isElsewhere || extents === 0) return undefined
    skip(indexBytes)
    const start = base + readSized(cursor, offsetBytes)
    const length = readSized(cursor, lengthBytes)
    return sourceOf(file, boxes, method)?.subarray(start, length === 0 ? undefined : start + length)
  }
  return undefined
}

/** Reads an integer of 0, 4 or 8 bytes. */
function readSized({ next }: Cursor, bytes: number): number {
  if (bytes === 0) return 0
  return bytes === 8 ? next(4) * 2 ** 32 + next(4) : next(4)
}

function sourceOf(file: Buffer, boxes: readonly Box[], method: number): Buffer | undefined {
  if (method === IN_FILE) return file
  return method === IN_META ? boxes.find(({ type }) => type === 'idat')?.body : undefined
}
