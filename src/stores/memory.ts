import type { Store, Source } from './types.js'
import { ImgprocError } from '../errors.js'
import { quote } from './errors.js'
import { createKeyedStore } from './keyed/store.js'

const ROOT = 'memory://'

interface Entry {
  readonly data: Uint8Array
  readonly source: Source
}

/**
 * A store in memory, for tests and for pictures that never see a disk. Its refs are `memory://` and the key.
 *
 * @param entries bytes by key.
 * @example
 * ```ts
 * const store = createMemoryStore({ 'photos/a.jpg': bytes })
 * await store.read('memory://photos/a.jpg')
 * ```
 */
export function createMemoryStore(entries: Readonly<Record<string, Uint8Array>> = {}): Store {
  const held = new Map<string, Entry>()
  let version = 0
  const put = (ref: string, data: Uint8Array): Source => {
    version += 1
    const source = { ref, size: data.length, modified: new Date().toISOString(), etag: String(version) }
    held.set(ref, { data: Uint8Array.from(data), source })
    return source
  }
  for (const [key, data] of Object.entries(entries)) put(ROOT + key, data)
  return createKeyedStore({
    scheme: 'memory',
    async *list(prefix) {
      for (const [ref, { source }] of held) if (ref.startsWith(prefix)) yield source
    },
    stat: async (ref) => held.get(ref)?.source,
    read: async (ref, { range }) => held.get(ref)?.data.slice(...(range ?? [])),
    write: async (ref, data, { ifAbsent }) => {
      if (ifAbsent === true && held.has(ref)) throw taken(ref)
      return put(ref, data)
    },
    remove: async (ref) => {
      held.delete(ref)
    },
  })
}

function taken(ref: string): ImgprocError {
  const message = `${quote(ref)} is there already, and was left as it is.`
  return new ImgprocError('OUTPUT_COLLISION', message, { stage: 'write', path: ref })
}
