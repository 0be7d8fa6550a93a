import { createStores } from '../stores/create-stores.js'
import { loadStores } from '../stores/load-stores.js'
import type { Store } from '../stores/types.js'
import type { ResolvedStores } from './types.js'

/**
 * Opens the stores that a run reads and writes, the user's own among them.
 *
 * @param seconds that a call of such a store may take without progress. @default 60
 */
export async function openStores(
  { cwd, root, s3, gcs, azure, stores = {}, pipe }: ResolvedStores,
  seconds?: number,
): Promise<Store> {
  return createStores({ cwd, s3, gcs, azure, pipe, own: await loadStores(stores, root), seconds })
}
