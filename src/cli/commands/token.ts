import { tokenSchema } from '../../config/access-schema.js'
import { ImgprocError } from '../../errors.js'
import { createToken, hashToken } from '../../http/access/tokens.js'
import { check } from '../../utils/validate.js'

export interface TokenFlags {
  readonly scopes?: readonly string[]
}

/** Prints a new token, and its entry in the config, which does not hold the token: `imgproc token`. */
export function tokenCommand(id: string, { scopes = ['read', 'write'] }: TokenFlags): void {
  const token = createToken()
  const checked = check(tokenSchema(), { id, hash: hashToken(token), scopes })
  if (checked.problems !== undefined) {
    const lines = checked.problems.map(
      ({ path, sentence }) => `${path.startsWith('scopes') ? '--scopes' : path}: ${sentence}`,
    )
    throw new ImgprocError('INVALID_USAGE', lines.join('; ').replace(/[^?]$/, '$&.'), { stage: 'usage' })
  }
  const { hash } = checked.data
  process.stdout.write(
    `${token}\n\nKeep this token: it is not shown again. Add its hash to the config:\n\nserve:\n  tokens:\n    - { id: ${id}, hash: ${hash}, scopes: [${scopes.join(', ')}] }\n`,
  )
}
