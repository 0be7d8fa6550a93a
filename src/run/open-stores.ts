import type { RunOptions } from './options.js'
import type { Store } from '../stores/types.js'
import { createStores } from '../stores/open-stores.js'
import { loadStores } from '../stores/load-stores.js'
import { resolveLocation } from '../paths/location.js'

/** All places that a run reads and writes. */
export async function openStores(cwd: string, { root, s3, stores = {}, pipe }: RunOptions): Promise<Store> {
  return createStores({ cwd, s3, pipe, own: await loadStores(stores, resolveLocation(root ?? '.', cwd)) })
}
