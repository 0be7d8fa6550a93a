import { crc32 } from 'node:zlib'
import * as sdk from '@aws-sdk/client-s3'
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest'
import { createObjectRequests } from '../../../src/stores/s3/object-requests.js'
import { createTemplate } from '../../../src/stores/s3/request-template.js'
import type { S3Options } from '../../../src/stores/s3/options.js'
import { createS3Store } from '../../../src/stores/s3/store.js'
import { type FakeS3, type RecordedRequest, sendError, startFakeS3 } from './fake.js'
import { createTestClient, TEST_KEYS } from './setup.js'

const IMAGE = { contentType: 'image/jpeg' }
const DATA = Buffer.from('image')

let fake: FakeS3

beforeAll(() => {
  for (const [name, value] of Object.entries(TEST_KEYS)) vi.stubEnv(name, value)
})
afterEach(() => fake.stop())
afterAll(() => {
  vi.unstubAllEnvs()
})

/** Creates a store over a server that answers the first request with success, and others as told. */
async function storeOf(answer: Parameters<typeof startFakeS3>[0], options: S3Options = {}) {
  fake = await startFakeS3((response, request, count) => {
    if (count === 1) response.writeHead(200, { 'content-length': 0, etag: '"e"' }).end()
    else answer(response, request, count)
  })
  return createS3Store({ endpoint: fake.endpoint, ...options })
}

/** True if the whole chain of the SDK made a request. */
const isMadeBySdk = ({ headers }: RecordedRequest) => headers['amz-sdk-invocation-id'] !== undefined

/** Returns the headers that do not depend on the moment, the key or the body. */
function lasting({ headers }: RecordedRequest) {
  const single = /^(?:amz-sdk-|x-amz-(?:date|content-sha256)$|authorization$|content-length$)/
  return Object.fromEntries(Object.entries(headers).filter(([name]) => !single.test(name)))
}

