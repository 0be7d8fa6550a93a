import type * as Sdk from '@azure/storage-blob'
import { throwIfAborted } from '../../errors.js'
import { createPackageError } from '../cloud/load-package.js'
import { type Attempt, createRequests } from '../cloud/requests.js'
import { type AzureAccess, type AzureEnvironment, findAccess } from './credentials.js'
import { toFailure } from './failure.js'
import { type AzureOptions, connectionOf } from './options.js'

/** The client that a request is made with, and its attempt. */
export interface AzureContext extends Attempt {
  readonly container: Sdk.ContainerClient
}

/** Makes requests to containers, each with the client of its account. */
export interface AzureClients {
  /** Makes a request with retries. Throws the error of the SDK if it fails permanently or too often. */
  request<T>(
    container: string,
    signal: AbortSignal | undefined,
    make: (context: AzureContext) => Promise<T>,
    bytes?: number,
  ): Promise<T>
  /** True if the account of a container has no hierarchical namespace; asks once. False also if the credentials may not ask. */
  hasFlatNamespace(container: string, signal: AbortSignal | undefined): Promise<boolean>
  /** Finds the address and the credentials of a container without asking its server. */
  access(container: string): Promise<AzureAccess>
}

/** The policies of the SDK that lead to its own retries are off: only one attempt. */
const PIPELINE = { retryOptions: { maxTries: 1 } }

let loaded: Promise<typeof Sdk> | undefined

/** Loads the SDK once. */
async function loadSdk(): Promise<typeof Sdk> {
  try {
    return await (loaded ??= import('@azure/storage-blob'))
  } catch (cause) {
    loaded = undefined
    throw createPackageError('@azure/storage-blob', 'az://', cause)
  }
}

/** Creates the clients of a store. The SDK is loaded at the first request. */
export function createAzureClients(
  options: AzureOptions,
  // oxlint-disable-next-line no-restricted-globals -- the SDKs of the other stores read it themselves
  env: AzureEnvironment = process.env,
): AzureClients {
  const requests = createRequests(options, toFailure)
  const accounts = new Map<string, Promise<AzureAccess>>()
  const containers = new Map<string, Promise<Sdk.ContainerClient>>()
  const accessOf = (container: string): Promise<AzureAccess> => {
    const connection = connectionOf(container, options)
    const id = JSON.stringify([connection.account, connection.endpoint])
    return remember(accounts, id, async () => findAccess(await loadSdk(), connection, env))
  }
  const clientOf = (container: string): Promise<Sdk.ContainerClient> =>
    remember(containers, container, async () => {
      const sdk = await loadSdk()
      const { url, sas, credential } = await accessOf(container)
      const query = sas === undefined ? '' : `?${sas}`
      return new sdk.ContainerClient(`${url}/${container}${query}`, credential, PIPELINE)
    })
  const request: AzureClients['request'] = async (container, signal, make, bytes) => {
    const client = await clientOf(container)
    return requests(signal, (attempt) => make({ ...attempt, container: client }), bytes)
  }
  const flat = new Map<string, boolean>()
  return {
    access: accessOf,
    request,
    async hasFlatNamespace(container, signal) {
      const isFlat = flat.get(container) ?? (await askNamespace(request, container, signal))
      if (isFlat !== undefined) flat.set(container, isFlat)
      return isFlat ?? false
    },
  }
}

/** Returns undefined if the service gave no answer. Listing fails then too, and says why. */
async function askNamespace(
  request: AzureClients['request'],
  container: string,
  signal: AbortSignal | undefined,
): Promise<boolean | undefined> {
  try {
    return await request(container, signal, async ({ container: client, signal: abortSignal }) => {
      const { isHierarchicalNamespaceEnabled } = await client.getAccountInfo({ abortSignal })
      return isHierarchicalNamespaceEnabled !== true
    })
  } catch (error) {
    throwIfAborted(signal)
    const { status } = toFailure(error)
    return status === 401 || status === 403 ? false : undefined
  }
}

/** Returns the promise of an id, and makes it at the first call. */
function remember<T>(known: Map<string, Promise<T>>, id: string, create: () => Promise<T>): Promise<T> {
  const found = known.get(id)
  if (found !== undefined) return found
  const created = create()
  known.set(id, created)
  return created
}
