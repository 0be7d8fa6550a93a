import { createConnection } from 'node:net'
import { request as requestHttp } from 'node:http'
import { once } from 'node:events'
import { describe, expect, it, onTestFinished } from 'vitest'
import { createHandler } from '../../src/http/create-handler.js'
import { listen } from '../../src/http/node-server.js'
import type { Handler, HandlerOptions } from '../../src/http/types.js'
import { makeProject } from '../support/project.js'

async function start(options: HandlerOptions = {}) {
  const project = await makeProject()
  await project.copy('photos/landscape.jpg', 'photos/landscape.jpg')
  await project.write('secret.jpg', 'outside')
  const handler = createHandler({ root: project.path, sources: { photos: 'photos' }, ...options })
  return startHandler(handler)
}

async function startHandler(handler: Handler) {
  const server = await listen(handler, { port: 0, host: '127.0.0.1' })
  onTestFinished(() => server.close())
  return server
}

/** Sends a request as it is written, which no client would normalise. */
async function sendRaw(url: string, text: string): Promise<string> {
  const { hostname, port } = new URL(url)
  const socket = createConnection(Number(port), hostname)
  socket.end(text)
  let answer = ''
  socket.on('data', (chunk) => (answer += chunk.toString('latin1')))
  await once(socket, 'close')
  return answer
}

describe('listen', () => {
  it('serves images to GET and HEAD', async () => {
    const { url } = await start()
    const got = await fetch(`${url}/photos/landscape.jpg?thumbnail=60`)
    const length = String((await got.arrayBuffer()).byteLength)
    expect(got.headers.get('content-length')).toBe(length)
    const head = await fetch(`${url}/photos/landscape.jpg?thumbnail=60`, { method: 'HEAD' })
    expect(head.headers.get('content-length')).toBe(length)
    expect(head.headers.get('etag')).toBe(got.headers.get('etag'))
    const headers = { 'if-none-match': got.headers.get('etag') ?? '' }
    expect((await fetch(`${url}/photos/landscape.jpg?thumbnail=60`, { headers })).status).toBe(304)
  })

  it.each([
    '/photos/../secret.jpg',
    '/photos/%2e%2e/secret.jpg',
    '//photos/landscape.jpg',
    '/photos/..%2fsecret.jpg',
  ])('finds nothing at the path %s as it is sent', async (path) => {
    const { url } = await start()
    const answer = await sendRaw(url, `GET ${path} HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n`)
    expect(answer).toMatch(/^HTTP\/1\.1 404 /)
    expect(answer).not.toContain('outside')
  })

  it('stops the work of a client that closes its connection', async () => {
    const seen: AbortSignal[] = []
    const { url } = await startHandler({
      fetch: async (request) => {
        seen.push(request.signal)
        await new Promise((resolve) => request.signal.addEventListener('abort', resolve))
        return new Response('late')
      },
      check: async () => {},
      settle: async () => {},
      close: async () => {},
    })
    const client = requestHttp(`${url}/slow`).on('error', () => {})
    client.end()
    await expect.poll(() => seen.length).toBe(1)
    client.destroy()
    await expect.poll(() => seen[0]?.aborted).toBe(true)
  })

  it('answers what is in progress when it closes, refuses the rest with 503, and then no longer listens', async () => {
    const server = await start()
    const answers = [1, 2, 3].map((width) =>
      fetch(`${server.url}/photos/landscape.jpg?resize=${width + 200}`),
    )
    // All of them have arrived when a later one is answered.
    await fetch(`${server.url}/healthz`)
    const closed = server.close()
    const refused = await fetch(`${server.url}/photos/landscape.jpg?resize=100`).catch(() => undefined)
    // A fast machine is done before.
    expect([undefined, 503]).toContain(refused?.status)
    expect((await Promise.all(answers)).map(({ status }) => status)).toEqual([200, 200, 200])
    await closed
    await expect(fetch(`${server.url}/healthz`)).rejects.toThrow('fetch failed')
  })
})
