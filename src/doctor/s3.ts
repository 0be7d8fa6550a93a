import type { S3Client } from '@aws-sdk/client-s3'
import type { Store } from '../stores/types.js'
import {
  checkPermissions,
  listFirst,
  type Check,
  type Listing,
  type Permission,
  runCheck,
  type StoreLocation,
} from './location.js'
import { type S3Clients, createS3Clients } from '../stores/s3/clients.js'
import { toS3Error } from '../stores/s3/errors.js'
import { connectionOf, type S3Options } from '../stores/s3/options.js'
import { parseRef } from '../stores/s3/uri.js'
import { toFailure } from '../stores/s3/failure.js'

/** IAM actions by permission. */
const ACTIONS: Readonly<Record<Permission, string>> = {
  list: 's3:ListBucket',
  read: 's3:GetObject',
  write: 's3:PutObject',
  delete: 's3:DeleteObject',
}

/** Descriptions of credential providers, by the `$source` features of the AWS SDK. The first match counts. */
const PROVIDERS: readonly (readonly [feature: RegExp, description: string])[] = [
  [/WEB_ID/, 'a web identity token'],
  [/ENV_VARS/, 'AWS_ACCESS_KEY_ID in the environment'],
  [/SSO/, 'single sign-on'],
  [/LOGIN/, '`aws login`'],
  [/PROCESS/, 'a credential process'],
  [/ASSUME_ROLE/, 'an assumed role'],
  [/HTTP/, 'the role of this container'],
  [/IMDS/, 'the role of this machine'],
]

interface BucketOptions {
  readonly store: Store
  readonly s3: S3Options
  /** Value of AWS_PROFILE. */
  readonly awsProfile: string | undefined
  readonly write: boolean
}

/** Checks credentials, address and permissions of a bucket. The checks contain no secrets. */
export async function checkBucket(location: StoreLocation, options: BucketOptions): Promise<Check[]> {
  const { store, s3, awsProfile, write } = options
  const { about, folder } = location
  const { bucket } = parseRef(folder)
  const clients = createS3Clients(s3)
  const profile = connectionOf(bucket, s3).profile ?? awsProfile
  const credentials = await checkCredentials(clients, location, bucket, profile)
  if (credentials.mark !== 'ok')
    return [credentials, ...skipChecks(about, ['bucket', ...Object.values(ACTIONS)])]
  const listing = await listFirst(store, location)
  const isReached = listing.error === undefined || isDenied(listing)
  const settings = await describeClient(clients, bucket, isReached)
  const checks: Check[] = [
    credentials,
    ...settings.map(([name, found]) => ({ about, name, mark: 'ok', found }) as const),
  ]
  if (!isReached) {
    const failed = await runCheck(about, 'bucket', () => Promise.reject(listing.error))
    return [...checks, failed, ...skipChecks(about, Object.values(ACTIONS))]
  }
  const found = `the server answers for ${bucket}`
  const permissions = await checkPermissions(store, location, listing, ACTIONS, write)
  return [...checks, { about, name: 'bucket', mark: 'ok', found }, ...permissions]
}

/** True if the bucket exists and the credentials are valid, but may not list it. */
function isDenied({ error }: Listing): boolean {
  return error?.code === 'ACCESS_DENIED' && toFailure(error.cause).name === 'AccessDenied'
}

/** Resolves the credentials. As the first check that creates a client, it also reports an invalid endpoint. */
async function checkCredentials(
  clients: S3Clients,
  { about, folder }: StoreLocation,
  bucket: string,
  profile: string | undefined,
): Promise<Check> {
  const name = 'credentials'
  try {
    const found = await clients.request(bucket, undefined, ({ client }) => client.config.credentials())
    const text = `${describeProvider(found, profile)}, key …${found.accessKeyId.slice(-4)}`
    return { about, name, mark: 'ok', found: text }
  } catch (error) {
    const { code, message } = toS3Error(error, folder, 's3:ListBucket')
    if (code === 'INVALID_CONFIG') return { about, name: 'endpoint', mark: 'failed', found: message }
    const usedProfile = profile === undefined ? '' : ` The profile is ${profile}.`
    return { about, name, mark: 'missing', found: message + usedProfile }
  }
}

function describeProvider(credentials: object, profile: string | undefined): string {
  const source: unknown = Reflect.get(credentials, '$source')
  const features = typeof source === 'object' && source !== null ? Object.keys(source).join(' ') : ''
  const name = features.includes('CREDENTIALS_PROFILE') ? `profile ${profile ?? 'default'}` : undefined
  const description = PROVIDERS.find(([feature]) => feature.test(features))?.[1]
  const parts = [name, description].filter((part) => part !== undefined)
  return parts.join(', ') || "the SDK's default provider chain"
}

/** Returns the effective endpoint, region and path style. */
async function describeClient(
  clients: S3Clients,
  bucket: string,
  isReached: boolean,
): Promise<(readonly [name: string, found: string])[]> {
  // The answer may redirect the client to another region. Errors are those that listing has reported.
  if (isReached) {
    await clients
      .request(bucket, undefined, ({ sdk, client }) =>
        client.send(new sdk.HeadBucketCommand({ Bucket: bucket })),
      )
      .catch(() => {})
  }
  return clients.request(bucket, undefined, async ({ client: { config } }) => [
    ['endpoint', await describeEndpoint(config)],
    ['region', await config.region()],
    ['path style', config.forcePathStyle === true ? 'yes: server/bucket/key' : 'no: bucket.server/key'],
  ])
}

async function describeEndpoint({ endpoint }: S3Client['config']): Promise<string> {
  if (endpoint === undefined) return 'AWS'
  const { protocol, hostname, port, path } = await endpoint()
  return `${protocol}//${hostname}${port === undefined ? '' : `:${port}`}${path === '/' ? '' : path}`
}

/** Returns untried checks for names whose precondition failed. */
function skipChecks(about: string, names: readonly string[]): Check[] {
  return names.map((name) => ({ about, name, mark: 'untried', found: 'fix the problem above first' }))
}
