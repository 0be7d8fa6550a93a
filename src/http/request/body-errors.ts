import { ImgprocError } from '../../errors.js'
import { formatBytes } from '../../utils/format-bytes.js'

/** Creates the error of a file that is larger than the server takes; the limit in bytes. */
export function createFileTooLargeError(limit: number): ImgprocError {
  const message = `The image is larger than the ${formatBytes(limit)} that this server takes. Send a smaller one.`
  return new ImgprocError('INPUT_TOO_LARGE', message, { stage: 'read' })
}

/** Creates the error of a request that is not as it should be. */
export function createRequestError(message: string, cause?: unknown): ImgprocError {
  return new ImgprocError('INVALID_USAGE', message, { stage: 'usage', cause })
}

/** Converts an error of reading a body: the client has gone, or has sent less than it announced. */
export function toBodyError(error: unknown, signal: AbortSignal | undefined): ImgprocError {
  if (error instanceof ImgprocError) return error
  if (signal?.aborted === true) {
    return new ImgprocError('ABORTED', 'The client has gone before its upload was complete.', {
      cause: error,
    })
  }
  const reason = error instanceof Error ? error.message : String(error)
  return createRequestError(`The body of the request could not be read: ${reason}. Send it again.`, error)
}
