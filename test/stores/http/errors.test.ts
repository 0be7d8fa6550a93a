import { once } from 'node:events'
import https from 'node:https'
import net, { type AddressInfo } from 'node:net'
import { gzipSync } from 'node:zlib'
import { describe, expect, it } from 'vitest'
import { ImgprocError, toRecord } from '../../../src/errors.js'
import { createHttpStore, type HttpStoreOptions } from '../../../src/stores/http/store.js'
import { CERTIFICATE, KEY } from './certificate.js'
import { serve } from './server.js'

const DIGITS = '0123456789'
const store = createHttpStore()

const text = (data: Uint8Array) => Buffer.from(data).toString()

async function failureOf(
  url: string,
  options?: HttpStoreOptions,
  signal?: AbortSignal,
): Promise<ImgprocError> {
  const error: unknown = await createHttpStore(options)
    .read(url, { signal })
    .catch((caught: unknown) => caught)
  if (error instanceof ImgprocError) return error
  throw new Error(`Expected an ImgprocError, got ${String(error)}`)
}

/** Starts a TCP server, for answers that are not valid HTTP. */
async function listen(answer: (socket: net.Socket) => void): Promise<{ port: number; close: () => void }> {
  const sockets = new Set<net.Socket>()
  const server = net.createServer((socket) => {
    sockets.add(socket)
    socket.on('error', () => {})
    answer(socket)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo // it listens on a port, not on a pipe
  return {
    port,
    close() {
      for (const socket of sockets) socket.destroy()
      server.close()
    },
  }
}

describe('an error status', () => {
  it.each([
    [404, 'INPUT_NOT_FOUND', false],
    [410, 'INPUT_NOT_FOUND', false],
    [401, 'ACCESS_DENIED', false],
    [403, 'ACCESS_DENIED', false],
    [400, 'READ_FAILED', false],
    [204, 'READ_FAILED', false],
    [206, 'READ_FAILED', false],
    [304, 'READ_FAILED', false],
    [300, 'READ_FAILED', false],
  ])('%i fails with %s after one request', async (status, code, retryable) => {
    const server = await serve((_, response) => response.writeHead(status).end())
    const error = await failureOf(`${server.url}/a.jpg?key=1`)
    expect(error).toMatchObject({ code, retryable, stage: 'read', path: `${server.url}/a.jpg` })
    expect(error.message).toContain(`the server answered ${status}`)
    expect(server.requests).toHaveLength(1)
  })

  it('for a temporary reason fails after three requests', async () => {
    const busy = [408, 425, 429, 500, 502, 503, 504].map(async (status) => {
      const server = await serve((_, response) => response.writeHead(status).end('busy'))
      const error = await failureOf(server.url)
      expect(error).toMatchObject({ code: 'READ_FAILED', retryable: true })
      expect(error.message).toContain(`the server answered ${status}`)
      expect(server.requests).toHaveLength(3)
    })
    await Promise.all(busy)
  })

  it('is retried until the server succeeds', async () => {
    const server = await serve((_, response, count) => {
      response.writeHead(count < 3 ? 503 : 200).end(DIGITS)
    })
    expect(text(await store.read(server.url))).toBe(DIGITS)
    expect(server.requests).toHaveLength(3)
  })

  it.each(['1', new Date(Date.now() + 9000).toUTCString()])(
    'is retried only after the requested delay: Retry-After %s',
    async (retryAfter) => {
      const server = await serve((_, response, count) => {
        response.writeHead(count === 1 ? 429 : 200, { 'retry-after': retryAfter }).end(DIGITS)
      })
      // Longer than the store's own delays, and shorter than the requested delay.
      const error = await failureOf(server.url, { timeout: 0.9 })
      expect(error).toMatchObject({ code: 'TIMED_OUT' })
      expect(server.requests).toHaveLength(1)
    },
  )

  it('is not retried if the server asks for a delay of more than 30 seconds', async () => {
    const server = await serve((_, response) => response.writeHead(503, { 'retry-after': '3600' }).end())
    const error = await failureOf(server.url)
    expect(error).toMatchObject({ code: 'READ_FAILED', retryable: true })
    expect(error.message).toContain('Try again in 3600 seconds')
    expect(server.requests).toHaveLength(1)
  })

  it('fails stat too, after three requests', async () => {
    const server = await serve((_, response) => response.writeHead(500).end())
    await expect(store.stat(server.url)).rejects.toMatchObject({ code: 'READ_FAILED' })
    expect(server.requests).toHaveLength(3)
  })
})

describe('a broken connection', () => {
  const half = (end: (socket: net.Socket) => void, times: number) =>
    serve((_, response, count) => {
      if (count > times) return response.end(DIGITS)
      response.writeHead(200, { 'content-length': 10 }).write('01234')
      setTimeout(() => response.socket && end(response.socket), 20)
    })

  it.each([
    ['closed', (socket: net.Socket) => socket.end()],
    ['reset', (socket: net.Socket) => socket.resetAndDestroy()],
  ])('that is %s in the body is retried, with three requests at most', async (_, end) => {
    const once = await half(end, 1)
    expect(text(await store.read(once.url))).toBe(DIGITS)
    expect(once.requests).toHaveLength(2)
    const always = await half(end, 99)
    const error = await failureOf(`${always.url}/a.jpg?key=1`)
    expect(error).toMatchObject({ code: 'READ_FAILED', retryable: true, path: `${always.url}/a.jpg` })
    expect(error.message).toContain('the connection broke')
    expect(always.requests).toHaveLength(3)
  })

  it('is detected in a body of unknown length', async () => {
    const server = await serve((_, response, count) => {
      response.write(DIGITS)
      if (count > 1) response.end()
      else setTimeout(() => response.socket?.end(), 20)
    })
    expect(text(await store.read(server.url))).toBe(DIGITS)
    expect(server.requests).toHaveLength(2)
  })

  it('is detected in a truncated compressed body', async () => {
    const packed = gzipSync(Buffer.alloc(10_000, 'imgproc'))
    const server = await serve((_, response) => {
      // Complete for HTTP, truncated for gzip.
      response.writeHead(200, { 'content-encoding': 'gzip' }).end(packed.subarray(0, packed.length / 2))
    })
    const error = await failureOf(server.url)
    expect(error).toMatchObject({ code: 'READ_FAILED', retryable: true })
    expect(error.message).toContain('compressed data ends too early')
    expect(server.requests).toHaveLength(3)
  })

  it('before an answer is retried', async () => {
    const server = await serve((request, response, count) => {
      if (count === 1) request.socket.resetAndDestroy()
      else response.end(DIGITS)
    })
    expect(text(await store.read(server.url))).toBe(DIGITS)
  })
})

describe('a slow server', () => {
  it('fails with TIMED_OUT if it sends nothing, before the answer and in the body', async () => {
    const server = await serve(({ url }, response) => {
      if (url === '/body') response.writeHead(200, { 'content-length': 10 }).write('01234')
    })
    for (const path of ['/', '/body']) {
      const error = await failureOf(server.url + path, { idleTimeout: 0.1 })
      expect(error).toMatchObject({ code: 'TIMED_OUT', retryable: true })
      expect(error.message).toContain('sent nothing for 0.1 seconds')
    }
    expect(server.requests).toHaveLength(6)
  })

  it('fails with TIMED_OUT if it sends slowly without an end', async () => {
    const server = await serve((_, response) => {
      const timer = setInterval(() => response.write('a'), 10)
      response.on('close', () => clearInterval(timer))
    })
    const error = await failureOf(server.url, { timeout: 0.3, idleTimeout: 0.2 })
    expect(error).toMatchObject({
      code: 'TIMED_OUT',
      message: expect.stringContaining('longer than 0.3 seconds'),
    })
    expect(server.requests).toHaveLength(1)
  })

  it('is abandoned at once on an abort', async () => {
    const server = await serve(({ url }, response) => {
      if (url === '/body') response.writeHead(200, { 'content-length': 10 }).write('01234')
      if (url === '/busy') response.writeHead(503, { 'retry-after': '20' }).end()
    })
    for (const [index, path] of ['/', '/body', '/busy'].entries()) {
      const controller = new AbortController()
      const failure = failureOf(server.url + path, {}, controller.signal)
      await expect.poll(() => server.requests.length).toBe(index + 1)
      controller.abort()
      expect(await failure).toMatchObject({ code: 'ABORTED' })
    }
    expect(await failureOf(server.url, {}, AbortSignal.abort())).toMatchObject({ code: 'ABORTED' })
    expect(server.requests).toHaveLength(3)
  })
})

describe('a connection or protocol error', () => {
  it('reports that nothing listens on the port', async () => {
    const { port, close } = await listen(() => {})
    close()
    const error = await failureOf(`http://127.0.0.1:${port}/a.jpg`)
    expect(error).toMatchObject({ code: 'READ_FAILED', retryable: true })
    expect(error.message).toContain('refused the connection: nothing listens on that port (ECONNREFUSED)')
  })

  it('reports that the host does not exist', async () => {
    const error = await failureOf('http://no-such-host.invalid/a.jpg')
    expect(error).toMatchObject({ code: 'READ_FAILED', retryable: true })
    // Without a network, the name server does not answer at all.
    expect(error.message).toMatch(/there is no host of that name|the host could not be found/)
  })

  it('reports that the server does not speak HTTP', async () => {
    const { port, close } = await listen((socket) => socket.end('220 ftp.example ready\r\n'))
    for (const scheme of ['http', 'https']) {
      const error = await failureOf(`${scheme}://127.0.0.1:${port}/`)
      expect(error).toMatchObject({ code: 'READ_FAILED' })
      expect(error.message).toContain('not valid HTTP')
    }
    close()
  })

  it('rejects a self-signed certificate', async () => {
    const server = https.createServer({ key: KEY, cert: CERTIFICATE }, (_, response) => response.end(DIGITS))
    server.listen(0, 'localhost')
    await once(server, 'listening')
    const { port } = server.address() as AddressInfo // it listens on a port, not on a pipe
    const error = await failureOf(`https://localhost:${port}/a.jpg?key=1`)
    expect(error).toMatchObject({ code: 'READ_FAILED', path: `https://localhost:${port}/a.jpg` })
    expect(error.message).toMatch(/certificate is self-signed.*NODE_EXTRA_CA_CERTS/)
    server.close()
  })

  it('rejects headers that cannot be sent', async () => {
    const server = await serve((_, response) => response.end(DIGITS))
    const error = await failureOf(server.url, { headers: { 'x-token': 'a\nb' } })
    expect(error).toMatchObject({ code: 'INVALID_USAGE', retryable: false })
    expect(server.requests).toHaveLength(0)
  })
})

it('HTTP errors contain no query, user or password of the URL or of a redirect', async () => {
  const server = await serve(({ url = '' }, response) => {
    const status = Number(/status=(\d+)/.exec(url)?.[1])
    if (status === 302) response.writeHead(302, { location: '/b.jpg?secret=word&status=302' }).end()
    else if (status === 0) response.destroy()
    else response.writeHead(status).end()
  })
  for (const status of [404, 403, 400, 500, 302, 0]) {
    const url = `${server.url.replace('//', '//user:pass@')}/a.jpg?secret=word&status=${status}#secret`
    const error = await failureOf(url)
    const { message, path, stack, cause } = error
    const serialized = JSON.stringify({ message, path, stack, cause: String(cause), record: toRecord(error) })
    expect(serialized).toContain('/a.jpg')
    expect(serialized).not.toMatch(/secret|word|user:|pass@/)
  }
})