describe('a request like an earlier one', () => {
  it('is made without the chain of the SDK, with the same headers', async () => {
    const store = await storeOf((response) => response.writeHead(200, { etag: '"f"' }).end(), {
      cacheControl: 'max-age=60',
      metadata: { album: 'rome' },
      storageClass: 'STANDARD_IA',
      sse: 'AES256',
    })
    for (const key of ['a.jpg', "b (1)!'*.jpg"])
      await store.write(`s3://photos/${key}`, Buffer.from(key), IMAGE)
    for (const key of ['a.jpg', 'ü/b.jpg']) await store.read(`s3://photos/${key}`)
    const [put, laterPut, get, laterGet] = fake.seen
    expect(fake.seen.map(isMadeBySdk)).toEqual([true, false, true, false])
    expect(lasting(laterPut!)).toEqual(lasting(put!))
    expect(lasting(laterGet!)).toEqual(lasting(get!))
    expect(laterPut).toMatchObject({
      path: '/photos/b%20%281%29%21%27%2A.jpg?x-id=PutObject',
      body: Buffer.from("b (1)!'*.jpg"),
      headers: { 'content-length': '12', 'cache-control': 'max-age=60', 'x-amz-meta-album': 'rome' },
    })
    expect(laterGet?.path).toBe('/photos/%C3%BC/b.jpg?x-id=GetObject')
  })

  it('is not like one of another range, media type or bucket', async () => {
    const store = await storeOf((response) => response.writeHead(200, { etag: '"f"' }).end())
    await store.write('s3://photos/a', DATA, IMAGE)
    await store.write('s3://photos/a', DATA, { contentType: 'image/png' })
    await store.write('s3://others/a', DATA, IMAGE)
    await store.write('s3://photos/b', DATA, { ...IMAGE, ifAbsent: true })
    await store.read('s3://photos/a')
    await store.read('s3://photos/a', { range: [0, 10] })
    expect(fake.seen.map(isMadeBySdk)).toEqual([true, true, true, true, true, true])
    expect(fake.seen.map(({ headers }) => headers.range)).toEqual([...Array(5).fill(undefined), 'bytes=0-9'])
  })

  it.each([
    [404, 'NoSuchKey'],
    [404, 'NoSuchBucket'],
    [403, 'AccessDenied'],
    [400, 'ExpiredToken'],
    [503, 'SlowDown'],
    [500, 'InternalError'],
    [412, 'PreconditionFailed'],
  ])('fails with %i %s as the first one does', async (status, name) => {
    const store = await storeOf((response) => sendError(response, status, name), { attempts: 1 })
    await store.write('s3://photos/a.jpg', DATA, IMAGE)
    const later = await store.write('s3://photos/a.jpg', DATA, IMAGE).catch((error: unknown) => error)
    const first = await createS3Store({ endpoint: fake.endpoint, attempts: 1 })
      .write('s3://photos/a.jpg', DATA, IMAGE)
      .catch((error: unknown) => error)
    expect(fake.seen.map(isMadeBySdk)).toEqual([true, false, true])
    expect(later).toBeInstanceOf(Error)
    expect(later).toEqual(first)
  })

  it('is sent again if the answer has an error in spite of its status 200', async () => {
    const error = '<?xml version="1.0"?><Error><Code>InternalError</Code></Error>'
    const store = await storeOf((response, _, count) =>
      count === 2 ? response.writeHead(200).end(error) : response.writeHead(200, { etag: '"f"' }).end(),
    )
    await store.write('s3://photos/a.jpg', DATA, IMAGE)
    expect(await store.write('s3://photos/b.jpg', DATA, IMAGE)).toMatchObject({ etag: 'f' })
    expect(fake.seen).toHaveLength(3)
  })

  it('corrects the clock that the server has refused', async () => {
    const serverTime = new Date(Date.now() + 7_200_000)
    const store = await storeOf((response, { headers }) => {
      const hour = serverTime.toISOString().slice(11, 13)
      const date = serverTime.toUTCString()
      if (String(headers['x-amz-date']).slice(9, 11) === hour)
        response.writeHead(200, { 'content-length': 0, date }).end()
      else sendError(response, 403, 'RequestTimeTooSkewed', { date })
    })
    for (const key of ['a', 'b', 'c']) await store.write(`s3://photos/${key}`, DATA, IMAGE)
    // The second is sent twice.
    expect(fake.seen).toHaveLength(4)
  })

  it('goes to the region that the server names', async () => {
    const store = await storeOf((response, { headers }) => {
      if (headers.authorization?.includes('/eu-west-1/s3/') === true)
        response.writeHead(200, { etag: '"f"' }).end()
      else sendError(response, 301, 'PermanentRedirect', { 'x-amz-bucket-region': 'eu-west-1' })
    })
    for (const key of ['a', 'b', 'c', 'd']) await store.write(`s3://photos/${key}`, DATA, IMAGE)
    // The second is redirected, and the client of the new region begins with a request by the SDK.
    expect(fake.seen.map(isMadeBySdk)).toEqual([true, false, true, false, false])
  })

  it('uses the credentials of the moment', async () => {
    fake = await startFakeS3((response) => response.writeHead(200, { 'content-length': 0 }).end())
    let made = 0
    const client = new sdk.S3Client({
      endpoint: fake.endpoint,
      region: 'us-east-1',
      credentials: async () => ({
        accessKeyId: `key${++made}`,
        secretAccessKey: 'secret',
        sessionToken: `token${made}`,
        expiration: new Date(0),
      }),
    })
    const objects = createObjectRequests(sdk, client)
    for (const Key of ['a', 'b', 'c']) await objects.put({ Bucket: 'photos', Key, Body: DATA })
    const used = fake.seen.map(({ headers }) => /=(key\d+)\//.exec(headers.authorization ?? '')?.[1])
    expect(new Set(used).size).toBe(3)
    expect(fake.seen.map(({ headers }) => headers['x-amz-security-token'])).toEqual(
      used.map((key) => key?.replace('key', 'token')),
    )
    client.destroy()
  })

  it('has the checksum of its own body if the first one had one', async () => {
    fake = await startFakeS3((response) => response.writeHead(200, { 'content-length': 0 }).end())
    const client = createTestClient(fake.endpoint)
    const objects = createObjectRequests(sdk, client)
    for (const Key of ['a', 'b'])
      await objects.put({ Bucket: 'photos', Key, Body: Buffer.from(Key.repeat(99)) })
    expect(fake.seen.map(isMadeBySdk)).toEqual([true, false])
    for (const { headers, body } of fake.seen) {
      const checksum = Buffer.from(headers['x-amz-checksum-crc32'] as string, 'base64')
      expect(checksum.readUInt32BE()).toBe(crc32(body))
    }
    client.destroy()
  })
})

describe('createTemplate', () => {
  const { config } = new sdk.S3Client({ region: 'us-east-1' })
  const scheme = { name: 'sigv4', signingName: 's3', signingRegion: 'us-east-1', properties: {} }
  const request = {
    method: 'PUT',
    protocol: 'https:',
    hostname: 'host',
    path: '/photos/a%20b.jpg',
    query: {},
  }

  it.each([
    ['a directory bucket', { name: 'sigv4-s3express' }, {}, 'a b.jpg'],
    ['several regions', { name: 'sigv4a' }, {}, 'a b.jpg'],
    ['another checksum', {}, { 'x-amz-checksum-sha256': 'x' }, 'a b.jpg'],
    ['MD5', {}, { 'Content-MD5': 'x' }, 'a b.jpg'],
    ['another key', {}, {}, 'c.jpg'],
  ])('returns undefined for a request with %s', async (_, more, headers, key) => {
    const make = (way: object, sent: Record<string, string>, name: string) =>
      createTemplate(config, { ...request, headers: sent }, name, [{ ...scheme, ...way }])
    expect(await make(more, headers, key)).toBeUndefined()
    expect(await make({}, {}, 'a b.jpg')).toMatchObject({ base: '/photos/' })
  })
})

describe('with an SDK whose signing step has another name', () => {
  it('makes each request by the chain', async () => {
    fake = await startFakeS3((response) => response.writeHead(200, { 'content-length': 1 }).end('x'))
    const client = createTestClient(fake.endpoint)
    client.middlewareStack.remove('httpSigningMiddleware')
    const objects = createObjectRequests(sdk, client)
    for (const Key of ['a.jpg', 'b.jpg']) await objects.get({ Bucket: 'photos', Key }, undefined)
    expect(fake.seen.map(isMadeBySdk)).toEqual([true, true])
    client.destroy()
  })
})
