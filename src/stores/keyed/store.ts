import type { Backend, ListOptions, Store, Source } from '../types.js'
import { throwIfAborted } from '../../errors.js'
import { guard, type GuardedBackend } from './guard-backend.js'
import { locate } from './locate.js'
import { createIgnore, createMatcher, isShallow, prefixOf } from './glob.js'

/**
 * The store of a place that has keys and no folders. Its refs are URLs with the key as it is, never encoded or
 * normalised: `s3://bucket/100% sure?.jpg`. An argument is the key that it spells, else the folder, else a glob.
 *
 * @example
 * ```ts
 * const store = createKeyedStore(backend)
 * for await (const { ref, size } of store.list('ftp://photos/**')) console.log(ref, size)
 * ```
 */
export function createKeyedStore(backend: Backend): Store {
  const guarded = guard(backend)
  return {
    scheme: backend.scheme,
    async locate(pattern) {
      const { kind, ref, base } = await locate(guarded, pattern)
      return { kind, ref, base }
    },
    list: (pattern, options) => listKeys(guarded, pattern, options),
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
  const place = await locate(backend, pattern)
  const isIgnored = createIgnore(ignore, place.base)
  const skipped = skip.map((folder) => folder.replace(/\/?$/, '/'))
  const isWanted = (ref: string) => !skipped.some((folder) => ref.startsWith(folder)) && !isIgnored(ref)
  if (place.kind === 'nothing') return
  if (place.kind === 'file') {
    // What may not be looked at is for its reader to report.
    if (isWanted(place.ref)) yield place.source ?? { ref: place.ref, size: 0 }
    return
  }
  const prefix = prefixOf(place.ref)
  const matches = createMatcher(place.glob)
  for await (const source of backend.list(prefix, { signal, shallow: isShallow(place.glob) })) {
    // A key that ends in a slash is how some programs write a folder down.
    if (source.ref.endsWith('/')) continue
    if (matches(source.ref.slice(prefix.length)) && isWanted(source.ref)) yield source
  }
}
