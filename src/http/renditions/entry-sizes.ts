import { LRUCache } from 'lru-cache'

/** An entry and its bytes. */
export interface Entry {
  readonly key: string
  readonly bytes: number
}

/** Sizes of entries, in the order of their last use. */
export interface EntrySizes {
  /** Takes in the entries of earlier, the least recently used first. Those that were noted before are more recent. */
  load(entries: readonly Entry[]): void
  /** Notes an entry that was written or read. */
  add(key: string, bytes: number): void
  /** Notes that an entry was used. */
  use(key: string): void
  drop(key: string): void
  /** Returns all keys, the least recently used first. */
  keys(): readonly string[]
}

type Change = number | 'used' | 'dropped'

/**
 * Creates sizes whose sum is bounded: the least recently used entries are evicted, but none before the entries of earlier are
 * loaded.
 */
export function createEntrySizes(maxBytes: number, evict: (key: string) => void): EntrySizes {
  const sizes = new LRUCache<string, number>({
    maxSize: maxBytes,
    sizeCalculation: (bytes) => Math.max(bytes, 1),
    dispose: (_bytes, key, reason) => {
      if (reason === 'evict') evict(key)
    },
  })
  /** Changes before the entries of earlier are loaded, the latest last. */
  let early: Map<string, Change> | undefined = new Map()
  const apply = (key: string, change: Change) => {
    if (change === 'used') sizes.get(key)
    else if (change === 'dropped') sizes.delete(key)
    else sizes.set(key, change)
  }
  const note = (key: string, change: Change) => {
    if (early === undefined) return apply(key, change)
    const latest = change === 'used' ? (early.get(key) ?? change) : change
    early.delete(key)
    early.set(key, latest)
  }
  return {
    load(entries) {
      for (const { key, bytes } of entries) sizes.set(key, bytes)
      for (const [key, change] of early ?? []) apply(key, change)
      early = undefined
    },
    add: (key, bytes) => note(key, bytes),
    use: (key) => note(key, 'used'),
    drop: (key) => note(key, 'dropped'),
    keys: () => [...sizes.keys()].toReversed(),
  }
}
