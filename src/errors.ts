/** Known to every copy of this module: the command and a user's own modules each load one. */
const BRAND: unique symbol = Symbol.for('imgproc.ImgprocError')

/** What happens when an error of each kind ends a command, a request or an attempt. */
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
  UNKNOWN_OPERATION: { exit: 2, status: 400, retryable: false },
  INVALID_OPERATION: { exit: 2, status: 400, retryable: false },
  UNKNOWN_PRESET: { exit: 2, status: 400, retryable: false },
  INVALID_CONFIG: { exit: 2, status: 500, retryable: false },
  INVALID_USAGE: { exit: 2, status: 400, retryable: false },
  OUTPUT_COLLISION: { exit: 2, status: 409, retryable: false },
  OUTPUT_OVERWRITES_INPUT: { exit: 2, status: 409, retryable: false },
  OUTPUT_OUTSIDE_ROOT: { exit: 2, status: 400, retryable: false },
  TARGET_UNREACHABLE: { exit: 1, status: 422, retryable: false },
  ABORTED: { exit: 130, status: 499, retryable: true },
  INTERNAL: { exit: 1, status: 500, retryable: false },
} as const satisfies Record<string, { exit: number; status: number; retryable: boolean }>

/** The kinds of errors; each has its exit code, HTTP status and whether a retry makes sense. */
export type ErrorCode = keyof typeof ERRORS

/** Where in the way of an image something went wrong. */
export type Stage = 'usage' | 'config' | 'plan' | 'read' | 'decode' | 'render' | 'encode' | 'write'

/** What an error adds to its code and message. */
export interface ErrorDetails {
  /** @default 'render' */
  stage?: Stage | undefined
  /** The file, key or URL that it is about. */
  path?: string | undefined
  /** Overrides what the code says: a full disk, for one, may have room later. */
  retryable?: boolean | undefined
  cause?: unknown
}

/** An error as plain data: in results, in the manifest, between processes. */
export interface ErrorRecord {
  readonly code: ErrorCode
  readonly message: string
  readonly stage: Stage
  readonly retryable: boolean
}

/**
 * The one error class. Its message says what went wrong, where, why and what to do.
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
  /** Whether the same call may succeed later. */
  readonly retryable: boolean
  /** The HTTP status that a server would answer. */
  readonly status: number

  constructor(code: ErrorCode, message: string, details: ErrorDetails = {}) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause })
    this.code = code
    this.stage = details.stage ?? 'render'
    this.path = details.path
    this.retryable = details.retryable ?? ERRORS[code].retryable
    this.status = ERRORS[code].status
  }

  /** @internal */
  get [BRAND](): true {
    return true
  }

  /** An error of another copy of this class is one too; a class derived from it has only its own. */
  static override [Symbol.hasInstance](value: unknown): boolean {
    if (this !== ImgprocError) return Function.prototype[Symbol.hasInstance].call(this, value)
    return typeof value === 'object' && value !== null && BRAND in value
  }
}

/** Anything thrown, as an ImgprocError: what is not one already is a bug, and says so by its code. */
export function toImgprocError(error: unknown, details: ErrorDetails = {}): ImgprocError {
  if (error instanceof ImgprocError) return error
  const message = error instanceof Error ? error.message : String(error)
  return new ImgprocError('INTERNAL', message, { ...details, cause: error })
}

/** Throws ABORTED once the signal says stop. */
export function throwIfAborted(signal: AbortSignal | undefined): void {
  if (signal?.aborted !== true) return
  const cause: unknown = signal.reason
  throw new ImgprocError('ABORTED', 'Stopped before it was through.', { cause })
}

/** The part of an error that is kept in results and in the manifest. */
export function toRecord(error: ImgprocError): ErrorRecord {
  return { code: error.code, message: error.message, stage: error.stage, retryable: error.retryable }
}
