import { execFile } from 'node:child_process'
import https from 'node:https'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { promisify } from 'node:util'
import { brotliCompressSync, deflateSync, gzipSync } from 'node:zlib'
import { writeFile } from 'node:fs/promises'
import { describe, expect, it } from 'vitest'
import { withoutSecrets } from '../../../src/paths/url.js'
import { createHttpStore } from '../../../src/stores/http/store.js'
import { sources } from '../contract.js'
import { serve } from './server.js'
import { CERTIFICATE, KEY } from './certificate.js'
import { makeTempFolder } from '../temp-folder.js'

const DIGITS = '0123456789'
const store = createHttpStore()

const text = (data: Uint8Array) => Buffer.from(data).toString()

describe('reading over HTTP', () => {
  it('returns the bytes of a body with a length and of a chunked body', async () => {
    const data = Buffer.alloc(300_000, 'imgproc')
    const server = await serve(({ url }, response) => {
      if (url === '/pieces') response.write(data.subarray(0, 1000))
      response.end(url === '/pieces' ? data.subarray(1000) : data)
    })
    expect(Buffer.compare(await store.read(`${server.url}/whole`), data)).toBe(0)
    expect(Buffer.compare(await store.read(`${server.url}/pieces`), data)).toBe(0)
  })

  it('sends the query, the password and a user agent', async () => {
    const server = await serve((_, response) => response.end('a'))
    await store.read(`${server.url.replace('//', '//me:p%40ss@')}/a%20b.jpg?signature=1%2F2#part`)
    const [request] = server.requests
    expect(request?.url).toBe('/a%20b.jpg?signature=1%2F2')
    expect(request?.headers).toMatchObject({
      authorization: `Basic ${Buffer.from('me:p@ss').toString('base64')}`,
      'accept-encoding': 'identity',
      'user-agent': expect.stringMatching(/^imgproc/),
    })
  })

  it('reuses a connection', async () => {
    const server = await serve((_, response) => response.end(DIGITS))
    for (let i = 0; i < 5; i++) await store.read(`${server.url}/${i}`)
    expect(server.requests).toHaveLength(5)
    expect(server.connections()).toBe(1)
  })

  it.each([
    ['gzip', gzipSync],
    ['x-gzip', gzipSync],
    ['deflate', deflateSync],
    ['br', brotliCompressSync],
  ])('decompresses %s, although it asks for identity', async (encoding, compress) => {
    const data = Buffer.alloc(100_000, 'imgproc')
    const server = await serve((_, response) => {
      response.writeHead(200, { 'content-encoding': encoding }).end(compress(data))
    })
    expect(Buffer.compare(await store.read(server.url), data)).toBe(0)
    await expect(store.read(server.url, { maxBytes: 99_999 })).rejects.toMatchObject({
      code: 'INPUT_TOO_LARGE',
    })
  })

  it('ignores an unknown content encoding', async () => {
    const server = await serve((_, response) => {
      response.writeHead(200, { 'content-encoding': 'constructor' }).end(DIGITS)
    })
    expect(text(await store.read(server.url))).toBe(DIGITS)
  })

  it('refuses a body that is too large by its Content-Length, before reading it', async () => {
    const server = await serve((_, response) => {
      response.writeHead(200, { 'content-length': 5e9 }).write('a')
    })
    await expect(store.read(`${server.url}/a.jpg?key=1`, { maxBytes: 1e6 })).rejects.toMatchObject({
      code: 'INPUT_TOO_LARGE',
      path: `${server.url}/a.jpg`,
      message: expect.stringContaining('has 5.0 GB, more than the limit of 1.0 MB'),
    })
    expect(server.requests).toHaveLength(1)
  })

  it('refuses a body of unknown length as soon as it exceeds the limit', async () => {
    const server = await serve((_, response) => {
      // Never ends.
      const timer = setInterval(() => response.write(Buffer.alloc(10_000)), 1)
      response.on('close', () => clearInterval(timer))
    })
    await expect(store.read(server.url, { maxBytes: 100_000 })).rejects.toMatchObject({
      code: 'INPUT_TOO_LARGE',
      message: expect.stringContaining('is larger than the limit of 100 kB'),
    })
  })

  it('reads maxBytes, and refuses more', async () => {
    const server = await serve((_, response) => response.end(DIGITS))
    expect(await store.read(server.url, { maxBytes: 10 })).toHaveLength(10)
    await expect(store.read(server.url, { maxBytes: 9 })).rejects.toMatchObject({ code: 'INPUT_TOO_LARGE' })
  })

  it('reads over HTTPS, and trusts a certificate authority of NODE_EXTRA_CA_CERTS', async () => {
    const folder = await makeTempFolder()
    const server = https.createServer({ key: KEY, cert: CERTIFICATE }, (_, response) => response.end(DIGITS))
    await new Promise<void>((resolve) => server.listen(0, 'localhost', resolve))
    try {
      const { port } = server.address() as AddressInfo // it listens on a port, not on a pipe
      const root = fileURLToPath(new URL('../../..', import.meta.url))
      const module = pathToFileURL(join(root, 'src/stores/http/store.ts')).href
      const script = `import { createHttpStore } from '${module}'
        const read = (host) => createHttpStore().read('https://' + host + ':${port}/a.jpg')
        const other = await read('127.0.0.1').catch((error) => error.message)
        console.log(Buffer.from(await read('localhost')).toString(), other)`
      await writeFile(join(folder.path, 'ca.pem'), CERTIFICATE)
      await writeFile(join(folder.path, 'read.mts'), script)
      const { stdout } = await promisify(execFile)(
        process.execPath,
        [join(root, 'node_modules/jiti/lib/jiti-cli.mjs'), join(folder.path, 'read.mts')],
        { env: { ...process.env, NODE_EXTRA_CA_CERTS: join(folder.path, 'ca.pem') } },
      )
      expect(stdout).toContain(DIGITS)
      expect(stdout).toMatch(/127\.0\.0\.1.*certificate is for another host/)
    } finally {
      server.closeAllConnections()
      server.close()
      await folder.remove()
    }
  })
})

