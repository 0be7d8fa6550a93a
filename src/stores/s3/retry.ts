import { throwIfAborted } from '../../errors.js'
import { backoffDelay, waitUnlessAborted } from '../../utils/backoff.js'

/** Milliseconds that the delay after the first attempt may last; each later one twice as long. */
const FIRST_DELAY = 200
/** The same, if the server asks for fewer requests. */
const FIRST_THROTTLED_DELAY = 1000
const MAX_DELAY = 20_000

const THROTTLED = new Set(['SlowDown', 'ThrottlingException', 'Throttling', 'RequestLimitExceeded'])
const TRANSIENT = new Set([
  'ConditionalRequestConflict',
  'InternalError',
  'OperationAborted',
  'RequestTimeout',
  'TimeoutError',
  'TruncatedBody',
])
const NETWORK = new Set([
  'ECONNABORTED',
  'ECONNREFUSED',
  'ECONNRESET',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'ENOTFOUND',
  'EPIPE',
  'ERR_STREAM_PREMATURE_CLOSE',
  'ETIMEDOUT',
])
const STATUSES = new Set([429, 500, 502, 503, 504])

/** What is known of an error of the SDK. */
export interface S3Failure {
  /** Its name, such as NoSuchKey; for an answer without a body it may be only the status. */
  readonly name: string
  /** The system's code of a broken connection; an empty text where there is none. */
  readonly code: string
  readonly message: string
  /** Of the HTTP answer; 0 where there was none. */
  readonly status: number
  /** What the server's logs know the request by. */
  readonly requestId: string
  readonly headers: Readonly<Record<string, string>>
  /** Our clock was wrong; the SDK now knows by how much. */
  readonly clockCorrected: boolean
}

/** An error of the SDK, looked at without trusting its type. */
export function toFailure(error: unknown): S3Failure {
  const metadata = fieldOf(error, '$metadata')
  const status = fieldOf(metadata, 'httpStatusCode')
  const headers = fieldOf(fieldOf(error, '$response'), 'headers')
  return {
    name: textOf(error, 'name'),
    code: textOf(error, 'code') || textOf(fieldOf(error, 'cause'), 'code'),
    message: textOf(error, 'message'),
    status: typeof status === 'number' ? status : 0,
    requestId: textOf(metadata, 'requestId'),
    // The SDK's own type of headers; absent only where there was no answer.
    headers: typeof headers === 'object' && headers !== null ? (headers as Record<string, string>) : {},
    clockCorrected: fieldOf(metadata, 'clockSkewCorrected') === true,
  }
}

/** Whether a server asks for fewer requests. */
export function isThrottled({ name, status }: S3Failure): boolean {
  return THROTTLED.has(name) || status === 429 || status === 503
}

/** Whether the same request may succeed when it is made again. */
export function isTransient(failure: S3Failure): boolean {
  const { name, code, status, clockCorrected } = failure
  if (name === 'AbortError') return false
  return (
    clockCorrected || isThrottled(failure) || TRANSIENT.has(name) || NETWORK.has(code) || STATUSES.has(status)
  )
}

/**
 * Makes a request until it succeeds, with pauses that grow and vary. The SDK's own retries end with the headers of
 * an answer, and its allowance for them is used up by an outage of seconds; here a body that breaks off counts too.
 */
export async function withRetries<T>(
  attempts: number,
  signal: AbortSignal | undefined,
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

function delayOf(failure: S3Failure, attempt: number): number {
  const firstDelay = isThrottled(failure) ? FIRST_THROTTLED_DELAY : FIRST_DELAY
  // A date instead of seconds counts as none.
  const retryAfter = Number(failure.headers['retry-after'] ?? 0) * 1000 || 0
  return backoffDelay(attempt, { firstDelay, maxDelay: MAX_DELAY, retryAfter, combine: 'longer' })
}

function fieldOf(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null ? Reflect.get(value, name) : undefined
}

function textOf(value: unknown, name: string): string {
  const text = fieldOf(value, name)
  return typeof text === 'string' ? text : ''
}
