import { setTimeout as sleep } from 'node:timers/promises'

/** Milliseconds throughout. */
export interface Backoff {
  /** Upper limit of the delay after the first attempt; it doubles with each further attempt. */
  readonly firstDelay: number
  /** @default no limit */
  readonly maxDelay?: number | undefined
  /**
   * Wait that the server asked for (Retry-After).
   * @default 0
   */
  readonly retryAfter?: number | undefined
  /**
   * `add` waits for the requested time and then for the jittered delay, so that clients with the same requested time do
   * not come back together; `longer` waits for the longer of the two.
   */
  readonly combine: 'add' | 'longer'
}

/**
 * Returns the milliseconds to wait after attempt `attempt` (1 for the first): exponential backoff with full jitter,
 * so that clients that failed together do not come back together.
 * See https://aws.amazon.com/blogs/architecture/exponential-backoff-and-jitter/
 *
 * @param random returns a number from 0 to 1, as Math.random does.
 * @example
 * ```ts
 * backoffDelay(3, { firstDelay: 200, maxDelay: 20_000, combine: 'longer' }) // 0 to 800
 * ```
 */
export function backoffDelay(
  attempt: number,
  { firstDelay, maxDelay = Infinity, retryAfter = 0, combine }: Backoff,
  random: () => number = Math.random,
): number {
  const jittered = random() * firstDelay * 2 ** (attempt - 1)
  const delay = combine === 'add' ? retryAfter + jittered : Math.max(retryAfter, jittered)
  return Math.min(delay, maxDelay)
}

/** Waits, but no longer than until the signal is aborted. Does not throw: the caller checks the signal. */
export async function waitUnlessAborted(
  milliseconds: number,
  signal: AbortSignal | undefined,
): Promise<void> {
  await sleep(milliseconds, undefined, signal === undefined ? {} : { signal }).catch(() => {})
}
