import pLimit from 'p-limit'
import { type Failure, textOf } from './failure.js'
import { ATTEMPTS, withRetries } from './retry.js'

/** Options of the requests of a store. */
export interface RequestOptions {
  /** Maximum attempts of a request if the server or the network fails temporarily. @default 6 */
  readonly attempts?: number | undefined
  /** Seconds without a received byte after which an attempt fails. @default 60 */
  readonly idleTimeout?: number | undefined
}

/** One attempt of a request. */
export interface Attempt {
  /** 1 for the first. */
  readonly number: number
  /** Aborted if the caller stops, and if the attempt is idle for too long. */
  readonly signal: AbortSignal
  /** Call it when bytes have arrived. */
  readonly onProgress: () => void
}

/**
 * Makes a request with retries, and limits the time of each attempt. Throws the error of the SDK if it fails permanently or too
 * often.
 *
 * @param bytes that are sent.
 */
export type MakeRequest = <T>(
  signal: AbortSignal | undefined,
  make: (attempt: Attempt) => Promise<T>,
  bytes?: number,
) => Promise<T>

const IDLE_SECONDS = 60
/** Requests at once; further ones wait. As many as there are connections to S3. */
const MAX_REQUESTS = 128
/** Bytes a second that the slowest network takes. Large outputs get more time by it. */
const SLOWEST_WRITE = 1e6

/** Creates the requests of a store whose SDK limits neither idle connections nor their number. */
export function createRequests(
  { attempts = ATTEMPTS, idleTimeout = IDLE_SECONDS }: RequestOptions,
  toFailure: (error: unknown) => Failure,
): MakeRequest {
  const limit = pLimit(MAX_REQUESTS)
  return (signal, make, bytes = 0) =>
    withRetries({ attempts, signal, toFailure }, (number) =>
      limit(() => attemptOnce(number, signal, idleTimeout + bytes / SLOWEST_WRITE, make)),
    )
}

async function attemptOnce<T>(
  number: number,
  signal: AbortSignal | undefined,
  seconds: number,
  make: (attempt: Attempt) => Promise<T>,
): Promise<T> {
  const idle = new AbortController()
  const timer = setTimeout(() => idle.abort(createIdleError(seconds)), seconds * 1000)
  const own = signal === undefined ? idle.signal : AbortSignal.any([signal, idle.signal])
  // Not all calls of the SDKs stop when their signal aborts: then their result is dropped.
  const stopped = new Promise<never>((_, reject) => {
    own.addEventListener('abort', () => reject(own.reason), { once: true })
  })
  stopped.catch(() => {})
  try {
    return await Promise.race([make({ number, signal: own, onProgress: () => timer.refresh() }), stopped])
  } catch (error) {
    // The SDKs replace the reason by an error of their own.
    if (idle.signal.aborted) throw idle.signal.reason
    // That of Azure calls a body that broke off an abort.
    throw textOf(error, 'name') === 'AbortError' && !own.aborted ? createBrokenError(error) : error
  } finally {
    clearTimeout(timer)
  }
}

function createBrokenError(cause: unknown): Error {
  return Object.assign(new Error('the connection broke', { cause }), { name: 'TruncatedBody' })
}

function createIdleError(seconds: number): Error {
  const message = `the server sent nothing for ${Math.round(seconds)} seconds`
  return Object.assign(new Error(message), { name: 'TimeoutError' })
}
