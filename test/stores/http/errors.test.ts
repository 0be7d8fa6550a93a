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

/** A server that speaks no HTTP but what the test makes it say. */
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

describe('a server that answers no', () => {
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
  ])('with %i is asked once: %s', async (status, code, retryable) => {
    const server = await serve((_, response) => response.writeHead(status).end())
    const error = await failureOf(`${server.url}/a.jpg?key=1`)
    expect(error).toMatchObject({ code, retryable, stage: 'read', path: `${server.url}/a.jpg` })
    expect(error.message).toContain(`the server answered ${status}`)
    expect(server.requests).toHaveLength(1)
  })

  it('for the moment is asked three times', async () => {
    const busy = [408, 425, 429, 500, 502, 503, 504].map(async (status) => {
      const server = await serve((_, response) => response.writeHead(status).end('busy'))
      const error = await failureOf(server.url)
      expect(error).toMatchObject({ code: 'READ_FAILED', retryable: true })
      expect(error.message).toContain(`the server answered ${status}`)
      expect(server.requests).toHaveLength(3)
    })
    await Promise.all(busy)
  })

  it('is forgiven once it says yes', async () => {
    const server = await serve((_, response, count) => {
      response.writeHead(count < 3 ? 503 : 200).end(DIGITS)
    })
    expect(text(await store.read(server.url))).toBe(DIGITS)
    expect(server.requests).toHaveLength(3)
  })

  it.each(['1', new Date(Date.now() + 9000).toUTCString()])(
    'is left alone for as long as it asks: Retry-After %s',
    async (retryAfter) => {
      const server = await serve((_, response, count) => {
        response.writeHead(count === 1 ? 429 : 200, { 'retry-after': retryAfter }).end(DIGITS)
      })
      // Longer than any pause of its own, and far shorter than what is asked for.
      const error = await failureOf(server.url, { timeout: 0.9 })
      expect(error).toMatchObject({ code: 'TIMED_OUT' })
      expect(server.requests).toHaveLength(1)
    },
  )

  it('is not waited for where it asks for more than 30 seconds', async () => {
    const server = await serve((_, response) => response.writeHead(503, { 'retry-after': '3600' }).end())
    const error = await failureOf(server.url)
    expect(error).toMatchObject({ code: 'READ_FAILED', retryable: true })
    expect(error.message).toContain('come back in 3600 seconds')
    expect(server.requests).toHaveLength(1)
  })

  it('fails its stat as well, and is asked three times for it', async () => {
    const server = await serve((_, response) => response.writeHead(500).end())
    await expect(store.stat(server.url)).rejects.toMatchObject({ code: 'READ_FAILED' })
    expect(server.requests).toHaveLength(3)
  })
})

describe('a connection that breaks', () => {
  const half = (end: (socket: net.Socket) => void, times: number) =>
    serve((_, response, count) => {
      if (count > times) return response.end(DIGITS)
      response.writeHead(200, { 'content-length': 10 }).write('01234')
      setTimeout(() => response.socket && end(response.socket), 20)
    })

  it.each([
    ['closed', (socket: net.Socket) => socket.end()],
    ['reset', (socket: net.Socket) => socket.resetAndDestroy()],
  ])('when it is %s in the body is tried again, three times at most', async (_, end) => {
    const once = await half(end, 1)
    expect(text(await store.read(once.url))).toBe(DIGITS)
    expect(once.requests).toHaveLength(2)
    const always = await half(end, 99)
    const error = await failureOf(`${always.url}/a.jpg?key=1`)
    expect(error).toMatchObject({ code: 'READ_FAILED', retryable: true, path: `${always.url}/a.jpg` })
    expect(error.message).toContain('the connection was broken off')
    expect(always.requests).toHaveLength(3)
  })

  it('in a body of unknown length is noticed too', async () => {
    const server = await serve((_, response, count) => {
      response.write(DIGITS)
      if (count > 1) response.end()
      else setTimeout(() => response.socket?.end(), 20)
    })
    expect(text(await store.read(server.url))).toBe(DIGITS)
    expect(server.requests).toHaveLength(2)
  })

  it('in a compressed body is noticed too', async () => {
    const packed = gzipSync(Buffer.alloc(10_000, 'imgproc'))
    const server = await serve((_, response) => {
      // Whole for HTTP, half for gzip.
      response.writeHead(200, { 'content-encoding': 'gzip' }).end(packed.subarray(0, packed.length / 2))
    })
    const error = await failureOf(server.url)
    expect(error).toMatchObject({ code: 'READ_FAILED', retryable: true })
    expect(error.message).toContain('compressed data ends too early')
    expect(server.requests).toHaveLength(3)
  })

  it('before an answer is tried again', async () => {
    const server = await serve((request, response, count) => {
      if (count === 1) request.socket.resetAndDestroy()
      else response.end(DIGITS)
    })
    expect(text(await store.read(server.url))).toBe(DIGITS)
  })
})