describe('reading a range over HTTP', () => {
  const part = async (url: string, from: number, to: number) =>
    text(await store.read(url, { range: [from, to] }))

  it('requests the range, and returns it', async () => {
    const server = await serve(({ headers }, response) => {
      const [, from = 0, to = 9] = /^bytes=(\d+)-(\d+)?$/.exec(headers.range ?? '')?.map(Number) ?? []
      const last = Math.min(Number.isNaN(to) ? 9 : to, 9)
      if (from > 9) response.writeHead(416, { 'content-range': 'bytes */10' }).end()
      else {
        response.writeHead(206, { 'content-range': `bytes ${from}-${last}/10` })
        response.end(DIGITS.slice(from, last + 1))
      }
    })
    expect(await part(server.url, 0, 4)).toBe('0123')
    expect(await part(server.url, 3, 7)).toBe('3456')
    expect(await part(server.url, 8, 100)).toBe('89')
    expect(await part(server.url, 4, Infinity)).toBe('456789')
    expect(await part(server.url, 50, 60)).toBe('')
    expect(await part(server.url, 5, 5)).toBe('')
    expect(server.requests.map(({ headers }) => headers.range)).toEqual([
      'bytes=0-3',
      'bytes=3-6',
      'bytes=8-99',
      'bytes=4-',
      'bytes=50-59',
    ])
  })

  it('cuts the range out if the server sends the whole file, without waiting for the rest', async () => {
    const server = await serve(({ url }, response) => {
      if (url === '/endless') response.writeHead(200, { 'content-length': 1000 }).write(DIGITS)
      else response.end(DIGITS)
    })
    expect(await part(server.url, 3, 7)).toBe('3456')
    expect(await part(server.url, 8, 100)).toBe('89')
    expect(await part(server.url, 0, 10)).toBe(DIGITS)
    expect(await part(`${server.url}/endless`, 3, 7)).toBe('3456')
    const options = { range: [0, 4], maxBytes: 4 } as const
    expect(await store.read(`${server.url}/endless`, options)).toHaveLength(4)
  })

  it('reads the whole file and cuts the range out if the part is compressed or another one', async () => {
    const server = await serve(({ url, headers }, response) => {
      if (headers.range === undefined) response.end(DIGITS)
      else if (url === '/gzip') {
        const encoded = { 'content-encoding': 'gzip', 'content-range': 'bytes 3-6/30' }
        response.writeHead(206, encoded).end(gzipSync(DIGITS).subarray(3, 7))
      } else response.writeHead(206, { 'content-range': 'bytes 0-3/10' }).end('0123')
    })
    expect(await part(`${server.url}/gzip`, 3, 7)).toBe('3456')
    expect(await part(`${server.url}/other`, 3, 7)).toBe('3456')
  })
})

