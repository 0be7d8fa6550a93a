import { ImgprocError } from '../errors.js'

/** Creates an INVALID_OPERATION error. `at` is the operation's name or its position in a list, such as `ops[1]`. */
export function createOperationError(message: string, at = ''): ImgprocError {
  return new ImgprocError('INVALID_OPERATION', at === '' ? message : `${at}: ${message}`, { stage: 'usage' })
}
