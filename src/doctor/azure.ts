import type { Store } from '../stores/types.js'
import { createAzureClients, type AzureClients } from '../stores/azure/clients.js'
import { toAzureError } from '../stores/azure/errors.js'
import type { AzureOptions } from '../stores/azure/options.js'
import { parseRef } from '../stores/azure/uri.js'
import {
  checkPermissions,
  listFirst,
  type Check,
  type Permission,
  runCheck,
  type StoreLocation,
} from './location.js'

const PERMISSIONS: Readonly<Record<Permission, string>> = {
  list: 'list',
  read: 'read',
  write: 'write',
  delete: 'delete',
}

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
  const { about, folder } = location
  const { container } = parseRef(folder)
  const clients = createAzureClients(azure)
  const credentials = await checkCredentials(clients, about, container)
  if (credentials.mark !== 'ok') return [credentials]
  const { url } = await clients.access(container)
  const listing = await listFirst(store, location)
  const permissions = await checkPermissions(store, location, listing, PERMISSIONS, write)
  return [credentials, { about, name: 'account', mark: 'ok', found: url }, ...permissions]
}

async function checkCredentials(clients: AzureClients, about: string, container: string): Promise<Check> {
  return runCheck(about, 'credentials', async () => {
    try {
      return (await clients.access(container)).source
    } catch (error) {
      throw toAzureError(error, about, 'list')
    }
  })
}
