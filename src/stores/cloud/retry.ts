import { throwIfAborted } from '../../errors.js'
import { backoffDelay, waitUnlessAborted } from '../../utils/backoff.js'
import { type Failure, isThrottled, isTransient } from './failure.js'

/** Attempts of a request, at most, unless the options say otherwise. */
export const ATTEMPTS = 6

/** Maximum delay after the first attempt, in milliseconds; it doubles with each attempt. */
const FIRST_DELAY = 200
/** The same after a response that asks for fewer requests. */
const FIRST_THROTTLED_DELAY = 1000
const MAX_DELAY = 20_000

export interface RetryOptions {
  readonly attempts: number
  readonly signal: AbortSignal | undefined
  /** Reads the properties of an error of the SDK. */
  readonly toFailure: (error: unknown) => Failure
}

/**
 * Makes a request with retries, exponential backoff and jitter. The retries of the SDKs are not used: they do not cover a
 * body that breaks off, nor writes, and an outage of seconds uses up the token bucket of that of AWS.
 */
export async function withRetries<T>(
  { attempts, signal, toFailure }: RetryOptions,
  request: (attempt: number) => Promise<T>,
): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    throwIfAborted(signal)
    try {
      return await request(attempt)
    } catch (error) {
      throwIfAborted(signal)
      const failure = toFailure(error)
      if (attempt >= attempts || !isTransient(failure)) throw error
      await waitUnlessAborted(delayOf(failure, attempt), signal)
    }
  }
}

function delayOf(failure: Failure, attempt: number): number {
  const firstDelay = isThrottled(failure) ? FIRST_THROTTLED_DELAY : FIRST_DELAY
  // A date instead of seconds is ignored.
  const retryAfter = Number(failure.headers['retry-after'] ?? 0) * 1000 || 0
  return backoffDelay(attempt, { firstDelay, maxDelay: MAX_DELAY, retryAfter, combine: 'longer' })
}
