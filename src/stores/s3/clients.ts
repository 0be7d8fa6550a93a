import type * as Sdk from '@aws-sdk/client-s3'
import { ImgprocError } from '../../errors.js'
import { ATTEMPTS, withRetries } from '../cloud/retry.js'
import { quote } from '../errors.js'
import { createObjectRequests, type ObjectRequests } from './object-requests.js'
import { type S3Connection, type S3Options, connectionOf } from './options.js'
import { toFailure } from './failure.js'

/** Maximum connections to one server; further requests wait for a free one. */
const MAX_SOCKETS = 128
/** Milliseconds. */
const CONNECTION_TIMEOUT = 10_000
const IDLE_SECONDS = 60

interface S3Client {
  readonly client: Sdk.S3Client
  /** Its requests for objects. */
  readonly objects: ObjectRequests
}

/** The SDK and the client that a request is made with. */
export interface S3Context extends S3Client {
  readonly sdk: typeof Sdk
  /** 1 for the first. */
  readonly attempt: number
}

/** Makes requests to buckets, each with the client of its server, region and profile. */
export interface S3Clients {
  /** Makes a request with retries. Throws the error of the SDK if it fails permanently or too often. */
  request<T>(
    bucket: string,
    signal: AbortSignal | undefined,
    make: (context: S3Context) => Promise<T>,
  ): Promise<T>
}

let loaded: Promise<typeof Sdk> | undefined

/** Loads the SDK once. In the command's bundle each `import()` would copy all exports of the SDK, which takes a millisecond. */
function loadSdk(): Promise<typeof Sdk> {
  return (loaded ??= import('@aws-sdk/client-s3'))
}

/** Creates the clients of a store. The SDK is loaded at the first request. */
export function createS3Clients(options: S3Options): S3Clients {
  const clients = new Map<string, Promise<S3Client>>()
  const regions = new Map<string, string>()
  const clientOf = (sdk: typeof Sdk, bucket: string): Promise<S3Client> => {
    const connection = { ...connectionOf(bucket, options) }
    const region = regions.get(bucket) ?? connection.region
    const id = JSON.stringify([connection.endpoint, region, connection.profile, connection.pathStyle])
    const known = clients.get(id)
    if (known !== undefined) return known
    const client = createClient(sdk, { ...connection, region }, options.idleTimeout ?? IDLE_SECONDS)
    clients.set(id, client)
    return client
  }
  return {
    async request(bucket, signal, make) {
      const sdk = await loadSdk()
      const { attempts = ATTEMPTS } = options
      return withRetries({ attempts, signal, toFailure }, async (attempt) => {
        const own = await clientOf(sdk, bucket)
        try {
          return await make({ sdk, ...own, attempt })
        } catch (error) {
          const region = regionFromError(error)
          if (region === undefined || region === (await own.client.config.region())) throw error
          // Remembered for later requests: the SDK itself would be redirected at each of them.
          regions.set(bucket, region)
          return make({ sdk, ...(await clientOf(sdk, bucket)), attempt })
        }
      })
    },
  }
}

/** Returns the bucket's region if the server refused the request because it was sent to another region. */
export function regionFromError(error: unknown): string | undefined {
  const { status, headers } = toFailure(error)
  if (![301, 307, 400].includes(status)) return undefined
  const inBody: unknown =
    typeof error === 'object' && error !== null ? Reflect.get(error, 'Region') : undefined
  return headers['x-amz-bucket-region'] ?? (typeof inBody === 'string' && inBody !== '' ? inBody : undefined)
}

async function createClient(
  sdk: typeof Sdk,
  connection: S3Connection,
  idleSeconds: number,
): Promise<S3Client> {
  const profile = connection.profile === undefined ? {} : { profile: connection.profile }
  // The SDK only reads settings of the environment and the profile through a client.
  const { config } = new sdk.S3Client(profile)
  const region = connection.region ?? (await config.region().catch(() => 'us-east-1'))
  const endpoint = connection.endpoint ?? (await config.serviceConfiguredEndpoint?.())
  if (endpoint !== undefined && !(/^https?:/.test(endpoint) && URL.canParse(endpoint)))
    throw createEndpointError(endpoint)
  const sockets = { keepAlive: true, maxSockets: MAX_SOCKETS }
  const client = new sdk.S3Client({
    ...profile,
    ...(endpoint !== undefined && { endpoint }),
    region,
    forcePathStyle: connection.pathStyle ?? endpoint !== undefined,
    maxAttempts: 1,
    // Not all servers support the checksums of AWS. The signature covers the SHA-256 of the body anyway.
    ...(endpoint !== undefined && { requestChecksumCalculation: 'WHEN_REQUIRED' }),
    // A body whose checksum is computed on the fly can hang when its connection breaks (aws-sdk-js-v3#8098).
    responseChecksumValidation: 'WHEN_REQUIRED',
    // Some proxies do not answer it, and then each large write is delayed.
    expectContinueHeader: false,
    logger: SILENT_LOGGER,
    requestHandler: {
      connectionTimeout: CONNECTION_TIMEOUT,
      socketTimeout: idleSeconds * 1000,
      httpAgent: sockets,
      httpsAgent: sockets,
      logger: SILENT_LOGGER,
    },
  })
  return { client, objects: createObjectRequests(sdk, client) }
}

const noop = () => {}
const SILENT_LOGGER = { trace: noop, debug: noop, info: noop, warn: noop, error: noop }

function createEndpointError(endpoint: string): ImgprocError {
  const message = `The S3 endpoint ${quote(endpoint)} is not a URL. Write it as https://host or http://host:9000.`
  return new ImgprocError('INVALID_CONFIG', message, { stage: 'config' })
}
