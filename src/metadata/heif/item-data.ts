import { cursorAt, type Box, type Cursor } from '../iso-boxes.js'

/** Places where the data of an item is stored, by the construction method. */
const IN_FILE = 0
const IN_META = 1

interface Extent {
  readonly start: number
  readonly length: number
}

/**
 * Returns the data of an item; undefined if it has none, or keeps it in another file or item. Throws a RangeError for
 * damaged boxes. (ISO 14496-12, section 8.11.3)
 */
export function itemData(file: Buffer, boxes: readonly Box[], item: number): Buffer | undefined {
  const iloc = boxes.find(({ type }) => type === 'iloc')?.body
  if (iloc === undefined) return undefined
  const cursor = cursorAt(iloc, 4)
  const { next } = cursor
  const version = iloc[0]!
  const sizes = next(2)
  const [offsetBytes, lengthBytes, baseBytes] = [sizes >> 12, (sizes >> 8) & 0xf, (sizes >> 4) & 0xf]
  const indexBytes = version === 0 ? 0 : sizes & 0xf
  for (let count = next(version < 2 ? 2 : 4); count > 0; count--) {
    const id = next(version < 2 ? 2 : 4)
    const method = version === 0 ? IN_FILE : next(2) & 0xf
    const isElsewhere = next(2) !== 0
    const base = readSized(cursor, baseBytes)
    const extents = Array.from({ length: next(2) }, (): Extent => {
      readSized(cursor, indexBytes)
      return { start: base + readSized(cursor, offsetBytes), length: readSized(cursor, lengthBytes) }
    })
    if (id === item) return isElsewhere ? undefined : join(sourceOf(file, boxes, method), extents)
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

function join(source: Buffer | undefined, extents: readonly Extent[]): Buffer | undefined {
  if (source === undefined) return undefined
  const parts = extents.map(({ start, length }) =>
    // Without a length the extent is all the rest.
    source.subarray(start, length === 0 ? source.length : start + length),
  )
  return parts.length === 1 ? parts[0] : Buffer.concat(parts)
}
