import pLimit from 'p-limit'
import type { Store, Source } from './types.js'

/** Questions that a store is asked at once. */
const ASKED_AT_ONCE = 32

type Sources = readonly (Source | undefined)[]

/** What a store has at each of many places, in their order; undefined where nothing is. */
export async function statAll(store: Store, refs: readonly string[]): Promise<Sources> {
  return store.statAll?.(refs) ?? statEach(store, refs)
}

/** The same by a question for each. */
export async function statEach(store: Pick<Store, 'stat'>, refs: readonly string[]): Promise<Sources> {
  return pLimit(ASKED_AT_ONCE).map(refs, (ref) => store.stat(ref))
}
