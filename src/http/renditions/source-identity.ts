import { LRUCache } from 'lru-cache'
import { isRemote } from '../../paths/location.js'
import type { Source, Store } from '../../stores/types.js'

/** Facts that tell one content of a file from another. */
export interface SourceIdentity {
  /** Undefined if the store tells nothing but the name. */
  readonly version: string | undefined
  /** ISO 8601. */
  readonly modified: string | undefined
  /** True if it was asked for earlier. */
  readonly isRemembered: boolean
}

/** Finds out the identity of a file. */
export interface Identify {
  /**
   * Returns undefined if the file does not exist.
   *
   * @param isFresh asks the store, whatever is remembered.
   */
  (ref: string, isFresh?: boolean): Promise<SourceIdentity | undefined>
}

/** Milliseconds that a file over the network counts as unchanged: otherwise each request would wait for another server. */
const REMEMBERED = 10_000
const MAX_REMEMBERED = 10_000

/** Creates a function that identifies files. Files on the disk are asked for each time. */
export function createIdentify(store: Store): Identify {
  const remembered = new LRUCache<string, SourceIdentity>({ max: MAX_REMEMBERED, ttl: REMEMBERED })
  return async (ref, isFresh = false) => {
    const isFar = isRemote(ref)
    const known = isFar && !isFresh ? remembered.get(ref) : undefined
    if (known !== undefined) return known
    const source = await store.stat(ref)
    if (source === undefined) {
      remembered.delete(ref)
      return undefined
    }
    const identity = { version: versionOf(source), modified: source.modified, isRemembered: false }
    if (isFar) remembered.set(ref, { ...identity, isRemembered: true })
    return identity
  }
}

function versionOf({ size, modified, etag, changed }: Source): string | undefined {
  if (etag === undefined && modified === undefined) return undefined
  return `${size} ${etag ?? ''} ${modified ?? ''} ${changed ?? ''}`
}