describe('a server that is slow', () => {
  it('is given up when it sends nothing, before the answer and in the body', async () => {
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

  it('is given up when it trickles for ever', async () => {
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

  it('is left at once when the caller says stop', async () => {
    const server = await serve(({ url }, response) => {
      if (url === '/body') response.writeHead(200, { 'content-length': 10 }).write('01234')
      if (url === '/busy') response.writeHead(503, { 'retry-after': '20' }).end()
    })
    for (const path of ['/', '/body', '/busy']) {
      const controller = new AbortController()
      setTimeout(() => controller.abort(), 100)
      expect(await failureOf(server.url + path, {}, controller.signal)).toMatchObject({ code: 'ABORTED' })
    }
    expect(await failureOf(server.url, {}, AbortSignal.abort())).toMatchObject({ code: 'ABORTED' })
    expect(server.requests).toHaveLength(3)
  })
})

describe('a server that is none', () => {
  it('because nothing listens there', async () => {
    const { port, close } = await listen(() => {})
    close()
    const error = await failureOf(`http://127.0.0.1:${port}/a.jpg`)
    expect(error).toMatchObject({ code: 'READ_FAILED', retryable: true })
    expect(error.message).toContain('refuses the connection: nothing listens at that port (ECONNREFUSED)')
  })

  it('because its name does not exist', async () => {
    const error = await failureOf('http://no-such-host.invalid/a.jpg')
    expect(error).toMatchObject({ code: 'READ_FAILED', retryable: true })
    // Without a network the name server doesn't answer at all.
    expect(error.message).toMatch(/there is no host of that name|the host could not be found/)
  })

  it('because it speaks another language', async () => {
    const { port, close } = await listen((socket) => socket.end('220 ftp.example ready\r\n'))
    for (const scheme of ['http', 'https']) {
      const error = await failureOf(`${scheme}://127.0.0.1:${port}/`)
      expect(error).toMatchObject({ code: 'READ_FAILED' })
      expect(error.message).toContain('no HTTP that we understand')
    }
    close()
  })

  it('because nobody vouches for its certificate', async () => {
    const server = https.createServer({ key: KEY, cert: CERTIFICATE }, (_, response) => response.end(DIGITS))
    server.listen(0, 'localhost')
    await once(server, 'listening')
    const { port } = server.address() as AddressInfo // it listens on a port, not on a pipe
    const error = await failureOf(`https://localhost:${port}/a.jpg?key=1`)
    expect(error).toMatchObject({ code: 'READ_FAILED', path: `https://localhost:${port}/a.jpg` })
    expect(error.message).toMatch(/certificate is signed by the server itself.*NODE_EXTRA_CA_CERTS/)
    server.close()
  })

  it('or is, but the headers that were given can not be sent', async () => {
    const server = await serve((_, response) => response.end(DIGITS))
    const error = await failureOf(server.url, { headers: { 'x-token': 'a\nb' } })
    expect(error).toMatchObject({ code: 'INVALID_USAGE', retryable: false })
    expect(server.requests).toHaveLength(0)
  })
})

it('no failure holds the query, user or password of a URL, nor those of a redirect', async () => {
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
    const told = JSON.stringify({ message, path, stack, cause: String(cause), record: toRecord(error) })
    expect(told).toContain('/a.jpg')
    expect(told).not.toMatch(/secret|word|user:|pass@/)
  }
})
