import { setTimeout as sleep } from 'node:timers/promises'

interface Call<T, R> {
  readonly item: T
  readonly resolve: (result: R) => void
  readonly reject: (error: unknown) => void
}

/**
 * Returns a function that collects calls, and answers together those that came within a few milliseconds or while others
 * were being answered.
 *
 * @param answer returns a result, or an error, for each item. If it throws, all calls reject.
 * @param delay milliseconds to wait for more calls.
 */
export function batchCalls<T, R>(
  answer: (items: readonly T[]) => Promise<readonly (R | Error)[]>,
  delay: number,
): (item: T) => Promise<R> {
  let waiting: Call<T, R>[] = []
  let isBusy = false
  const answerWaiting = async (): Promise<void> => {
    const calls = waiting
    waiting = []
    try {
      const results = await answer(calls.map(({ item }) => item))
      for (const [at, { resolve, reject }] of calls.entries()) {
        const result = results[at]
        if (result instanceof Error) reject(result)
        else resolve(result as R) // one for each item
      }
    } catch (error) {
      for (const { reject } of calls) reject(error)
    }
  }
  const work = async (): Promise<void> => {
    isBusy = true
    await sleep(delay)
    while (waiting.length > 0) await answerWaiting()
    isBusy = false
  }
  return (item) =>
    new Promise((resolve, reject) => {
      waiting.push({ item, resolve, reject })
      if (!isBusy) void work()
    })
}
