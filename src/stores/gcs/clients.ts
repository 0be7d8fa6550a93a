import type * as Sdk from '@google-cloud/storage'
import { ImgprocError } from '../../errors.js'
import { createPackageError } from '../cloud/load-package.js'
import { type Attempt, createRequests } from '../cloud/requests.js'
import { textOf } from '../cloud/failure.js'
import { toFailure } from './failure.js'
import { connectionOf, type GcsConnection, type GcsOptions } from './options.js'

/** The bucket that a request is made to, and its attempt. */
export interface GcsContext extends Attempt {
  readonly bucket: Sdk.Bucket
}

/** Makes requests to buckets, each with the client of its server. */
export interface GcsClients {
  /** Makes a request with retries. Throws the error of the SDK if it fails permanently or too often. */
  request<T>(
    bucket: string,
    signal: AbortSignal | undefined,
    make: (context: GcsContext) => Promise<T>,
    bytes?: number,
  ): Promise<T>
  /** Finds the server and the credentials of a bucket without asking that server. Throws if credentials are named, but wrong. */
  access(bucket: string): Promise<GcsAccess>
}

/** The address of a bucket's server, and the access to it. */
export interface GcsAccess {
  readonly url: string
  /** Tells where the credentials come from, without secrets. */
  readonly source: string
}

let loaded: Promise<typeof Sdk> | undefined

/** Loads the SDK once. */
async function loadSdk(): Promise<typeof Sdk> {
  try {
    return await (loaded ??= import('@google-cloud/storage'))
  } catch (cause) {
    loaded = undefined
    throw createPackageError('@google-cloud/storage@7', 'gs://', cause)
  }
}

/** Creates the clients of a store. The SDK is loaded at the first request. */
export function createGcsClients(options: GcsOptions): GcsClients {
  const requests = createRequests(options, toFailure)
  const storages = new Map<string, Sdk.Storage>()
  const storageOf = async (connection: GcsConnection): Promise<Sdk.Storage> => {
    const sdk = await loadSdk()
    const id = JSON.stringify([connection.endpoint, connection.project])
    const storage = storages.get(id) ?? createStorage(sdk, connection)
    storages.set(id, storage)
    return storage
  }
  return {
    async access(name) {
      const storage = await storageOf(connectionOf(name, options))
      return { url: storage.apiEndpoint, source: await findSource(storage) }
    },
    async request(name, signal, make, bytes) {
      const connection = connectionOf(name, options)
      const storage = await storageOf(connection)
      const { project } = connection
      const bucket = storage.bucket(name, project === undefined ? {} : { userProject: project })
      return requests(signal, (attempt) => make({ ...attempt, bucket }), bytes)
    },
  }
}

function createStorage(sdk: typeof Sdk, { endpoint, project }: GcsConnection): Sdk.Storage {
  if (endpoint !== undefined && !(/^https?:\/\//.test(endpoint) && URL.canParse(endpoint))) {
    const message =
      'The Google Cloud Storage endpoint is not a URL. Write it as https://host or http://127.0.0.1:4443.'
    throw new ImgprocError('INVALID_CONFIG', message, { stage: 'config' })
  }
  const storage = new sdk.Storage({
    ...(endpoint !== undefined && { apiEndpoint: endpoint }),
    ...(project !== undefined && { projectId: project }),
    retryOptions: { autoRetry: false, maxRetries: 0 },
  })
  // With STORAGE_EMULATOR_HOST, this SDK alone leaves the path out, and only of requests that are no uploads.
  storage.baseUrl = `${storage.apiEndpoint}/storage/v1`
  return storage
}

/** Tells where the credentials come from. Without any, the SDK asks as anybody. */
async function findSource({ authClient, customEndpoint }: Sdk.Storage): Promise<string> {
  if (customEndpoint) return 'none: an emulator gets no credentials'
  try {
    const { constructor } = await authClient.getClient()
    return `application default credentials (${KINDS[constructor.name] ?? constructor.name})`
  } catch (error) {
    if (textOf(error, 'message').includes('Could not load the default credentials'))
      return 'none were found: only what is public can be reached'
    throw error
  }
}

/** Kinds of credentials by the class of their client in google-auth-library. */
const KINDS: Readonly<Record<string, string>> = {
  JWT: 'the file of a service account',
  UserRefreshClient: 'a user, by gcloud auth application-default login',
  Compute: 'the service account of this machine',
  Impersonated: 'an impersonated service account',
}
