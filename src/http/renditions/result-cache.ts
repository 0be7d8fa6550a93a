import { LRUCache } from 'lru-cache'
import { createStoredOrder, type StoredOrder } from './stored-order.js'
import type { Store } from '../../stores/types.js'
import { decodeEntry, encodeEntry } from './cache-entry.js'
import type { Rendition } from './types.js'

export interface ResultCacheOptions {
  readonly store: Store
  /** Location of the folder, without a slash at its end. */
  readonly folder: string
  /** Bytes to keep in the store; 0 for none. */
  readonly maxBytes: number
  /** Bytes to keep in memory too; 0 for none. */
  readonly memoryBytes: number
}

/** Results that were made before, by their keys: hex digits. */
export interface ResultCache {
  /** Returns a result that is in memory. */
  recall(key: string): Rendition | undefined
  /** Reads a result from the store. Damage counts as absence, and so does a store that fails. */
  read(key: string): Promise<Rendition | undefined>
  /** Keeps a result. The store is written in the background: a result is answered also if the disk is full. */
  keep(key: string, made: Rendition): void
  /** Resolves when everything that was kept until now is written. */
  settle(): Promise<void>
  /** Resolves when everything is written. */
  close(): Promise<void>
}

/**
 * Creates a cache of results in a store, with a smaller one in memory in front of it. The least recently used go first, also
 * after a restart.
 *
 * @example
 * ```ts
 * const cache = createResultCache({ store, folder: '/srv/imgproc-data/cache', maxBytes: 1e9, memoryBytes: 64e6 })
 * const made = cache.recall(key) ?? (await cache.read(key))
 * ```
 */
export function createResultCache(options: ResultCacheOptions): ResultCache {
  const { store, folder, maxBytes, memoryBytes } = options
  const memory = memoryBytes > 0 ? createMemory(memoryBytes) : undefined
  const order = maxBytes > 0 ? createStoredOrder({ store, folder, maxBytes }) : undefined
  const writes = new Set<Promise<unknown>>()
  return {
    recall(key) {
      const known = memory?.get(key)
      if (known !== undefined) order?.use(key)
      return known
    },
    async read(key) {
      if (order === undefined) return undefined
      const made = await readEntry(store, order, key)
      if (made !== undefined) memory?.set(key, made)
      return made
    },
    keep(key, made) {
      memory?.set(key, made)
      if (order === undefined) return
      const write = writeEntry(store, order, key, made).finally(() => writes.delete(write))
      writes.add(write)
    },
    async settle() {
      await Promise.all(writes)
    },
    async close() {
      await Promise.all(writes)
      await order?.close()
    },
  }
}

/** Bytes of the objects that hold a result in memory. */
const OVERHEAD = 500

function createMemory(maxSize: number): LRUCache<string, Rendition> {
  return new LRUCache({ maxSize, sizeCalculation: ({ data }) => data.length + OVERHEAD })
}

async function readEntry(store: Store, order: StoredOrder, key: string): Promise<Rendition | undefined> {
  const ref = order.refOf(key)
  const stored = await store.read(ref).catch(() => undefined)
  if (stored === undefined) return undefined
  const made = decodeEntry(stored)
  if (made === undefined) await order.drop(key)
  else order.add(key, stored.length)
  return made
}

async function writeEntry(store: Store, order: StoredOrder, key: string, made: Rendition): Promise<void> {
  const bytes = encodeEntry(made)
  if (!order.fits(bytes.length)) return
  const written = await store
    .write(order.refOf(key), bytes, { contentType: 'application/octet-stream' })
    .catch(() => undefined)
  if (written !== undefined) order.add(key, bytes.length)
}
