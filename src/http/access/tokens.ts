import { hash, randomBytes, timingSafeEqual } from 'node:crypto'
import { sha256 } from '../../utils/sha256.js'
import type { Token, TokenRecord } from './types.js'

/** By this prefix, scanners for secrets recognise a token. */
const PREFIX = 'imgproc_'

const TOKEN_BYTES = 32

/** Creates a token of 256 random bits. */
export function createToken(): string {
  return PREFIX + randomBytes(TOKEN_BYTES).toString('base64url')
}

/**
 * Returns the hash of a token for the config. A slow hash such as scrypt protects passwords, which can be guessed. Nobody
 * guesses 256 random bits, so SHA-256 suffices, and each request stays cheap.
 */
export function hashToken(token: string): string {
  return sha256(token)
}

/** Returns a function that finds a token by its text, in a time that tells nothing about the hashes. */
export function createTokenFinder(records: readonly TokenRecord[]): (text: string) => Token | undefined {
  const known = records.map(({ id, scopes, hash: digits }) => ({
    token: { id, scopes },
    bytes: Buffer.from(digits, 'hex'),
  }))
  return (text) => {
    const bytes = hash('sha256', text, 'buffer')
    let found: Token | undefined
    // All are compared, also after a match.
    for (const each of known) if (timingSafeEqual(each.bytes, bytes)) found = each.token
    return found
  }
}
