import { createByteSpool } from './byte-spool.js'
import { createLineWriter, readLines, type Codec } from './lines.js'
import { PLAIN_VALUES } from './spool.js'

/** Values that are read in order, which may be more than fit into memory. All are added before any is read. */
export interface SortedSpool<T> extends Iterable<T> {
  readonly length: number
  /** True while all values are in memory as they were added. */
  readonly isPlain: () => boolean
  readonly add: (value: T) => void
}

type Compare<T> = (a: T, b: T) => number

/** Values in order, encoded. */
interface Part {
  readonly from: number
  to: number
}

/**
 * Creates a list that is sorted when it is read; equal values keep the order in which they were added. Parts of it are
 * sorted as they fill up, and merged by reading.
 *
 * @param plain values that are held unencoded, at most.
 */
export function createSortedSpool<T>(
  { encode, decode }: Codec<T>,
  compare: Compare<T>,
  plain: number = PLAIN_VALUES,
): SortedSpool<T> {
  const bytes = createByteSpool()
  const writer = createLineWriter(bytes)
  const parts: Part[] = []
  let values: T[] = []
  let isInOrder = true
  let lastWritten: T | undefined
  let length = 0
  const sort = () => {
    if (!isInOrder) values = values.toSorted(compare)
    isInOrder = true
  }
  const write = () => {
    sort()
    const [first] = values
    const last = parts.at(-1)
    // Sources that a store lists in order are one part.
    const continues =
      last !== undefined &&
      lastWritten !== undefined &&
      first !== undefined &&
      compare(lastWritten, first) <= 0
    const part = continues ? last : { from: writer.flush(), to: 0 }
    for (const value of values) writer.add(encode(value))
    part.to = writer.flush()
    if (!continues) parts.push(part)
    lastWritten = values.at(-1)
    values = []
  }
  return {
    get length() {
      return length
    },
    isPlain: () => parts.length === 0,
    add(value) {
      if (values.length === plain) write()
      const before = values.at(-1)
      if (before !== undefined && isInOrder && compare(before, value) > 0) isInOrder = false
      values.push(value)
      length++
    },
    *[Symbol.iterator]() {
      if (parts.length > 0 && values.length > 0) write()
      sort()
      const sorted = parts.map(({ from, to }) => decodeAll(readLines(bytes, from, to), decode))
      const [only] = sorted
      if (only === undefined) yield* values
      else if (sorted.length === 1) yield* only
      else yield* mergeSorted(sorted, compare)
    },
  }
}

function* decodeAll<T>(lines: Iterable<string>, decode: Codec<T>['decode']): Generator<T> {
  for (const line of lines) yield decode(line)
}

/** The next value of a part. */
interface Head<T> {
  readonly part: number
  readonly value: T
  readonly rest: Iterator<T>
}

/** Merges sorted lists. A value of an earlier list comes before an equal one of a later list. */
function* mergeSorted<T>(lists: readonly Iterable<T>[], compare: Compare<T>): Generator<T> {
  const isBefore = (a: Head<T>, b: Head<T>) => (compare(a.value, b.value) || a.part - b.part) < 0
  // The heads form a heap: none is behind those at twice its place.
  const heap: Head<T>[] = []
  for (const [part, list] of lists.entries()) {
    const rest = list[Symbol.iterator]()
    const { done, value } = rest.next()
    if (done !== true) heap.push({ part, value, rest })
  }
  heap.sort((a, b) => (isBefore(a, b) ? -1 : 1))
  for (let top = heap[0]; top !== undefined; top = heap[0]) {
    yield top.value
    const { done, value } = top.rest.next()
    const last = done === true ? heap.pop() : { ...top, value }
    if (last !== undefined && heap.length > 0) sink(heap, last, isBefore)
  }
}

/** Puts a head in the place of the first, and lets it sink to its own. */
function sink<T>(heap: Head<T>[], head: Head<T>, isBefore: (a: Head<T>, b: Head<T>) => boolean): void {
  let at = 0
  for (;;) {
    const [left, right] = [heap[at * 2 + 1], heap[at * 2 + 2]]
    const [child, next] =
      left !== undefined && right !== undefined && isBefore(right, left)
        ? [right, at * 2 + 2]
        : [left, at * 2 + 1]
    if (child === undefined || isBefore(head, child)) break
    heap[at] = child
    at = next
  }
  heap[at] = head
}
