import pLimit from 'p-limit'
import type { Store, Source } from './types.js'

/** Stats that are in progress at the same time. */
const CONCURRENT_STATS = 32

type Sources = readonly (Source | undefined)[]

/** Stats many refs, in their order; undefined for each that does not exist. */
export async function statAll(store: Store, refs: readonly string[]): Promise<Sources> {
  return store.statAll?.(refs) ?? statEach(store, refs)
}

/** Does the same with one `stat` for each ref. */
export async function statEach(store: Pick<Store, 'stat'>, refs: readonly string[]): Promise<Sources> {
  return pLimit(CONCURRENT_STATS).map(refs, (ref) => store.stat(ref))
}
