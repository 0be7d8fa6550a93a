import { ImgprocError } from '../errors.js'

/** Creates an INVALID_OPERATION error. `at` names the operation, or its place in a list. */
export function createOperationError(message: string, at = ''): ImgprocError {
  return new ImgprocError('INVALID_OPERATION', at === '' ? message : `${at}: ${message}`, { stage: 'usage' })
}
