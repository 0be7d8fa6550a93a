import { createGcsClients } from '../stores/gcs/clients.js'
import { toGcsError } from '../stores/gcs/errors.js'
import type { GcsOptions } from '../stores/gcs/options.js'
import { parseRef } from '../stores/gcs/uri.js'
import type { Store } from '../stores/types.js'
import {
  checkPermissions,
  listFirst,
  type Check,
  type Permission,
  runCheck,
  type StoreLocation,
} from './location.js'

/** Permissions of Google Cloud by ours. */
const PERMISSIONS: Readonly<Record<Permission, string>> = {
  list: 'storage.objects.list',
  read: 'storage.objects.get',
  write: 'storage.objects.create',
  delete: 'storage.objects.delete',
}

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
  const { about, folder } = location
  const { bucket } = parseRef(folder)
  const access = createGcsClients(gcs)
    .access(bucket)
    .catch((error: unknown) => {
      throw toGcsError(error, about, 'storage.objects.list')
    })
  const credentials = await runCheck(about, 'credentials', async () => (await access).source)
  if (credentials.mark !== 'ok') return [credentials]
  const { url } = await access
  const listing = await listFirst(store, location)
  const permissions = await checkPermissions(store, location, listing, PERMISSIONS, write)
  return [credentials, { about, name: 'server', mark: 'ok', found: url }, ...permissions]
}
