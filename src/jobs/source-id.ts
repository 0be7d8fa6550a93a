import { sha256 } from '../utils/sha256.js'

/** Returns a source's id in the manifest: the first 16 hex digits of the SHA-256 of its path. */
export function sourceId(path: string): string {
  return sha256(path).slice(0, 16)
}
