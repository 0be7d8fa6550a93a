import { ERRORS, ImgprocError } from '../errors.js'

/** Codes of errors about a place, if they are not those of an image. */
const PLACE_ERRORS: ReadonlySet<string> = new Set([
  'ACCESS_DENIED',
  'INPUT_NOT_FOUND',
  'READ_FAILED',
  'WRITE_FAILED',
])

/** Errors that ended a run after its first image. */
const lateErrors = new WeakSet()

/** Notes that an error ended a run after its first image, such as a manifest that can't be written. */
export function noteLateError(error: unknown): void {
  if (error instanceof ImgprocError) lateErrors.add(error)
}

/**
 * Returns the exit code of an error that ended a command. A place that is missing or forbidden before any image was made is a
 * mistake of the command or the config, as a wrong flag is, unless it may be right later.
 */
export function exitCodeOf(error: unknown): number {
  if (!(error instanceof ImgprocError)) return 1
  const isMistake = PLACE_ERRORS.has(error.code) && !error.retryable && !lateErrors.has(error)
  return isMistake ? 2 : ERRORS[error.code].exit
}
