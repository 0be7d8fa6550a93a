import { ImgprocError } from '../errors.js'

/** Creates an INVALID_CONFIG error. `path` is the config file, if there is one. */
export function createConfigError(message: string, path?: string, cause?: unknown): ImgprocError {
  return new ImgprocError('INVALID_CONFIG', message, { stage: 'config', path, cause })
}
