import { loadConfig } from '../../config/load-config.js'
import { ImgprocError } from '../../errors.js'
import { resolveAccess } from '../../http/access/options.js'
import { signUrl } from '../../http/access/sign-url.js'
import { withSigningKeys } from '../flags/signing-keys.js'

export interface SignFlags {
  readonly key?: string
  /** Seconds. */
  readonly expires?: number
  readonly config?: string
}

/** Prints a signed URL: `imgproc sign`. */
export async function signCommand(url: string, flags: SignFlags): Promise<void> {
  const { config } = await loadConfig({ cwd: process.cwd(), file: flags.config })
  const { signingKeys } = resolveAccess(withSigningKeys(config.serve ?? {}, process.env))
  const [first] = signingKeys.keys()
  const key = flags.key ?? first
  const secret = key === undefined ? undefined : signingKeys.get(key)
  if (key === undefined || secret === undefined) throw createKeyError(key, [...signingKeys.keys()])
  const expires = flags.expires === undefined ? undefined : new Date(Date.now() + flags.expires * 1000)
  process.stdout.write(`${signUrl(url, { key, secret, expires })}\n`)
}

function createKeyError(key: string | undefined, known: readonly string[]): ImgprocError {
  const problem = key === undefined ? 'There is no signing key.' : `There is no signing key "${key}".`
  const help =
    known.length === 0
      ? ' Add one to serve.signingKeys of the config, or set IMGPROC_SIGNING_KEYS=ID:SECRET.'
      : ` Known: ${known.join(', ')}.`
  return new ImgprocError('INVALID_USAGE', problem + help, { stage: 'usage' })
}
