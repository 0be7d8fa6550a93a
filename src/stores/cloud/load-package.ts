import { ImgprocError } from '../../errors.js'

/**
 * Creates the error for an optional package that cannot be loaded.
 *
 * @param place the kind of URL that needs it, such as `az://`.
 */
export function createPackageError(name: string, place: string, cause: unknown): ImgprocError {
  const [reason] = (cause instanceof Error ? cause.message : String(cause)).split('\n', 1)
  const message = `${place} needs the package ${name}, which is installed separately: npm install ${name} (${reason})`
  return new ImgprocError('INVALID_CONFIG', message, { stage: 'config', cause })
}
