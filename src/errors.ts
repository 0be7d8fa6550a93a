/** Shared by all copies of this module. The command and a user's modules each load one. */
const BRAND: unique symbol = Symbol.for('imgproc.ImgprocError')

/** Exit code, HTTP status and retryability of each error code. */
export const ERRORS = {
  INPUT_NOT_FOUND: { exit: 1, status: 404, retryable: false },
  UNSUPPORTED_FORMAT: { exit: 1, status: 415, retryable: false },
  CORRUPT_IMAGE: { exit: 1, status: 422, retryable: false },
  TOO_MANY_PIXELS: { exit: 1, status: 413, retryable: false },
  INPUT_TOO_LARGE: { exit: 1, status: 413, retryable: false },
  TIMED_OUT: { exit: 1, status: 504, retryable: true },
  READ_FAILED: { exit: 1, status: 502, retryable: true },
  WRITE_FAILED: { exit: 1, status: 500, retryable: true },
  ACCESS_DENIED: { exit: 1, status: 403, retryable: false },
  /** A store finds no credentials, or its server does not take them: no image can be read or written. */
  INVALID_CREDENTIALS: { exit: 2, status: 500, retryable: false },
  /** A server got no token, or one that it does not know. */
  UNAUTHORIZED: { exit: 1, status: 401, retryable: false },
  /** A client of a server has reached its rate limit. */
  TOO_MANY_REQUESTS: { exit: 1, status: 429, retryable: true },
  UNKNOWN_OPERATION: { exit: 2, status: 400, retryable: false },
  INVALID_OPERATION: { exit: 2, status: 400, retryable: false },
  UNKNOWN_PRESET: { exit: 2, status: 400, retryable: false },
  INVALID_CONFIG: { exit: 2, status: 500, retryable: false },
  INVALID_USAGE: { exit: 2, status: 400, retryable: false },
  OUTPUT_COLLISION: { exit: 2, status: 409, retryable: false },
  OUTPUT_OVERWRITES_INPUT: { exit: 2, status: 409, retryable: false },
  /** Another run holds the lock of an output folder or manifest. */
  OUTPUT_LOCKED: { exit: 2, status: 409, retryable: true },
  OUTPUT_OUTSIDE_ROOT: { exit: 2, status: 400, retryable: false },
  /** A model finds a picture unsafe, and the preset's policy refuses it. */
  UNSAFE_CONTENT: { exit: 1, status: 422, retryable: false },
  TARGET_UNREACHABLE: { exit: 1, status: 422, retryable: false },
  /** Images of a run failed, and `throwOnFailure` is set. */
  IMAGES_FAILED: { exit: 1, status: 500, retryable: false },
  /** An upload whose time is over. */
  EXPIRED: { exit: 1, status: 410, retryable: false },
  RANGE_NOT_SATISFIABLE: { exit: 1, status: 416, retryable: false },
  /** The store of the server has no room. */
  STORE_FULL: { exit: 1, status: 507, retryable: true },
  /** No route of the server takes this method. */
  METHOD_NOT_ALLOWED: { exit: 2, status: 405, retryable: false },
  /** The server has more work than its queue holds, or is stopping. */
  OVERLOADED: { exit: 1, status: 503, retryable: true },
  /** The Redis of a queue cannot be used, or a worker refuses its job. */
  QUEUE_UNAVAILABLE: { exit: 2, status: 503, retryable: true },
  ABORTED: { exit: 130, status: 499, retryable: true },
  INTERNAL: { exit: 1, status: 500, retryable: false },
} as const satisfies Record<string, { exit: number; status: number; retryable: boolean }>

/** Error codes. Each has an exit code, an HTTP status, and a default for `retryable`. */
export type ErrorCode = keyof typeof ERRORS

/** Step of the work on an image that failed. */
export type Stage = 'usage' | 'config' | 'plan' | 'read' | 'decode' | 'render' | 'encode' | 'write'

/** Details of an error besides its code and message. */
export interface ErrorDetails {
  /** @default 'render' */
  stage?: Stage | undefined
  /** File, key or URL that the error is about. */
  path?: string | undefined
  /** Overrides the default of the code. A full disk, for example, may have room later. */
  retryable?: boolean | undefined
  cause?: unknown
  /** Sources and outputs that failed, for IMAGES_FAILED. */
  failures?: readonly Failure[] | undefined
}

/** An error as plain data, for results, the manifest and messages between processes. */
export interface ErrorRecord {
  readonly code: ErrorCode
  readonly message: string
  readonly stage: Stage
  readonly retryable: boolean
}

/** A source or one of its outputs that failed. */
export interface Failure {
  /** The source's path. */
  readonly path: string
  /** The preset, unless the whole source failed. */
  readonly preset?: string
  /** The analyzer that failed. */
  readonly analyzer?: string
  readonly error: ErrorRecord
}

/**
 * Error of all functions of this package. Its message tells what failed, where, why and what to do.
 *
 * @example
 * ```ts
 * import { ImgprocError, transform } from 'imgproc'
 * try {
 *   await transform('missing.jpg', [{ thumbnail: 100 }])
 * } catch (error) {
 *   if (error instanceof ImgprocError) console.log(error.code, error.status) // INPUT_NOT_FOUND 404
 * }
 * ```
 */
export class ImgprocError extends Error {
  override readonly name = 'ImgprocError'
  readonly code: ErrorCode
  readonly stage: Stage
  readonly path: string | undefined
  /** True if the same call may succeed later. */
  readonly retryable: boolean
  /** HTTP status for a server's response. */
  readonly status: number
  /** Sources and outputs that failed; only of IMAGES_FAILED. */
  declare readonly failures?: readonly Failure[]

  constructor(code: ErrorCode, message: string, details: ErrorDetails = {}) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause })
    this.code = code
    this.stage = details.stage ?? 'render'
    this.path = details.path
    this.retryable = details.retryable ?? ERRORS[code].retryable
    this.status = ERRORS[code].status
    if (details.failures !== undefined) this.failures = details.failures
  }

  /** @internal */
  get [BRAND](): true {
    return true
  }

  /** Returns true also for an error of another copy of this class. A derived class has only its own instances. */
  static override [Symbol.hasInstance](value: unknown): boolean {
    if (this !== ImgprocError) return Function.prototype[Symbol.hasInstance].call(this, value)
    return typeof value === 'object' && value !== null && BRAND in value
  }
}

/** Returns an ImgprocError unchanged, and wraps any other thrown value as INTERNAL, since it is a bug. */
export function toImgprocError(error: unknown, details: ErrorDetails = {}): ImgprocError {
  if (error instanceof ImgprocError) return error
  const message = error instanceof Error ? error.message : String(error)
  return new ImgprocError('INTERNAL', message, { ...details, cause: error })
}

/** Throws ABORTED if the signal is aborted. */
export function throwIfAborted(signal: AbortSignal | undefined): void {
  if (signal?.aborted !== true) return
  const cause: unknown = signal.reason
  throw new ImgprocError('ABORTED', 'Cancelled.', { cause })
}

/** Returns the part of an error that is kept in results and in the manifest. */
export function toRecord(error: ImgprocError): ErrorRecord {
  return { code: error.code, message: error.message, stage: error.stage, retryable: error.retryable }
}
