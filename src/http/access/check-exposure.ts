import { ImgprocError } from '../../errors.js'
import { type AuthorizationOptions, isOpen } from './authorize.js'

/** True if only this machine reaches a host: `localhost`, `127.0.0.0/8` or `::1`. */
function isLoopback(host: string): boolean {
  return /^(?:localhost|\[?::1\]?|127(?:\.\d{1,3}){3})$/i.test(host)
}

/**
 * Throws INVALID_USAGE if a server without tokens would listen to other machines, where anyone could upload and delete.
 *
 * @param isMeant the user wants that: `--open`.
 */
export function checkExposure(host: string, options: AuthorizationOptions, isMeant: boolean): void {
  if (isMeant || !isOpen(options) || isLoopback(host)) return
  const message = `Without tokens, anyone who reaches ${host} could upload, read and delete images. Make a token by imgproc token NAME and add it to serve.tokens of the config, or set serve.signatures to required. Give --open if everybody may.`
  throw new ImgprocError('INVALID_USAGE', message, { stage: 'usage' })
}
