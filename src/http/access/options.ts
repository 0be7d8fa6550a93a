import { createConfigError } from '../../config/errors.js'
import type { UserConfig } from '../../config/types.generated.js'
import { isNetwork } from './client-address.js'
import type { AccessOptions } from './types.js'

/** The keys of `serve` about access, as their schema has checked them. */
export type AccessConfig = Pick<
  NonNullable<UserConfig['serve']>,
  'tokens' | 'publicImages' | 'signingKeys' | 'signatures' | 'rateLimit' | 'trustProxy' | 'cors'
>

/** As many characters as 128 random bits in hex digits have. */
const MIN_SECRET = 32

const DEFAULT_SECONDS = 60

/** Fills in defaults, and checks what a schema can't. Throws INVALID_CONFIG. No message shows a secret. */
export function resolveAccess(config: AccessConfig): AccessOptions {
  const { tokens = [], publicImages = false, signingKeys = {}, rateLimit, trustProxy = [], cors } = config
  const keys = new Map(Object.entries(signingKeys))
  const signatures = config.signatures ?? (keys.size > 0 ? 'required' : 'off')
  const problems = [
    ...duplicates(tokens.map(({ id }) => id)).map((id) => `tokens: there are two with the id "${id}"`),
    ...[...keys]
      .filter(([, secret]) => secret.length < MIN_SECRET)
      .map(
        ([id]) =>
          `signingKeys.${id}: the secret is shorter than ${MIN_SECRET} characters. Make one by openssl rand -hex 32`,
      ),
    ...(signatures === 'off' || keys.size > 0
      ? []
      : [`signatures: "${signatures}" needs signingKeys, or IMGPROC_SIGNING_KEYS for imgproc serve`]),
    ...trustProxy
      .filter((network) => !isNetwork(network))
      .map((network) => `trustProxy: expected an address or a network such as 10.0.0.0/8, got "${network}"`),
  ]
  if (problems.length > 0) throw createConfigError(`serve: ${problems.join('; ')}`)
  return {
    tokens,
    publicImages,
    signingKeys: keys,
    signatures,
    rateLimit:
      rateLimit === undefined ? undefined : { ...rateLimit, seconds: rateLimit.seconds ?? DEFAULT_SECONDS },
    trustProxy,
    cors,
  }
}

function duplicates(names: readonly string[]): string[] {
  return [...new Set(names.filter((name, index) => names.indexOf(name) !== index))]
}