describe('HTTP redirects', () => {
  const hopping = () =>
    serve(({ url = '' }, response) => {
      const left = Number(url.slice(1))
      if (left > 0) response.writeHead(302, { location: `/${left - 1}` }).end('moved')
      else response.end(DIGITS)
    })

  it('are followed up to five times', async () => {
    const server = await hopping()
    expect(text(await store.read(`${server.url}/5`))).toBe(DIGITS)
    await expect(store.read(`${server.url}/6`)).rejects.toMatchObject({
      code: 'READ_FAILED',
      retryable: false,
      message: expect.stringContaining('redirects more than 5 times'),
    })
    expect(server.requests).toHaveLength(12)
  })

  it('are not followed with redirects: 0', async () => {
    const server = await hopping()
    await expect(createHttpStore({ redirects: 0 }).read(`${server.url}/1`)).rejects.toThrow(
      /more than 0 times/,
    )
  })

  it('may contain UTF-8, and lead to another server', async () => {
    const other = await serve((_, response) => response.end(DIGITS))
    const server = await serve((_, response) => {
      response.writeHead(301, { location: Buffer.from(`${other.url}/é.jpg`).toString('latin1') }).end()
    })
    expect(text(await store.read(server.url))).toBe(DIGITS)
    expect(other.requests[0]?.url).toBe('/%C3%A9.jpg')
  })

  it('keep headers and password on the same server, and drop them for another', async () => {
    const other = await serve((_, response) => response.end(DIGITS))
    const server = await serve(({ url }, response) => {
      const location = url === '/same' ? `http://${server.url.slice(7)}/there` : `${other.url}/there`
      if (url === '/there') response.end(DIGITS)
      else response.writeHead(307, { location }).end()
    })
    const secretive = createHttpStore({ headers: { 'x-token': 'abc' } })
    const base = server.url.replace('//', '//me:word@')
    await secretive.read(`${base}/same`)
    expect(server.requests[1]?.headers).toMatchObject({ 'x-token': 'abc', authorization: expect.any(String) })
    await secretive.read(`${base}/other`)
    expect(other.requests[0]?.headers).not.toHaveProperty('x-token')
    expect(other.requests[0]?.headers).not.toHaveProperty('authorization')
  })

  it.each([
    ['file:///etc/passwd', /redirects to a file: URL/],
    ['ftp://127.0.0.1/a', /redirects to a ftp: URL/],
    ['data:image/png,a', /redirects to a data: URL/],
    ['http://', /redirects to an invalid URL/],
  ])('to %s are refused', async (location, problem) => {
    const server = await serve((_, response) => response.writeHead(302, { location }).end())
    await expect(store.read(server.url)).rejects.toMatchObject({
      code: 'READ_FAILED',
      retryable: false,
      message: expect.stringMatching(problem),
    })
    expect(server.requests).toHaveLength(1)
  })
})

