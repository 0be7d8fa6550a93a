import { createGcsClients } from '../stores/gcs/clients.js'
import { toGcsError } from '../stores/gcs/errors.js'
import type { GcsOptions } from '../stores/gcs/options.js'
import { parseRef } from '../stores/gcs/uri.js'
import type { Store } from '../stores/types.js'
import { checkAccess, type Check, type Permission, type StoreLocation } from './location.js'

/** Permissions of Google Cloud by ours. */
const PERMISSIONS = {
  list: 'storage.objects.list',
  read: 'storage.objects.get',
  write: 'storage.objects.create',
  delete: 'storage.objects.delete',
} as const satisfies Readonly<Record<Permission, string>>

interface BucketOptions {
  readonly store: Store
  readonly gcs: GcsOptions
  readonly write: boolean
}

/** Checks credentials, server and permissions of a bucket. The checks contain no secrets. */
export async function checkGcsBucket(
  location: StoreLocation,
  { store, gcs, write }: BucketOptions,
): Promise<Check[]> {
  const { bucket } = parseRef(location.folder)
  return checkAccess(location, {
    store,
    write,
    names: PERMISSIONS,
    address: 'server',
    async access() {
      try {
        return await createGcsClients(gcs).access(bucket)
      } catch (error) {
        throw toGcsError(error, location.about, PERMISSIONS.list)
      }
    },
  })
}
