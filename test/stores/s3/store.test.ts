import { GetObjectCommand } from '@aws-sdk/client-s3'
import { describe, expect, it, vi } from 'vitest'
import { createS3Store } from '../../../src/stores/s3/store.js'
import { describeKeyedStore, refs } from '../contract.js'
import { type FakeS3, sendPage, startFakeS3 } from './fake.js'
import { useS3 } from './setup.js'

const server = useS3()

describeKeyedStore('S3 (fauxqs)', () => server.bucket.setup(), {
  ignoresIfAbsent: true,
  sortsByLanguage: true,
})

describe('the S3 store', () => {
  it('writes the media type', async () => {
    const { store, ref, cleanup } = await server.bucket.setup()
    await store.write(ref('a.webp'), Buffer.from('abc'), { contentType: 'image/webp' })
    const { ContentType } = await server.bucket.client.send(
      new GetObjectCommand({ Bucket: server.bucket.name, Key: 'a.webp' }),
    )
    expect(ContentType).toBe('image/webp')
    await cleanup()
  })

  it('refuses a URL without a valid bucket, and a bucket without a key', async () => {
    const store = createS3Store({ endpoint: server.endpoint })
    const wrong = { code: 'INVALID_USAGE' }
    for (const ref of ['s3://', 's3:///a.jpg', 's3://*/a.jpg', 's3://a b/c.jpg']) {
      await expect(refs(store, ref), ref).rejects.toMatchObject(wrong)
      await expect(store.read(ref), ref).rejects.toMatchObject(wrong)
    }
    await expect(store.read('s3://photos')).rejects.toThrow(/is a bucket.*s3:\/\/photos\/name\.jpg/)
    await expect(store.write('s3://photos/', Buffer.from('a'), { contentType: 'a/b' })).rejects.toMatchObject(
      wrong,
    )
  })

  it('reports a missing bucket unlike a missing key', async () => {
    const store = createS3Store({ endpoint: server.endpoint })
    const missing = { code: 'INPUT_NOT_FOUND', retryable: false }
    await expect(store.read('s3://no-such-bucket/a.jpg')).rejects.toThrow(/no bucket "no-such-bucket"/)
    await expect(store.locate('s3://no-such-bucket/a.jpg')).rejects.toMatchObject(missing)
    await expect(refs(store, 's3://no-such-bucket/**')).rejects.toMatchObject(missing)
  })
})

describe('requests of the S3 store', () => {
  let fake: FakeS3
  const withFake = async (
    answer: Parameters<typeof startFakeS3>[0],
    use: (fake: FakeS3) => Promise<void>,
  ) => {
    fake = await startFakeS3(answer)
    try {
      await use(fake)
    } finally {
      await fake.stop()
    }
  }

  it('have the configured headers for images, and no-cache for other files', async () => {
    await withFake(
      (response) => response.writeHead(200, { etag: '"e"' }).end(),
      async ({ endpoint, seen }) => {
        const store = createS3Store({
          endpoint,
          cacheControl: 'public, max-age=60',
          metadata: { album: 'rome' },
          storageClass: 'STANDARD_IA',
          sse: 'aws:kms',
          kmsKeyId: 'key-1',
        })
        const bytes = Buffer.from('abc')
        const written = await store.write('s3://photos/a.webp', bytes, { contentType: 'image/webp' })
        expect(written).toEqual({ ref: 's3://photos/a.webp', size: 3, etag: 'e' })
        await store.write('s3://photos/m.json', bytes, { contentType: 'application/json', ifAbsent: true })
        const encrypted = {
          'x-amz-server-side-encryption': 'aws:kms',
          'x-amz-server-side-encryption-aws-kms-key-id': 'key-1',
          'content-length': '3',
        }
        expect(seen[0]?.headers).toMatchObject({
          ...encrypted,
          'content-type': 'image/webp',
          'cache-control': 'public, max-age=60',
          'x-amz-meta-album': 'rome',
          'x-amz-storage-class': 'STANDARD_IA',
        })
        expect(seen[0]?.headers).not.toHaveProperty('if-none-match')
        expect(seen[1]?.headers).toMatchObject({
          ...encrypted,
          'content-type': 'application/json',
          'cache-control': 'no-cache',
          'if-none-match': '*',
        })
        expect(seen[1]?.headers).not.toHaveProperty('x-amz-storage-class')
        expect(seen.map(({ body }) => body.toString())).toEqual(['abc', 'abc'])
      },
    )
  })

  it('list the literal prefix of a glob, with a delimiter if it matches no subfolders', async () => {
    await withFake(
      (response, { method }) => (method === 'HEAD' ? response.writeHead(404).end() : sendPage(response, [])),
      async ({ endpoint, seen }) => {
        const store = createS3Store({ endpoint })
        await refs(store, 's3://photos/2024/trips/*.jpg')
        await refs(store, 's3://photos/2024/**/*.jpg')
        const lists = seen
          .map(({ path }) => new URL(path, endpoint).searchParams)
          .filter((query) => query.get('list-type') === '2')
        expect(lists.map((query) => [query.get('prefix'), query.get('delimiter')])).toContainEqual([
          '2024/trips/',
          '/',
        ])
        expect(lists.at(-1)?.get('prefix')).toBe('2024/')
        expect(lists.at(-1)?.get('delimiter')).toBeNull()
      },
    )
  })

  it('list a page only when it is consumed', async () => {
    await withFake(
      (response, { path }) => {
        const token = new URL(path, 'http://x').searchParams.get('continuation-token')
        sendPage(response, [`${token ?? '0'}-a.jpg`, `${token ?? '0'}-b.jpg`], String(Number(token) + 1))
      },
      async ({ endpoint, seen }) => {
        const found: string[] = []
        for await (const { ref } of createS3Store({ endpoint }).list('s3://photos/')) {
          found.push(ref)
          if (found.length === 5) break
        }
        expect(found.at(-1)).toBe('s3://photos/2-a.jpg')
        expect(seen).toHaveLength(3)
      },
    )
  })

  it('go to the endpoint and region of a single bucket', async () => {
    await withFake(
      (response) => response.writeHead(200, { 'content-length': 1 }).end('a'),
      async (fake) => {
        const store = createS3Store({
          endpoint: 'http://127.0.0.1:1',
          attempts: 1,
          buckets: { mine: { endpoint: fake.endpoint, region: 'eu-north-1' } },
        })
        expect(await store.read('s3://mine/a')).toHaveLength(1)
        expect(fake.seen[0]?.headers.authorization).toContain('/eu-north-1/s3/')
        expect(fake.seen[0]?.path).toMatch(/^\/mine\/a/)
        await expect(store.read('s3://other/a')).rejects.toThrow(/no server answers there/)
      },
    )
  })

  it('go to the endpoint and region of the environment, in path style', async () => {
    await withFake(
      (response) => response.writeHead(200, { 'content-length': 1 }).end('a'),
      async ({ endpoint, seen }) => {
        vi.stubEnv('AWS_ENDPOINT_URL_S3', endpoint)
        vi.stubEnv('AWS_REGION', 'eu-west-3')
        await createS3Store().read('s3://photos/a b.jpg')
        vi.stubEnv('AWS_ENDPOINT_URL_S3', '')
        vi.stubEnv('AWS_REGION', '')
        expect(seen[0]?.path).toMatch(/^\/photos\/a%20b\.jpg/)
        expect(seen[0]?.headers.authorization).toContain('/eu-west-3/s3/')
      },
    )
  })
})