describe('the HTTP store', () => {
  it('sends no request to locate and list', async () => {
    const server = await serve((_, response) => response.end())
    const url = `${server.url}/a%20b/c.jpg?signature=x`
    expect(await store.locate(`${url}#part`)).toEqual({ kind: 'file', ref: url, base: 'http://' })
    expect(await sources(store, `${url}#part`)).toEqual([{ ref: url, size: 0 }])
    expect(server.requests).toHaveLength(0)
  })

  it('normalizes URLs', async () => {
    const { ref, base } = await store.locate('HTTPS://EXAMPLE.com:443/a b/../é.jpg')
    expect(ref).toBe('https://example.com/%C3%A9.jpg')
    expect(base).toBe('https://')
  })

  it('treats an invalid URL as not found', async () => {
    const url = 'http://me:word@ex ample/a.jpg?key=1'
    expect(await store.locate(url)).toEqual({ kind: 'nothing', ref: url, base: 'http://' })
    await expect(store.read(url)).rejects.toMatchObject({
      code: 'INPUT_NOT_FOUND',
      path: 'http://ex ample/a.jpg',
      message: expect.not.stringMatching(/word|key=1/),
    })
  })

  it('returns size, date and ETag from stat, and undefined if not found', async () => {
    const headers = {
      'content-length': 1234,
      etag: '"abc"',
      'last-modified': 'Wed, 21 Oct 2026 07:28:00 GMT',
    }
    const server = await serve(({ url }, response) => {
      if (url === '/a.jpg?v=1') response.writeHead(200, headers).end()
      else response.writeHead(url === '/gone.jpg' ? 410 : 404).end()
    })
    expect(await store.stat(`${server.url}/a.jpg?v=1`)).toEqual({
      ref: `${server.url}/a.jpg?v=1`,
      size: 1234,
      etag: 'abc',
      modified: '2026-10-21T07:28:00.000Z',
    })
    expect(await store.stat(`${server.url}/b.jpg`)).toBeUndefined()
    expect(await store.stat(`${server.url}/gone.jpg`)).toBeUndefined()
    expect(server.requests.map(({ method }) => method)).toEqual(['HEAD', 'HEAD', 'HEAD'])
  })

  it.each([403, 405, 501])('stats with GET if HEAD is answered with %i', async (status) => {
    const server = await serve(({ method, url }, response) => {
      if (method === 'HEAD') response.writeHead(status).end()
      else if (url === '/ranges') response.writeHead(206, { 'content-range': 'bytes 0-0/1234' }).end('a')
      else if (url === '/empty') response.writeHead(416, { 'content-range': 'bytes */0' }).end()
      else if (url === '/gone') response.writeHead(404).end()
      else response.writeHead(200, { 'content-length': 999_999 }).write('a')
    })
    expect(await store.stat(`${server.url}/ranges`)).toMatchObject({ size: 1234 })
    expect(await store.stat(`${server.url}/whole`)).toMatchObject({ size: 999_999 })
    expect(await store.stat(`${server.url}/empty`)).toMatchObject({ size: 0 })
    expect(await store.stat(`${server.url}/gone`)).toBeUndefined()
  })

  it('refuses to write and remove', async () => {
    const server = await serve((_, response) => response.end())
    const url = `${server.url}/a.jpg?key=1`
    const expected = { code: 'INVALID_USAGE', stage: 'write', path: `${server.url}/a.jpg` }
    const meta = { contentType: 'image/jpeg' }
    await expect(store.write(url, Buffer.from('a'), meta)).rejects.toMatchObject(expected)
    await expect(store.remove(url)).rejects.toMatchObject(expected)
    expect(server.requests).toHaveLength(0)
  })
})

describe('withoutSecrets', () => {
  it.each([
    ['https://me:word@cdn.example/a%20b.jpg?sig=1#x', 'https://cdn.example/a%20b.jpg'],
    ['HTTP://Example.com:8080?x', 'http://example.com:8080/'],
    ['http://me:word@bad host/a.jpg?key', 'http://bad host/a.jpg'],
    ['s3://bucket/a?b#c', 's3://bucket/a?b#c'],
    ['/photos/a?b#c.jpg', '/photos/a?b#c.jpg'],
  ])('converts %s to %s', (url, expected) => {
    expect(withoutSecrets(url)).toBe(expected)
  })
})
