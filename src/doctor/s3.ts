import type { S3Client } from '@aws-sdk/client-s3'
import type { Store } from '../stores/types.js'
import {
  checkRights,
  listFirst,
  type Check,
  type Listing,
  type Place,
  type Right,
  tryOut,
} from './location.js'
import { type S3Clients, createS3Clients } from '../stores/s3/clients.js'
import { toS3Error } from '../stores/s3/errors.js'
import { placeOf, type S3Options } from '../stores/s3/options.js'
import { parseRef } from '../stores/s3/uri.js'
import { toFailure } from '../stores/s3/retry.js'

const RIGHTS: Readonly<Record<Right, string>> = {
  list: 's3:ListBucket',
  read: 's3:GetObject',
  write: 's3:PutObject',
  delete: 's3:DeleteObject',
}

/** Where credentials came from, by the marks that the SDK leaves on them; the first that is there counts. */
const PROVIDERS: readonly (readonly [mark: RegExp, words: string])[] = [
  [/WEB_ID/, 'a web identity token'],
  [/ENV_VARS/, 'AWS_ACCESS_KEY_ID in the environment'],
  [/SSO/, 'single sign-on'],
  [/LOGIN/, '`aws login`'],
  [/PROCESS/, 'a credential process'],
  [/ASSUME_ROLE/, 'an assumed role'],
  [/HTTP/, 'the role of this container'],
  [/IMDS/, 'the role of this machine'],
]

export interface S3Look {
  readonly store: Store
  readonly s3: S3Options
  /** What AWS_PROFILE says. */
  readonly awsProfile: string | undefined
  readonly write: boolean
}

/** Looks at a bucket: who asks, where it is, and what may be done there. No secret gets into a check. */
export async function checkBucket(place: Place, { store, s3, awsProfile, write }: S3Look): Promise<Check[]> {
  const { about, folder } = place
  const { bucket } = parseRef(folder)
  const clients = createS3Clients(s3)
  const profile = placeOf(bucket, s3).profile ?? awsProfile
  const credentials = await checkCredentials(clients, place, bucket, profile)
  if (credentials.mark !== 'ok') return [credentials, ...untried(about, ['bucket', ...Object.values(RIGHTS)])]
  const listing = await listFirst(store, place)
  const isReached = listing.error === undefined || isDenied(listing)
  const settings = await describePlace(clients, bucket, isReached)
  const checks: Check[] = [
    credentials,
    ...settings.map(([name, found]) => ({ about, name, mark: 'ok', found }) as const),
  ]
  if (!isReached) {
    const bad = await tryOut(about, 'bucket', () => Promise.reject(listing.error))
    return [...checks, bad, ...untried(about, Object.values(RIGHTS))]
  }
  const found = `the server answers for ${bucket}`
  const rights = await checkRights(store, place, listing, RIGHTS, write)
  return [...checks, { about, name: 'bucket', mark: 'ok', found }, ...rights]
}

/** Whether the bucket is there and the credentials are good, but listing isn't allowed to them. */
function isDenied({ error }: Listing): boolean {
  return error?.code === 'ACCESS_DENIED' && toFailure(error.cause).name === 'AccessDenied'
}

/** The first that needs a client: what is wrong with the endpoint shows here too. */
async function checkCredentials(
  clients: S3Clients,
  { about, folder }: Place,
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
    const asked = profile === undefined ? '' : ` The profile that was asked is ${profile}.`
    return { about, name, mark: 'missing', found: message + asked }
  }
}

function describeProvider(credentials: object, profile: string | undefined): string {
  const source: unknown = Reflect.get(credentials, '$source')
  const marks = typeof source === 'object' && source !== null ? Object.keys(source).join(' ') : ''
  const name = marks.includes('CREDENTIALS_PROFILE') ? `profile ${profile ?? 'default'}` : undefined
  const words = PROVIDERS.find(([mark]) => mark.test(marks))?.[1]
  return [name, words].filter((part) => part !== undefined).join(', ') || "the SDK's own chain"
}

/** Endpoint, region and path style as they are used in the end. */
async function describePlace(
  clients: S3Clients,
  bucket: string,
  isReached: boolean,
): Promise<(readonly [name: string, found: string])[]> {
  // It may name another region; what else is wrong, the listing has told.
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

function untried(about: string, names: readonly string[]): Check[] {
  return names.map((name) => ({ about, name, mark: 'untried', found: 'first mend what is above' }))
}
