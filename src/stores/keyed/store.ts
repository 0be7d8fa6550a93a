import type { Backend, ListOptions, OrderedStore, Source } from '../types.js'
import { throwIfAborted } from '../../errors.js'
import { createGuardedBackend, type GuardedBackend } from './guard-backend.js'
import { locatePattern } from './locate.js'
import { listInOrder } from './list-in-order.js'
import { createIgnore, createMatcher, isShallow, prefixOf } from './glob.js'

/**
 * Creates a store over a backend that has keys and no folders. Its refs are URLs with the literal key, never encoded
 * or normalised: `s3://bucket/100% sure?.jpg`. An argument is taken as a key if that exists, else as a folder if there
 * are keys below it, else as a glob.
 *
 * @example
 * ```ts
 * const store = createKeyedStore(backend)
 * for await (const { ref, size } of store.list('ftp://photos/**')) console.log(ref, size)
 * ```
 */
export function createKeyedStore(backend: Backend): OrderedStore {
  const guarded = createGuardedBackend(backend)
  return {
    scheme: backend.scheme,
    async locate(pattern) {
      const { kind, ref, base } = await locatePattern(guarded, pattern)
      return { kind, ref, base }
    },
    list: (pattern, options) => listKeys(guarded, pattern, options),
    listInOrder: (folder, options = {}) =>
      listInOrder(guarded, prefixOf(folder.replace(/(?<![:/])\/$/, '')), options),
    stat: (ref) => guarded.stat(ref),
    read: (ref, options = {}) => guarded.read(ref, options),
    write: (ref, data, meta) => guarded.write(ref, data, meta),
    remove: (ref) => guarded.remove(ref),
  }
}

async function* listKeys(
  backend: GuardedBackend,
  pattern: string,
  { signal, ignore = [], skip = [] }: ListOptions = {},
): AsyncGenerator<Source> {
  throwIfAborted(signal)
  const located = await locatePattern(backend, pattern)
  const isIgnored = createIgnore(ignore, located.base)
  const skipped = skip.map((folder) => folder.replace(/\/?$/, '/'))
  const isWanted = (ref: string) => !skipped.some((folder) => ref.startsWith(folder)) && !isIgnored(ref)
  if (located.kind === 'nothing') return
  if (located.kind === 'file') {
    // A denied file is listed too: reading it reports the error.
    if (isWanted(located.ref)) yield located.source ?? { ref: located.ref, size: 0 }
    return
  }
  const prefix = prefixOf(located.ref)
  const matches = createMatcher(located.glob)
  for await (const source of backend.list(prefix, { signal, shallow: isShallow(located.glob) })) {
    // Some programs store a folder as a key that ends in a slash.
    if (source.ref.endsWith('/')) continue
    if (matches(source.ref.slice(prefix.length)) && isWanted(source.ref)) yield source
  }
}
