import { randomBytes } from 'node:crypto'
import {
  CreateBucketCommand,
  DeleteBucketCommand,
  DeleteObjectCommand,
  ListObjectsV2Command,
  S3Client,
} from '@aws-sdk/client-s3'
import { startFauxqs } from 'fauxqs'
import { afterAll, beforeAll, vi } from 'vitest'
import { createS3Store } from '../../../src/stores/s3/store.js'
import type { StoreSetup } from '../contract.js'

/** Credentials of the test servers: `rgw-up.sh` creates this user. */
export const TEST_KEYS = {
  AWS_ACCESS_KEY_ID: 'testkey',
  AWS_SECRET_ACCESS_KEY: 'testsecret',
  // Ignores the files and the metadata service of the machine.
  AWS_CONFIG_FILE: '/dev/null',
  AWS_SHARED_CREDENTIALS_FILE: '/dev/null',
  AWS_EC2_METADATA_DISABLED: 'true',
  AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: 'true',
}

/** Starts a server in this process. It does not check signatures. */
export async function startS3(): Promise<{ endpoint: string; stop(): Promise<void> }> {
  const server = await startFauxqs({ port: 0, host: '127.0.0.1', logger: false })
  return { endpoint: `http://127.0.0.1:${server.port}`, stop: () => server.stop() }
}

/** A server that runs during the tests of a file or of a `describe`. */
export interface S3Server {
  readonly endpoint: string
  readonly bucket: Bucket
}

/** Starts a server with a bucket before the tests, with its credentials in the environment, and stops it after them. */
export function useS3(): S3Server {
  let server: Awaited<ReturnType<typeof startS3>>
  let bucket: Bucket
  beforeAll(async () => {
    for (const [name, value] of Object.entries(TEST_KEYS)) vi.stubEnv(name, value)
    server = await startS3()
    bucket = await makeBucket(server.endpoint)
  })
  afterAll(async () => {
    await bucket.remove()
    await server.stop()
    vi.unstubAllEnvs()
  })
  return {
    get endpoint() {
      return server.endpoint
    },
    get bucket() {
      return bucket
    },
  }
}

/** Creates a client to inspect a bucket without the store. */
export function createTestClient(endpoint: string): S3Client {
  return new S3Client({
    endpoint,
    region: 'us-east-1',
    forcePathStyle: true,
    credentials: {
      accessKeyId: TEST_KEYS.AWS_ACCESS_KEY_ID,
      secretAccessKey: TEST_KEYS.AWS_SECRET_ACCESS_KEY,
    },
  })
}

/** Creates a bucket, to be shared by the tests of a file: a real server needs some time to create one. */
export async function makeBucket(endpoint: string): Promise<Bucket> {
  const name = `imgproc-${randomBytes(8).toString('hex')}`
  const client = createTestClient(endpoint)
  await client.send(new CreateBucketCommand({ Bucket: name }))
  const root = `s3://${name}/`
  const empty = async () => {
    const { Contents = [] } = await client.send(new ListObjectsV2Command({ Bucket: name }))
    for (const { Key } of Contents) await client.send(new DeleteObjectCommand({ Bucket: name, Key }))
  }
  return {
    name,
    client,
    setup: async () => ({
      store: createS3Store({ endpoint }),
      ref: (key) => root + key,
      pattern: (glob) => root + glob,
      cleanup: empty,
    }),
    async remove() {
      await empty()
      await client.send(new DeleteBucketCommand({ Bucket: name }))
      client.destroy()
    },
  }
}

export interface Bucket {
  readonly name: string
  readonly client: S3Client
  setup(): Promise<StoreSetup>
  remove(): Promise<void>
}
