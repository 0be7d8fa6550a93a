import { createHash } from 'node:crypto'
import type { ServerResponse } from 'node:http'
import { inspect } from 'node:util'
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest'
import type { Store } from '../../../src/stores/types.js'
import type { S3Options } from '../../../src/stores/s3/options.js'
import { createS3Store } from '../../../src/stores/s3/store.js'
import { refs } from '../contract.js'
import { type FakeS3, sendError, sendPage, startFakeS3 } from './fake.js'
import { TEST_KEYS } from './setup.js'

const DATA = Buffer.alloc(200_000, 'imgproc')
const REF = 's3://photos/a.jpg'
const IMAGE = { contentType: 'image/jpeg' }

let fake: FakeS3 | undefined

beforeAll(() => {
  for (const [name, value] of Object.entries(TEST_KEYS)) vi.stubEnv(name, value)
})
afterEach(async () => {
  await fake?.stop()
  fake = undefined
})
afterAll(() => {
  vi.unstubAllEnvs()
})

/** Creates a store over a server with the given answers; returns it with the recorded requests. */
async function storeOf(answer: Parameters<typeof startFakeS3>[0], options: S3Options = {}) {
  fake = await startFakeS3(answer)
  const store: Store = createS3Store({ endpoint: fake.endpoint, ...options })
  return { store, seen: fake.seen }
}

function sendData(response: ServerResponse): void {
  response.writeHead(200, { 'content-length': DATA.length, etag: '"e"' }).end(DATA)
}

describe('the S3 store with temporary failures', () => {
  it('retries after 503, 500 and 429', async () => {
    const { store, seen } = await storeOf((response, _, count) => {
      if (count === 1) sendError(response, 503, 'SlowDown')
      else if (count === 2) sendError(response, 500, 'InternalError')
      else if (count === 3) response.writeHead(429).end()
      else sendData(response)
    })
    expect(Buffer.compare(await store.read(REF), DATA)).toBe(0)
    expect(seen).toHaveLength(4)
  })

  it('reads again if a body broke off, was truncated or stalled', async () => {
    const half = DATA.subarray(0, DATA.length / 2)
    const { store, seen } = await storeOf(
      (response, _, count) => {
        if (count > 3) return sendData(response)
        response.writeHead(200, { 'content-length': DATA.length }).write(half)
        if (count === 1) setTimeout(() => response.destroy(), 50)
        if (count === 2) setTimeout(() => response.socket?.end(), 50)
      },
      { idleTimeout: 0.3 },
    )
    expect(Buffer.compare(await store.read(REF), DATA)).toBe(0)
    expect(seen).toHaveLength(4)
  })

  it('reads again if a body is too short although the connection was closed properly', async () => {
    // Simulates a proxy that drops bytes and closes properly.
    const { store, seen } = await storeOf((response, _, count) => {
      if (count > 1) return sendData(response)
      response.strictContentLength = false
      response.writeHead(200, { 'content-length': DATA.length, connection: 'close' })
      response.end(DATA.subarray(0, 10))
    })
    expect(await store.read(REF)).toHaveLength(DATA.length)
    expect(seen).toHaveLength(2)
  })

  it('sends the same bytes with each attempt of a write', async () => {
    const { store, seen } = await storeOf((response, _, count) => {
      if (count === 1) response.destroy()
      else if (count === 2) sendError(response, 503, 'SlowDown')
      else response.writeHead(200, { etag: '"e"' }).end()
    })
    expect(await store.write(REF, DATA, IMAGE)).toEqual({ ref: REF, size: DATA.length, etag: 'e' })
    expect(seen.map(({ body }) => body.length)).toEqual([DATA.length, DATA.length, DATA.length])
  })

  it('recognizes its own write if the answer to it was lost', async () => {
    const etag = `"${createHash('md5').update(DATA).digest('hex')}"`
    let storedEtag = etag
    const { store } = await storeOf((response, { method }, count) => {
      if (method === 'HEAD')
        response.writeHead(200, { 'content-length': DATA.length, etag: storedEtag }).end()
      else if (count === 1) response.destroy()
      else sendError(response, 412, 'PreconditionFailed')
    })
    const absentOnly = { ...IMAGE, ifAbsent: true }
    expect(await store.write(REF, DATA, absentOnly)).toMatchObject({ ref: REF, size: DATA.length })
    storedEtag = '"other"'
    await expect(store.write(REF, DATA, absentOnly)).rejects.toMatchObject({ code: 'OUTPUT_COLLISION' })
  })

  it('never overwrites images with ifNoneMatch', async () => {
    const { store, seen } = await storeOf((response) => response.writeHead(200, { etag: '"e"' }).end(), {
      ifNoneMatch: true,
    })
    await store.write(REF, DATA, IMAGE)
    await store.write(REF, DATA, { contentType: 'application/json' })
    expect(seen.map(({ headers }) => headers['if-none-match'])).toEqual(['*', undefined])
  })

  it('corrects for a local clock that is two hours slow', async () => {
    const serverTime = new Date(Date.now() + 7_200_000)
    const { store, seen } = await storeOf((response, { headers }) => {
      const hour = serverTime.toISOString().slice(11, 13)
      if (String(headers['x-amz-date']).slice(9, 11) === hour) sendData(response)
      else sendError(response, 403, 'RequestTimeTooSkewed', { date: serverTime.toUTCString() })
    })
    expect(await store.read(REF)).toHaveLength(DATA.length)
    expect(seen).toHaveLength(2)
  })

  it('fails after the configured attempts with a retryable error', async () => {
    const { store, seen } = await storeOf((response) => sendError(response, 503, 'SlowDown'), { attempts: 2 })
    await expect(store.read(REF)).rejects.toMatchObject({
      code: 'READ_FAILED',
      retryable: true,
      path: REF,
      message: expect.stringContaining('asks for fewer requests. Lower concurrency (--concurrency)'),
    })
    expect(seen).toHaveLength(2)
    await expect(store.write(REF, DATA, IMAGE)).rejects.toMatchObject({
      code: 'WRITE_FAILED',
      retryable: true,
    })
  })

  it('throws ABORTED during a body and during a delay', async () => {
    const { store } = await storeOf((response, { path }) => {
      if (path.includes('slow')) response.writeHead(503, { 'retry-after': '20' }).end()
      else response.writeHead(200, { 'content-length': DATA.length }).write(DATA.subarray(0, 10))
    })
    for (const key of ['stuck', 'slow']) {
      const signal = AbortSignal.timeout(200)
      await expect(store.read(`s3://photos/${key}`, { signal }), key).rejects.toMatchObject({
        code: 'ABORTED',
      })
    }
  })
})

