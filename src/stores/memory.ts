import type { OrderedStore, Source } from './types.js'
import { createExistsError } from './errors.js'
import { createKeyedStore } from './keyed/store.js'

const ROOT = 'memory://'

interface Entry {
  readonly data: Uint8Array
  readonly source: Source
}

/**
 * Creates a store in memory, for tests and for images that are never on disk. Its refs are `memory://` and the key.
 *
 * @param initial bytes by key.
 * @example
 * ```ts
 * const store = createMemoryStore({ 'photos/a.jpg': bytes })
 * await store.read('memory://photos/a.jpg')
 * ```
 */
export function createMemoryStore(initial: Readonly<Record<string, Uint8Array>> = {}): OrderedStore {
  const entries = new Map<string, Entry>()
  let version = 0
  const put = (ref: string, data: Uint8Array): Source => {
    version += 1
    const source = { ref, size: data.length, modified: new Date().toISOString(), etag: String(version) }
    entries.set(ref, { data: Uint8Array.from(data), source })
    return source
  }
  for (const [key, data] of Object.entries(initial)) put(ROOT + key, data)
  return createKeyedStore({
    scheme: 'memory',
    async *list(prefix) {
      for (const [ref, { source }] of entries) if (ref.startsWith(prefix)) yield source
    },
    stat: async (ref) => entries.get(ref)?.source,
    read: async (ref, { range }) => entries.get(ref)?.data.slice(...(range ?? [])),
    write: async (ref, data, { ifAbsent }) => {
      if (ifAbsent === true && entries.has(ref)) throw createExistsError(ref)
      return put(ref, data)
    },
    remove: async (ref) => {
      entries.delete(ref)
    },
  })
}
