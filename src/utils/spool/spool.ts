import { createByteSpool } from './byte-spool.js'
import { createLineWriter, readLines, type Codec } from './lines.js'

/** A list that may be longer than fits into memory. It is read from its beginning, as often as needed. */
export interface Spool<T> extends Iterable<T> {
  readonly length: number
  readonly add: (value: T) => void
}

/** Values that stay as they are. More of them are encoded, which takes a tenth of the memory, then written to a file. */
export const PLAIN_VALUES = 16_384

/**
 * Creates a list. Values that were encoded are decoded anew each time they are read.
 *
 * @param plain values that stay as they are, at most.
 */
export function createSpool<T>({ encode, decode }: Codec<T>, plain: number = PLAIN_VALUES): Spool<T> {
  const bytes = createByteSpool()
  const writer = createLineWriter(bytes)
  let values: T[] = []
  let length = 0
  return {
    get length() {
      return length
    },
    add(value) {
      length++
      if (length <= plain) {
        values.push(value)
        return
      }
      for (const each of values) writer.add(encode(each))
      values = []
      writer.add(encode(value))
    },
    *[Symbol.iterator]() {
      if (length <= plain) yield* values
      else for (const line of readLines(bytes, 0, writer.flush())) yield decode(line)
    },
  }
}
