import type * as Sdk from '@aws-sdk/client-s3'
import { ImgprocError } from '../../errors.js'
import { quote } from '../errors.js'
import { type S3Options, type S3Place, placeOf } from './options.js'
import { toFailure, withRetries } from './retry.js'

/** Connections to one server at most; further requests wait for one. */
const MAX_SOCKETS = 128
/** Milliseconds. */
const CONNECTION_TIMEOUT = 10_000
const IDLE_SECONDS = 60
const ATTEMPTS = 6

/** What a request is made with. */
export interface S3Context {
  readonly sdk: typeof Sdk
  readonly client: Sdk.S3Client
  /** 1 for the first. */
  readonly attempt: number
}

/** Makes requests of buckets, each by the client that its place needs. */
export interface S3Clients {
  /** Makes a request until it succeeds, or until there is no hope. */
  request<T>(
    bucket: string,
    signal: AbortSignal | undefined,
    make: (context: S3Context) => Promise<T>,
  ): Promise<T>
}

/** The clients of a store; the SDK is loaded with the first request. */
export function createS3Clients(options: S3Options): S3Clients {
  const clients = new Map<string, Promise<Sdk.S3Client>>()
  const regions = new Map<string, string>()
  const clientOf = (sdk: typeof Sdk, bucket: string): Promise<Sdk.S3Client> => {
    const place = { ...placeOf(bucket, options) }
    const region = regions.get(bucket) ?? place.region
    const id = JSON.stringify([place.endpoint, region, place.profile, place.pathStyle])
    const known = clients.get(id)
    if (known !== undefined) return known
    const client = createClient(sdk, { ...place, region }, options.idleTimeout ?? IDLE_SECONDS)
    clients.set(id, client)
    return client
  }
  return {
    async request(bucket, signal, make) {
      const sdk = await import('@aws-sdk/client-s3')
      const attempts = options.attempts ?? ATTEMPTS
      return withRetries(attempts, signal, async (attempt) => {
        const client = await clientOf(sdk, bucket)
        try {
          return await make({ sdk, client, attempt })
        } catch (error) {
          const region = regionNamed(error)
          if (region === undefined || region === (await client.config.region())) throw error
          // For all requests that follow too; the SDK would be sent away with every one of them.
          regions.set(bucket, region)
          return make({ sdk, client: await clientOf(sdk, bucket), attempt })
        }
      })
    },
  }
}

/** The region that a server says the bucket is in, when it won't serve it to another. */
export function regionNamed(error: unknown): string | undefined {
  const { status, headers } = toFailure(error)
  if (![301, 307, 400].includes(status)) return undefined
  const inBody: unknown =
    typeof error === 'object' && error !== null ? Reflect.get(error, 'Region') : undefined
  return headers['x-amz-bucket-region'] ?? (typeof inBody === 'string' && inBody !== '' ? inBody : undefined)
}

async function createClient(sdk: typeof Sdk, place: S3Place, idleSeconds: number): Promise<Sdk.S3Client> {
  const profile = place.profile === undefined ? {} : { profile: place.profile }
  // What environment and profile say is known only to a client.
  const { config } = new sdk.S3Client(profile)
  const region = place.region ?? (await config.region().catch(() => 'us-east-1'))
  const endpoint = place.endpoint ?? (await config.serviceConfiguredEndpoint?.())
  if (endpoint !== undefined && !(/^https?:/.test(endpoint) && URL.canParse(endpoint))) throw noUrl(endpoint)
  const sockets = { keepAlive: true, maxSockets: MAX_SOCKETS }
  return new sdk.S3Client({
    ...profile,
    ...(endpoint !== undefined && { endpoint }),
    region,
    forcePathStyle: place.pathStyle ?? endpoint !== undefined,
    maxAttempts: 1,
    // Other servers stumble over the checksums of AWS; what is sent is signed with its SHA-256 anyway.
    ...(endpoint !== undefined && { requestChecksumCalculation: 'WHEN_REQUIRED' }),
    // A body that is checked as it comes has been seen to hang when its connection breaks (aws-sdk-js-v3#8098).
    responseChecksumValidation: 'WHEN_REQUIRED',
    // Not every proxy answers it, and then each large write waits.
    expectContinueHeader: false,
    logger: SILENT,
    requestHandler: {
      connectionTimeout: CONNECTION_TIMEOUT,
      socketTimeout: idleSeconds * 1000,
      httpAgent: sockets,
      httpsAgent: sockets,
      logger: SILENT,
    },
  })
}

const say = () => {}
const SILENT = { trace: say, debug: say, info: say, warn: say, error: say }

function noUrl(endpoint: string): ImgprocError {
  const message = `The S3 endpoint ${quote(endpoint)} is no URL. Write it as https://host or http://host:9000.`
  return new ImgprocError('INVALID_CONFIG', message, { stage: 'config' })
}
