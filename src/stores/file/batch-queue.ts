/** Items that a producer adds as it finds them, and a consumer takes in batches. */
export interface BatchQueue<T> {
  /** Number of items that wait. */
  size(): number
  readonly add: (item: T) => void
  /** Ends the queue when the producer has. Its error is thrown when all items have been taken. */
  endWith(producer: Promise<void>): void
  /** Yields batches until the queue has ended. */
  take(): AsyncGenerator<readonly T[]>
}

/**
 * Creates a queue.
 *
 * @param size items of a batch, at most. Fewer are only taken at the end.
 *
 * @example
 * ```ts
 * const queue = createBatchQueue<string>(64)
 * queue.endWith(findFiles(queue.add))
 * for await (const files of queue.take()) console.log(files.length)
 * ```
 */
export function createBatchQueue<T>(size: number): BatchQueue<T> {
  const state = { items: [] as T[], isOver: false, wake: () => {} }
  let ended: Promise<void> = Promise.resolve()
  return {
    size: () => state.items.length,
    add(item) {
      if (state.items.push(item) >= size) state.wake()
    },
    endWith(producer) {
      ended = producer.finally(() => {
        state.isOver = true
        state.wake()
      })
      // Reported by `take`.
      ended.catch(() => {})
    },
    async *take() {
      while (!state.isOver || state.items.length > 0) {
        if (!state.isOver && state.items.length < size)
          await new Promise<void>((resolve) => (state.wake = resolve))
        const { items } = state
        state.items = []
        for (let at = 0; at < items.length; at += size) yield items.slice(at, at + size)
      }
      await ended
    },
  }
}