describe('a body read from S3', () => {
  it('is refused before reading if its announced size is too large', async () => {
    const { store, seen } = await storeOf((response) => {
      response.writeHead(200, { 'content-length': 5e9 }).write('x')
    })
    await expect(store.read(REF, { maxBytes: 1e6 })).rejects.toThrow(/5\.0 GB.*1\.0 MB/)
    expect(seen).toHaveLength(1)
  })

  it('is refused as soon as it exceeds the limit if its size is not announced', async () => {
    const { store, seen } = await storeOf((response) => {
      const send = () => response.write(DATA) && setImmediate(send)
      response.on('drain', send)
      response.on('error', () => {})
      send()
    })
    await expect(store.read(REF, { maxBytes: 1e6 })).rejects.toMatchObject({ code: 'INPUT_TOO_LARGE' })
    expect(seen).toHaveLength(1)
  })

  it('is complete if its size is not announced', async () => {
    const { store } = await storeOf((response) => {
      response.write(DATA.subarray(0, 90_000))
      response.end(DATA.subarray(90_000))
    })
    expect(Buffer.compare(await store.read(REF), DATA)).toBe(0)
  })
})

describe('the region of an S3 bucket', () => {
  it('is learned from the server once, for all later requests', async () => {
    const { store, seen } = await storeOf((response, { headers }) => {
      if (headers.authorization?.includes('/eu-central-1/s3/') === true) sendData(response)
      else sendError(response, 301, 'PermanentRedirect', { 'x-amz-bucket-region': 'eu-central-1' })
    })
    expect(await store.read(REF)).toHaveLength(DATA.length)
    await store.stat(REF)
    await store.read('s3://photos/b.jpg')
    expect(seen.map(({ headers }) => /\/([^/]+)\/s3\//.exec(headers.authorization ?? '')?.[1])).toEqual([
      'us-east-1',
      'eu-central-1',
      'eu-central-1',
      'eu-central-1',
    ])
  })

  it('is reported if a request to it fails too', async () => {
    const { store } = await storeOf((response) =>
      sendError(response, 400, 'AuthorizationHeaderMalformed', { 'x-amz-bucket-region': 'eu-west-1' }),
    )
    await expect(refs(store, 's3://photos/**/*.jpg')).rejects.toMatchObject({
      code: 'INVALID_CONFIG',
      message: expect.stringContaining('in another region, eu-west-1. Set AWS_REGION to eu-west-1'),
    })
  })
})

