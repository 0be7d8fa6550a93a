/** The error of a request to a cloud store, as its SDK threw it, in one form for all SDKs. */
export interface Failure {
  /** Code of the server or the SDK, such as NoSuchKey; may be just the status if the answer has no body. */
  readonly name: string
  /** The operating system's code of a connection error; empty if there is none. */
  readonly code: string
  readonly message: string
  /** HTTP status; 0 without an answer. */
  readonly status: number
  /** Identifies the request in the logs of the server; empty if unknown. */
  readonly requestId: string
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>
  /** True if the SDK has just corrected the skew of the local clock. */
  readonly clockCorrected?: boolean
}

const THROTTLING_NAMES = new Set([
  'ProvisionedThroughputExceededException',
  'RequestLimitExceeded',
  'ServerBusy',
  'SlowDown',
  'Throttling',
  'ThrottlingException',
  'rateLimitExceeded',
  'userRateLimitExceeded',
])
const TRANSIENT_NAMES = new Set([
  'ConditionalRequestConflict',
  'InternalError',
  'InternalServerError',
  'OperationAborted',
  'OperationTimedOut',
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
const TRANSIENT_STATUSES = new Set([408, 429, 500, 502, 503, 504])

/** True if the server asks for fewer requests. */
export function isThrottled({ name, status }: Failure): boolean {
  return THROTTLING_NAMES.has(name) || status === 429 || status === 503
}

/** True if the same request may succeed when it is sent again. */
export function isTransient(failure: Failure): boolean {
  const { name, code, status, clockCorrected = false } = failure
  if (name === 'AbortError') return false
  return (
    clockCorrected ||
    isThrottled(failure) ||
    TRANSIENT_NAMES.has(name) ||
    NETWORK_CODES.has(code) ||
    TRANSIENT_STATUSES.has(status)
  )
}

/** Reads a property of a value of any type. */
export function fieldOf(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null ? Reflect.get(value, name) : undefined
}

/** Reads a property that is a text; returns an empty text if it is none. */
export function textOf(value: unknown, name: string): string {
  const text = fieldOf(value, name)
  return typeof text === 'string' ? text : ''
}
