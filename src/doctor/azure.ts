import type { Store } from '../stores/types.js'
import { createAzureClients } from '../stores/azure/clients.js'
import { toAzureError } from '../stores/azure/errors.js'
import type { AzureOptions } from '../stores/azure/options.js'
import { parseRef } from '../stores/azure/uri.js'
import { checkAccess, type Check, type Permission, type StoreLocation } from './location.js'

const PERMISSIONS = {
  list: 'list',
  read: 'read',
  write: 'write',
  delete: 'delete',
} as const satisfies Readonly<Record<Permission, string>>

interface ContainerOptions {
  readonly store: Store
  readonly azure: AzureOptions
  readonly write: boolean
}

/** Checks credentials, address and permissions of a container. The checks contain no secrets. */
export async function checkContainer(
  location: StoreLocation,
  { store, azure, write }: ContainerOptions,
): Promise<Check[]> {
  const { container } = parseRef(location.folder)
  return checkAccess(location, {
    store,
    write,
    names: PERMISSIONS,
    address: 'account',
    async access() {
      try {
        return await createAzureClients(azure).access(container)
      } catch (error) {
        throw toAzureError(error, location.about, PERMISSIONS.list)
      }
    },
  })
}
