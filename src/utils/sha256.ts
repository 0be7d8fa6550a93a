import { createHash, hash, type Hash } from 'node:crypto'

/** Returns the SHA-256 of text or bytes in hex digits. */
export function sha256(content: string | Uint8Array): string {
  return hash('sha256', content)
}

/** Creates a SHA-256 of content that comes in parts. */
export function createSha256(): Hash {
  return createHash('sha256')
}

export type { Hash }
