import { throwIfAborted } from '../../errors.js'
import { backoffDelay, waitUnlessAborted } from '../../utils/backoff.js'

/** Maximum delay after the first attempt, in milliseconds; it doubles with each attempt. */
const FIRST_DELAY = 200
/** The same after a response that asks for fewer requests. */
const FIRST_THROTTLED_DELAY = 1000
const MAX_DELAY = 20_000

const THROTTLING_NAMES = new Set(['SlowDown', 'ThrottlingException', 'Throttling', 'RequestLimitExceeded'])
const TRANSIENT_NAMES = new Set([
  'ConditionalRequestConflict',
  'InternalError',
  'OperationAborted',
  'RequestTimeout',
  'TimeoutError',
  'TruncatedBody',
])
const NETWORK_CODES = new Set([
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
const TRANSIENT_STATUSES = new Set([429, 500, 502, 503, 504])

/** Properties of an error of the SDK. */
export interface S3Failure {
  /** Such as NoSuchKey; may be just the status if the answer has no body. */
  readonly name: string
  /** The operating system's code of a connection error; empty if there is none. */
  readonly code: string
  readonly message: string
  /** HTTP status; 0 without an answer. */
  readonly status: number
  /** Identifies the request in the logs of the server. */
  readonly requestId: string
  readonly headers: Readonly<Record<string, string>>
  /** True if the SDK has just corrected the skew of the local clock. */
  readonly clockCorrected: boolean
}

/** Reads the properties of an error, which may be of any type. */
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
    // The SDK's type of headers; absent without an answer.
    headers: typeof headers === 'object' && headers !== null ? (headers as Record<string, string>) : {},
    clockCorrected: fieldOf(metadata, 'clockSkewCorrected') === true,
  }
}

/** True if the server asks for fewer requests. */
export function isThrottled({ name, status }: S3Failure): boolean {
  return THROTTLING_NAMES.has(name) || status === 429 || status === 503
}

/** True if the same request may succeed when it is sent again. */
export function isTransient(failure: S3Failure): boolean {
  const { name, code, status, clockCorrected } = failure
  if (name === 'AbortError') return false
  return (
    clockCorrected ||
    isThrottled(failure) ||
    TRANSIENT_NAMES.has(name) ||
    NETWORK_CODES.has(code) ||
    TRANSIENT_STATUSES.has(status)
  )
}

/**
 * Makes a request with retries, exponential backoff and jitter. The SDK's own retries are not used: they do not cover
 * a body that breaks off, and an outage of seconds uses up their token bucket.
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
  // A date instead of seconds is ignored.
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
