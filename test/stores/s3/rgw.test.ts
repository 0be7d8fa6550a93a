import { GetObjectCommand, PutBucketPolicyCommand } from '@aws-sdk/client-s3'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { createS3Store } from '../../../src/stores/s3/store.js'
import { describeKeyedStore, refs } from '../contract.js'
import { type Bucket, makeBucket, TEST_KEYS } from './setup.js'

/** URL of a Ceph server, such as `.ci/run` starts. */
const endpoint = process.env['IMGPROC_TEST_S3'] ?? ''

const IMAGE = { contentType: 'image/webp' }

describe.runIf(endpoint !== '')('the S3 store on a server that checks signatures', () => {
  let bucket: Bucket
  beforeAll(async () => {
    for (const [name, value] of Object.entries(TEST_KEYS)) vi.stubEnv(name, value)
    bucket = await makeBucket(endpoint)
  })
  afterAll(async () => {
    await bucket.remove()
    vi.unstubAllEnvs()
  })

  describeKeyedStore('S3', () => bucket.setup())

  it('stores the media type, the cache header and the metadata of an image', async () => {
    const store = createS3Store({ endpoint, cacheControl: 'max-age=60', metadata: { album: 'rome' } })
    await store.write(`s3://${bucket.name}/a.webp`, Buffer.alloc(3_000_000, 'x'), IMAGE)
    const command = new GetObjectCommand({ Bucket: bucket.name, Key: 'a.webp' })
    const { Body, ...answer } = await bucket.client.send(command)
    expect(await Body?.transformToByteArray()).toHaveLength(3_000_000)
    expect(answer).toMatchObject({
      ContentType: 'image/webp',
      CacheControl: 'max-age=60',
      Metadata: { album: 'rome' },
      ContentLength: 3_000_000,
    })
    await store.remove(`s3://${bucket.name}/a.webp`)
  })

  it('lists all pages', async () => {
    const { store, ref, pattern, cleanup } = await bucket.setup()
    const keys = Array.from({ length: 1100 }, (_, index) => ref(`p/${index}.jpg`))
    for (let index = 0; index < keys.length; index += 50) {
      await Promise.all(keys.slice(index, index + 50).map((key) => store.write(key, Buffer.from('x'), IMAGE)))
    }
    expect(await refs(store, pattern('p/*.jpg'))).toEqual(keys.toSorted())
    await cleanup()
    await cleanup()
  })

  it.each([
    ['AWS_ACCESS_KEY_ID', 'nobody', /does not know the access key/],
    ['AWS_SECRET_ACCESS_KEY', 'not-the-secret', /most likely because the secret key is wrong/],
  ] as const)('reports a wrong %s', async (name, value, message) => {
    vi.stubEnv(name, value)
    const ref = `s3://${bucket.name}/a.jpg`
    const store = createS3Store({ endpoint })
    await expect(store.read(ref)).rejects.toThrow(message)
    await expect(store.stat(ref)).rejects.toThrow(message)
    await expect(refs(store, `s3://${bucket.name}/`)).rejects.toThrow(message)
    await expect(store.write(ref, Buffer.from('x'), IMAGE)).rejects.toThrow(message)
    vi.stubEnv(name, TEST_KEYS[name])
  })

  it('reports a missing bucket, and a key to which access is denied', async () => {
    const { store, ref, pattern, cleanup } = await bucket.setup()
    await expect(refs(store, 's3://imgproc-no-such-bucket/**')).rejects.toThrow(/there is no bucket/)
    await expect(store.write('s3://imgproc-no-such-bucket/a', Buffer.from('x'), IMAGE)).rejects.toMatchObject(
      {
        code: 'WRITE_FAILED',
        retryable: false,
      },
    )
    for (const key of ['a.jpg', 'secret.jpg']) await store.write(ref(key), Buffer.from('x'), IMAGE)
    const Policy = JSON.stringify({
      Version: '2012-10-17',
      Statement: [
        {
          Effect: 'Deny',
          Principal: '*',
          Action: ['s3:GetObject'],
          Resource: [`arn:aws:s3:::${bucket.name}/secret.jpg`],
        },
      ],
    })
    await bucket.client.send(new PutBucketPolicyCommand({ Bucket: bucket.name, Policy }))
    expect(await refs(store, pattern('*.jpg'))).toEqual([ref('a.jpg'), ref('secret.jpg')])
    expect(await store.read(ref('a.jpg'))).toHaveLength(1)
    await expect(store.read(ref('secret.jpg'))).rejects.toThrow(/access denied\. Allow s3:GetObject/)
    await cleanup()
  })
})
