import { ImgprocError } from '../../errors.js'

/** The variable of keys for signed URLs, so that the config need not hold them: `ID:SECRET,ID:SECRET`. */
const VARIABLE = 'IMGPROC_SIGNING_KEYS'

/** Adds the keys of the environment to those of the config. A key of the environment wins. */
export function withSigningKeys<
  T extends { readonly signingKeys?: Readonly<Record<string, string>> | undefined },
>(config: T, environment: Readonly<Record<string, string | undefined>>): T {
  const text = environment[VARIABLE]?.trim() ?? ''
  if (text === '') return config
  const keys = text.split(',').map((pair) => {
    const [, id, secret] = /^\s*([A-Za-z0-9][\w.-]*):(\S+)\s*$/.exec(pair) ?? []
    // The message must not show a secret.
    if (id === undefined || secret === undefined)
      throw new ImgprocError(
        'INVALID_USAGE',
        `${VARIABLE}: expected ID:SECRET, or several with commas between them.`,
        {
          stage: 'usage',
        },
      )
    return [id, secret] as const
  })
  return { ...config, signingKeys: { ...config.signingKeys, ...Object.fromEntries(keys) } }
}
