import { compareRefs } from '../compare-refs.js'
import type { OrderedListOptions, Source } from '../types.js'
import type { GuardedBackend } from './guard-backend.js'

/** Lists the keys that begin with a prefix in ascending order. */
export async function* listInOrder(
  backend: GuardedBackend,
  prefix: string,
  options: OrderedListOptions,
): AsyncGenerator<Source> {
  const { after, limit = Infinity } = options
  let count = 0
  if (limit <= 0) return
  for await (const source of backend.listInOrder(prefix, options)) {
    // The backend may know neither `after` nor `limit`. Some programs store a folder as a key that ends in a slash.
    const isWanted = after === undefined || compareRefs(source.ref, after) > 0
    if (!isWanted || source.ref.endsWith('/')) continue
    yield source
    count++
    if (count >= limit) return
  }
}
