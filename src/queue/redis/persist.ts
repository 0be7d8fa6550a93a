import { backoffDelay, waitUnlessAborted } from '../../utils/backoff.js'
import { throwIfAborted } from '../../errors.js'

/** Errors of Redis that pass: it is away, starts, fails over, or is full until workers have made room. */
const PASSING =
  /connection is closed|connection close|ECONNREFUSED|ECONNRESET|EPIPE|ETIMEDOUT|OOM command not allowed|^LOADING|^READONLY|^MASTERDOWN|^CLUSTERDOWN|^TRYAGAIN|^BUSY /i

/** Returns true for an error of Redis that passes. */
export function isPassing(error: unknown): boolean {
  return PASSING.test(reasonOf(error))
}

function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}

/** Milliseconds between two attempts, at most. */
const MAX_DELAY = 5000

export interface PersistOptions {
  /** Called with the reason before each wait. */
  readonly onWait?: ((reason: string) => void) | undefined
  readonly signal?: AbortSignal | undefined
}

/**
 * Repeats an action on Redis until it succeeds or fails for another reason than Redis being away or full. The action has to
 * be one that may be done twice.
 *
 * @throws ImgprocError ABORTED if the signal is aborted while it waits.
 */
export async function persist<T>(
  action: () => Promise<T>,
  { onWait, signal }: PersistOptions = {},
): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await action()
    } catch (error) {
      if (!isPassing(error)) throw error
      onWait?.(reasonOf(error))
      await waitUnlessAborted(
        100 + backoffDelay(attempt, { firstDelay: 200, maxDelay: MAX_DELAY, combine: 'longer' }),
        signal,
      )
      throwIfAborted(signal)
    }
  }
}

/** Repeats an action as `persist` does, and says when it waits, and when it waits no longer. */
export async function persistAloud<T>(
  action: () => Promise<T>,
  onNotice: ((text: string) => void) | undefined,
): Promise<T> {
  let hasWaited = false
  const result = await persist(action, {
    onWait(reason) {
      if (!hasWaited) onNotice?.(`Redis does not take jobs, waiting: ${reason}`)
      hasWaited = true
    },
  })
  if (hasWaited) onNotice?.('Redis is back')
  return result
}
