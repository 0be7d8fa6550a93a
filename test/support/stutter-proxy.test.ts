import http, { type IncomingMessage } from 'node:http'
import { randomBytes } from 'node:crypto'
import { CreateBucketCommand, GetObjectCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3'
import { startFauxqs } from 'fauxqs'
import { afterEach, describe, expect, it } from 'vitest'
import { createHttpStore } from '../../src/stores/http/store.js'
import { serve } from '../stores/http/server.js'
import { createStutterProxy, type StutterProxy, type StutterProxyOptions } from './stutter-proxy.js'

const proxies = new Set<StutterProxy>()

afterEach(async () => {
  await Promise.all([...proxies].map((proxy) => proxy.close()))
  proxies.clear()
})

async function startProxy(options: StutterProxyOptions): Promise<StutterProxy> {
  const proxy = await createStutterProxy(options)
  proxies.add(proxy)
  return proxy
}

interface Reply {
  readonly status: number
  readonly headers: IncomingMessage['headers']
  /** The received part of the body. */
  readonly body: Buffer
  /** Error that ended the body early. Empty if it is complete. */
  readonly broken: string
}

/** Sends a request with a raw path. Rejects if there is no response at all. */
function send(base: string, method: string, path: string, headers = {}, body?: Uint8Array): Promise<Reply> {
  const { hostname, port } = new URL(base)
  return new Promise((resolve, reject) => {
    const sent = http.request({ hostname, port, method, path, headers, agent: false }, (response) => {
      const chunks: Buffer[] = []
      const done = (broken: string) => {
        const { statusCode: status = 0, headers } = response
        resolve({ status, headers, body: Buffer.concat(chunks), broken })
      }
      response.on('data', (chunk: Buffer) => chunks.push(chunk))
      response.on('end', () => done(''))
      response.on('error', (error) => done(error.message))
    })
    sent.on('error', reject)
    sent.end(body)
  })
}

describe('a stutter proxy without failures', () => {
  it('forwards path and headers unchanged, so that signatures stay valid', async () => {
    const target = await serve((_, response) => response.end())
    const { url } = await startProxy({ target: target.url, seed: 1 })
    const path = '/bucket/a%2Fb//../c%20d/%C3%A9?x-id=GetObject&marker=a%2Bb'
    const headers = {
      host: 'bucket.example:123',
      authorization: 'AWS4 x',
      'x-amz-meta-a': 'b  c',
      'X-Amz-Date': '1',
    }
    await send(url, 'GET', path, headers)
    const [request] = target.requests
    expect(request?.url).toBe(path)
    expect(request?.headers).toMatchObject({
      host: 'bucket.example:123',
      authorization: 'AWS4 x',
      'x-amz-meta-a': 'b  c',
      'x-amz-date': '1',
    })
    await send(url, 'GET', '/')
    expect(target.requests[1]?.headers.host).toBe(new URL(url).host)
  })

  it('forwards bodies both ways, and counts requests', async () => {
    const data = randomBytes(500_000)
    const target = await serve((request, response) => {
      response.writeHead(201, { etag: '"x"', 'content-length': request.headers['content-length'] ?? 0 })
      request.pipe(response)
    })
    const { url, stats } = await startProxy({ target: target.url, seed: 1 })
    const reply = await send(url, 'PUT', '/bucket/a%20b', { 'content-length': data.length }, data)
    expect(reply).toMatchObject({ status: 201, headers: { etag: '"x"' } })
    expect(Buffer.compare(reply.body, data)).toBe(0)
    await send(url, 'HEAD', '/bucket/a%20b')
    expect(stats).toEqual({
      requests: 2,
      byMethod: { PUT: 1, HEAD: 1 },
      injected503: 0,
      resets: 0,
      truncated: 0,
      successfulPuts: new Map([['/bucket/a b', 1]]),
    })
  })

  it('delays each request by the latency', async () => {
    const target = await serve((_, response) => response.end())
    const { url } = await startProxy({ target: target.url, seed: 1, latency: 300 })
    const slow = send(url, 'GET', '/slow')
    await send(target.url, 'GET', '/fast')
    await slow
    expect(target.requests.map((request) => request.url)).toEqual(['/fast', '/slow'])
  })
})

describe('a stutter proxy with failures', () => {
  const data = Buffer.alloc(200_000, 'imgproc')

  it('answers 503 SlowDown like S3, and sends nothing to the server', async () => {
    const target = await serve((_, response) => response.end())
    const { url, stats } = await startProxy({ target: target.url, seed: 1, failures: { slowDown: 1 } })
    const reply = await send(url, 'PUT', '/bucket/key', { 'content-length': data.length }, data)
    expect(reply.status).toBe(503)
    expect(reply.body.toString()).toContain('<Error><Code>SlowDown</Code>')
    expect((await send(url, 'HEAD', '/bucket/key')).status).toBe(503)
    expect(stats).toMatchObject({ requests: 2, injected503: 2 })
    expect(target.requests).toHaveLength(0)
  })

  it.each(['reset', 'truncate'] as const)('breaks off a response body: %s', async (failure) => {
    const target = await serve(({ url }, response) => {
      if (url === '/length') response.writeHead(200, { 'content-length': data.length })
      response.write(data.subarray(0, 1000))
      response.end(data.subarray(1000))
    })
    const { url, stats } = await startProxy({ target: target.url, seed: 1, failures: { [failure]: 1 } })
    for (const path of ['/length', '/pieces']) {
      // On a busy machine the client may see the reset before the data.
      const reply = await send(url, 'GET', path).catch(() => undefined)
      expect(reply?.broken ?? 'no response').not.toBe('')
      expect(reply?.body.length ?? 0).toBeLessThan(data.length)
    }
    const counted = failure === 'reset' ? { resets: 2, truncated: 0 } : { resets: 0, truncated: 2 }
    expect(stats).toMatchObject(counted)
  })

  it('resets a PUT before the server has the whole body, so that no object is written', async () => {
    let completed = 0
    const target = await serve((request, response) => {
      request.on('error', () => {})
      request.resume().on('end', () => {
        completed++
        response.end()
      })
    })
    const { url, stats } = await startProxy({ target: target.url, seed: 1, failures: { reset: 1 } })
    const headers = { 'content-length': data.length }
    await expect(send(url, 'PUT', '/bucket/key', headers, data)).rejects.toThrow(/ECONNRESET|EPIPE|hang up/)
    await expect(send(url, 'DELETE', '/bucket/key')).rejects.toThrow(/ECONNRESET|hang up/)
    expect(stats).toMatchObject({ resets: 2, successfulPuts: new Map() })
    expect(target.requests.map(({ method }) => method)).toEqual(['PUT'])
    expect(completed).toBe(0)
  })

  it('fails the same requests for the same seed, in any order', async () => {
    const target = await serve((_, response) => response.end())
    const paths = Array.from({ length: 60 }, (_, i) => `/bucket/${i}`)
    const failing = async (seed: number, order: readonly string[]) => {
      const { url } = await startProxy({ target: target.url, seed, failures: { slowDown: 0.3 } })
      const replies = await Promise.all(
        order.map(async (path) => [path, await send(url, 'GET', path)] as const),
      )
      return replies
        .filter(([, { status }]) => status === 503)
        .map(([path]) => path)
        .toSorted()
    }
    const first = await failing(1, paths)
    expect(first.length).toBeGreaterThan(5)
    expect(first.length).toBeLessThan(35)
    expect(await failing(1, paths.toReversed())).toEqual(first)
    expect(await failing(2, paths)).not.toEqual(first)
  })
})

describe('clients behind a stutter proxy', () => {
  it('read every byte with the HTTP store', async () => {
    const target = await serve(({ url = '' }, response) => response.end(url.repeat(10_000)))
    const failures = { slowDown: 0.08, reset: 0.08, truncate: 0.08 }
    const { url, stats } = await startProxy({ target: target.url, seed: 1, failures })
    const store = createHttpStore()
    const paths = Array.from({ length: 40 }, (_, i) => `/${i}.jpg`)
    const read = await Promise.all(paths.map((path) => store.read(url + path)))
    expect(read.map((data) => Buffer.from(data).toString())).toEqual(paths.map((path) => path.repeat(10_000)))
    const { injected503, resets, truncated } = stats
    expect(Math.min(injected503, resets, truncated)).toBeGreaterThan(0)
    expect(stats.requests).toBe(40 + injected503 + resets + truncated)
  })

  it('put each object once with the S3 client', async () => {
    const server = await startFauxqs({ port: 0, host: '127.0.0.1', logger: false })
    const failures = { slowDown: 0.15, reset: 0.15 }
    const { url, stats } = await startProxy({ target: `http://127.0.0.1:${server.port}`, seed: 3, failures })
    const stuttering = clientOf(url)
    const direct = clientOf(`http://127.0.0.1:${server.port}`)
    try {
      await direct.send(new CreateBucketCommand({ Bucket: 'photos' }))
      const keys = Array.from({ length: 30 }, (_, i) => `a b/é ${i}.bin`)
      const put = (Key: string) =>
        stuttering.send(new PutObjectCommand({ Bucket: 'photos', Key, Body: Buffer.from(Key.repeat(1000)) }))
      await Promise.all(keys.map(put))
      expect(Math.min(stats.injected503, stats.resets)).toBeGreaterThan(0)
      expect(stats.successfulPuts).toEqual(new Map(keys.map((key) => [`/photos/${key}`, 1])))
      for (const Key of keys) {
        const { Body } = await direct.send(new GetObjectCommand({ Bucket: 'photos', Key }))
        expect(await Body?.transformToString()).toBe(Key.repeat(1000))
      }
    } finally {
      stuttering.destroy()
      direct.destroy()
      await server.stop()
    }
  })
})

function clientOf(endpoint: string): S3Client {
  return new S3Client({
    endpoint,
    region: 'us-east-1',
    forcePathStyle: true,
    credentials: { accessKeyId: 'testkey', secretAccessKey: 'testsecret' },
    maxAttempts: 10,
  })
}