describe('an S3 error', () => {
  it.each([
    [404, 'NoSuchBucket', 'INPUT_NOT_FOUND', /there is no bucket "photos"/],
    [404, 'NoSuchKey', 'INPUT_NOT_FOUND', /There is no "s3:\/\/photos\/a\.jpg"/],
    [403, 'AccessDenied', 'ACCESS_DENIED', /Allow s3:GetObject on the key/],
    [400, 'ExpiredToken', 'INVALID_CREDENTIALS', /credentials have expired.*aws sso login/],
    [403, 'InvalidAccessKeyId', 'INVALID_CREDENTIALS', /does not know the access key/],
    [403, 'SignatureDoesNotMatch', 'INVALID_CREDENTIALS', /most likely because the secret key is wrong/],
    [403, 'RequestTimeTooSkewed', 'INVALID_CREDENTIALS', /clock of this machine/],
    [403, 'InvalidObjectState', 'READ_FAILED', /archived.*Glacier/],
    [501, 'NotImplemented', 'READ_FAILED', /does not support the request/],
    [500, 'InternalError', 'READ_FAILED', /the server failed \(500\)/],
    [418, 'Teapot', 'READ_FAILED', /answered Teapot: Told by the server \(418\)/],
  ] as const)('%i %s becomes %s with advice', async (status, name, code, message) => {
    const { store } = await storeOf((response) => sendError(response, status, name), { attempts: 1 })
    const failure = await store.read(REF).catch((error: unknown) => error)
    expect(failure).toMatchObject({ code, path: REF, stage: 'read' })
    expect(String(failure)).toMatch(message)
  })

  it('contains no secret and none of the sent bytes', async () => {
    vi.stubEnv('AWS_SESSION_TOKEN', 'session-secret')
    const { store } = await storeOf((response) => sendError(response, 403, 'SignatureDoesNotMatch'))
    const bytes = Buffer.from('sent bytes')
    for (const use of [() => store.read(REF), () => store.stat(REF), () => store.write(REF, bytes, IMAGE)]) {
      const failure = inspect(await use().catch((error: unknown) => error), {
        depth: Infinity,
        showHidden: true,
      })
      expect(failure).toContain('SignatureDoesNotMatch')
      expect(failure).not.toMatch(/session-secret|testsecret|AWS4-HMAC|ClientRequest/)
    }
    vi.stubEnv('AWS_SESSION_TOKEN', '')
  })

  it('names the missing permission', async () => {
    const { store } = await storeOf((response) => sendError(response, 403, 'AccessDenied'))
    const denied = (permission: string) => ({
      code: 'ACCESS_DENIED',
      message: expect.stringContaining(`Allow ${permission} on`),
    })
    await expect(store.stat(REF)).rejects.toMatchObject(denied('s3:GetObject'))
    await expect(refs(store, 's3://photos/')).rejects.toMatchObject(denied('s3:ListBucket'))
    await expect(store.write(REF, DATA, IMAGE)).rejects.toMatchObject(denied('s3:PutObject'))
    await expect(store.remove(REF)).rejects.toMatchObject(denied('s3:DeleteObject'))
  })

  it('has the details of a GET if HEAD only returned a status', async () => {
    const { store } = await storeOf((response, { method }) => {
      if (method === 'HEAD') response.writeHead(400).end()
      else sendError(response, 400, 'ExpiredToken')
    })
    await expect(store.stat(REF)).rejects.toThrow(/credentials have expired/)
  })

  it('does not occur when a denied key is located or listed', async () => {
    const { store } = await storeOf((response, { method }) => {
      if (method === 'HEAD') response.writeHead(403).end()
      else sendError(response, 403, 'AccessDenied')
    })
    expect((await store.locate(REF)).kind).toBe('file')
    expect(await refs(store, REF)).toEqual([REF])
  })

  it('without an answer names the settings to check', async () => {
    const store = createS3Store({ endpoint: 'http://127.0.0.1:1', attempts: 2 })
    await expect(store.read(REF)).rejects.toThrow(/no server answers there\. Check the endpoint/)
    const lost = createS3Store({ endpoint: 'http://no-such-host.invalid', attempts: 1 })
    await expect(lost.read(REF)).rejects.toThrow(/name can't be found\. Check the endpoint/)
    const none = createS3Store({ endpoint: 'minio:9000/' })
    await expect(none.read(REF)).rejects.toMatchObject({ code: 'INVALID_CONFIG' })
  })

  it('for missing credentials names the places for them', async () => {
    vi.stubEnv('AWS_ACCESS_KEY_ID', '')
    const { store, seen } = await storeOf(sendData)
    await expect(store.read(REF)).rejects.toMatchObject({
      code: 'INVALID_CREDENTIALS',
      message: expect.stringContaining('no credentials were found. Set AWS_ACCESS_KEY_ID'),
    })
    vi.stubEnv('AWS_ACCESS_KEY_ID', TEST_KEYS.AWS_ACCESS_KEY_ID)
    expect(seen).toHaveLength(0)
  })

  it('reports a listing without a next token, or with a repeated one', async () => {
    const { store } = await storeOf((response, { path }) => {
      sendPage(response, ['a.jpg'], path.includes('circle') ? 'again' : '')
    })
    for (const folder of ['early', 'circle']) {
      await expect(refs(store, `s3://photos/${folder}/`)).rejects.toThrow(/says that there is more/)
    }
  })

  it('in the middle of a listing ends the listing', async () => {
    const { store } = await storeOf((response, _, count) => {
      if (count === 1) sendPage(response, ['a.jpg'], 'next')
      else sendError(response, 403, 'AccessDenied')
    })
    await expect(refs(store, 's3://photos/')).rejects.toMatchObject({ code: 'ACCESS_DENIED' })
  })
})
