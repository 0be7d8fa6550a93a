import { setTimeout as sleep } from 'node:timers/promises'
import { readClock } from '../utils/clock.js'

/** Milliseconds that the first item of a chunk waits for others. */
const PATIENCE = 10

interface ChunkOptions {
  /** Resolves to the number of items that may be taken now, 1 or more; 0 takes no more at all. */
  readonly room: () => Promise<number>
  /** Items of a chunk, at most. */
  readonly size: number
}

/** Yields the items of an iterable in chunks, and takes no more of them than there is room for. */
export async function* inChunks<T>(
  items: AsyncIterable<T> | Iterable<T>,
  { room, size }: ChunkOptions,
): AsyncGenerator<readonly T[]> {
  const iterator = Symbol.asyncIterator in items ? items[Symbol.asyncIterator]() : items[Symbol.iterator]()
  let isDone = false
  let pending: Promise<IteratorResult<T>> | undefined
  try {
    while (!isDone) {
      const free = Math.min(await room(), size)
      if (free === 0) return
      const chunk: T[] = []
      const started = readClock()
      while (chunk.length < free) {
        pending ??= Promise.resolve(iterator.next())
        const next = chunk.length === 0 ? await pending : await inTime(pending, started)
        if (next === undefined) break
        pending = undefined
        isDone = next.done === true
        if (next.done === true) break
        chunk.push(next.value)
      }
      if (chunk.length > 0) yield chunk
    }
  } finally {
    if (!isDone) await iterator.return?.()
  }
}

/** Resolves to undefined if the item takes too long. */
async function inTime<T>(item: Promise<T>, started: number): Promise<T | undefined> {
  // Most items are there at once: a timer for each would cost more than the item.
  const soon = await Promise.race([
    item,
    new Promise<undefined>((resolve) => setImmediate(resolve, undefined)),
  ])
  if (soon !== undefined) return soon
  const left = PATIENCE - (readClock() - started)
  return left <= 0 ? undefined : Promise.race([item, sleep(left, undefined)])
}
