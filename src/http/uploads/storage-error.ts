import { ImgprocError } from '../../errors.js'
import { errno } from '../../stores/errors.js'

const FULL = new Set(['ENOSPC', 'EDQUOT', 'EFBIG'])

/** Converts an error of writing to the store to one that a client may see: without paths of the server, and with its own advice. */
export function toStorageError(error: unknown): unknown {
  if (!(error instanceof ImgprocError) || error.stage !== 'write') return error
  const details = { stage: 'write', cause: error } as const
  if (FULL.has(errno(error.cause))) {
    const message = 'The store of the server is full. Nothing was kept. Send the image again later.'
    return new ImgprocError('STORE_FULL', message, details)
  }
  const message = 'The server cannot write to its store. Nothing was kept. Send the image again later.'
  return new ImgprocError('WRITE_FAILED', message, details)
}
