import { randomBytes } from 'node:crypto'
import {
  CreateBucketCommand,
  DeleteBucketCommand,
  DeleteObjectCommand,
  ListObjectsV2Command,
  S3Client,
} from '@aws-sdk/client-s3'
import { startFauxqs } from 'fauxqs'
import { createS3Store } from '../../../src/stores/s3/store.js'
import type { StoreSetup } from '../contract.js'

/** Credentials of the servers of our tests: `rgw-up.sh` makes this user. */
export const TEST_KEYS = {
  AWS_ACCESS_KEY_ID: 'testkey',
  AWS_SECRET_ACCESS_KEY: 'testsecret',
  // The machine's own files and metadata service have no say.
  AWS_CONFIG_FILE: '/dev/null',
  AWS_SHARED_CREDENTIALS_FILE: '/dev/null',
  AWS_EC2_METADATA_DISABLED: 'true',
  AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: 'true',
}

/** A server without signatures, in this process: for what goes well. */
export async function startS3(): Promise<{ endpoint: string; stop(): Promise<void> }> {
  const server = await startFauxqs({ port: 0, host: '127.0.0.1', logger: false })
  return { endpoint: `http://127.0.0.1:${server.port}`, stop: () => server.stop() }
}

/** A client of the tests' own, to look behind the store. */
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

/** A bucket, which the tests of a file share: a real server takes its time to make one. */
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
