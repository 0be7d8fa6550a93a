/** A queue in memory between the producers of values and one consumer. */
export interface Channel<T> {
  push(value: T): void
  /** Values that wait for the consumer. */
  size(): number
  /** Resolves to the next value; undefined at the end. Rejects with the error of `fail`. */
  next(): Promise<T | undefined>
  /** Ends the channel: values that wait are still read. */
  end(): void
  fail(error: unknown): void
}

/** Values that were read and are still held, at most. */
const MAX_READ = 1000

/** Creates a channel for one consumer. */
export function createChannel<T>(): Channel<T> {
  let values: T[] = []
  let read = 0
  let state: { readonly error?: unknown } | undefined
  let wake = () => {}
  const finish = (end: { readonly error?: unknown }) => {
    state ??= end
    wake()
  }
  return {
    push(value) {
      values.push(value)
      wake()
    },
    size: () => values.length - read,
    async next() {
      while (read === values.length) {
        if (state !== undefined) {
          if ('error' in state) throw state.error
          return undefined
        }
        await new Promise<void>((resolve) => {
          wake = resolve
        })
      }
      const value = values[read++]
      // Moving all others at each value would cost more.
      if (read === values.length || read > MAX_READ) {
        values = values.slice(read)
        read = 0
      }
      return value
    },
    end: () => finish({}),
    fail: (error) => finish({ error }),
  }
}
