import { sha256 } from '../utils/sha256.js'

/** A source's identity in the manifest: the first 16 hex digits of its path's SHA-256. */
export function sourceId(path: string): string {
  return sha256(path).slice(0, 16)
}
