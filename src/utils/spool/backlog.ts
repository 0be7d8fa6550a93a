import { createByteSpool } from './byte-spool.js'
import { createLineWriter, readLines, type Codec } from './lines.js'

/** A queue from a producer that does not wait to a consumer that may be slow, or never come. */
export interface Backlog<T> {
  readonly push: (value: T) => void
  /** Ends the queue: values that wait are still read. */
  readonly end: () => void
  /** Yields the values until the end. May be broken off, and continued by another iteration. */
  readonly read: () => AsyncGenerator<T>
}

/** Values that wait as they are. More of them are encoded, and written to a file. */
const PLAIN_VALUES = 1024

/** Creates a queue. */
export function createBacklog<T>(codec: Codec<T>, plain: number = PLAIN_VALUES): Backlog<T> {
  let values: T[] = []
  let at = 0
  let overflow: Overflow<T> | undefined
  let isEnded = false
  let waiting: (() => void)[] = []
  const wake = () => {
    for (const resume of waiting) resume()
    waiting = []
  }
  const take = (): T | undefined => {
    if (at === values.length) {
      const value = overflow?.take()
      if (value === undefined) overflow = undefined
      return value
    }
    const value = values[at++]
    // Values that were read are not kept, however long there are others.
    if (at === values.length || at > plain) {
      values = values.slice(at)
      at = 0
    }
    return value
  }
  return {
    push(value) {
      if (overflow === undefined && values.length - at < plain) values.push(value)
      else (overflow ??= createOverflow(codec)).push(value)
      wake()
    },
    end() {
      isEnded = true
      wake()
    },
    async *read() {
      for (;;) {
        const value = take()
        if (value !== undefined) yield value
        else if (isEnded) return
        else {
          await new Promise<void>((resume) => {
            waiting.push(resume)
          })
        }
      }
    },
  }
}

/** Values that are encoded until they are taken, in their order. */
interface Overflow<T> {
  readonly push: (value: T) => void
  /** Returns undefined if there are none. */
  readonly take: () => T | undefined
}

function createOverflow<T>({ encode, decode }: Codec<T>): Overflow<T> {
  const bytes = createByteSpool()
  const writer = createLineWriter(bytes)
  let lines = readLines(bytes, 0, 0)
  let read = 0
  return {
    push: (value) => writer.add(encode(value)),
    take() {
      let next = lines.next()
      if (next.done === true) {
        // Those that were added in the meantime.
        const end = writer.flush()
        lines = readLines(bytes, read, end)
        read = end
        next = lines.next()
      }
      return next.done === true ? undefined : decode(next.value)
    },
  }
}
