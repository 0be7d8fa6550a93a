import { rm } from 'node:fs/promises'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createToken, hashToken } from '../../../src/http/access/tokens.js'
import { signUrl } from '../../../src/http/access/sign-url.js'
import { createHandler } from '../../../src/http/create-handler.js'
import type { Handler, HandlerOptions } from '../../../src/http/types.js'
import { defineStore } from '../../../src/stores/define-store.js'
import { openProject, type Project } from '../../support/project.js'

interface Line {
  readonly level: string
  readonly [field: string]: unknown
}

const secret = '0123456789abcdef0123456789abcdef'
const token = createToken()
const tokens = [{ id: 'shop', hash: hashToken(token), scopes: ['read' as const, 'admin' as const] }]

let project: Project
const handlers: Handler[] = []
beforeAll(async () => {
  project = await openProject()
  await project.copy('photos/landscape.jpg', 'photos/landscape.jpg')
})
afterAll(async () => {
  await Promise.all(handlers.map((handler) => handler.close()))
  await rm(project.path, { recursive: true })
})

function createServer(options: HandlerOptions = {}) {
  const lines: string[] = []
  const handler = createHandler({
    root: project.path,
    sources: { photos: './photos' },
    log: { write: (line) => lines.push(line) },
    ...options,
  })
  handlers.push(handler)
  return {
    get: (path: string, headers: Record<string, string> = {}) =>
      handler.fetch(new Request(`http://localhost${path}`, { headers }), { address: '192.0.2.1' }),
    text: () => lines.join(''),
    lines: () => lines.map((line) => JSON.parse(line) as Line),
  }
}

describe('the log', () => {
  it('has one line of JSON for each request', async () => {
    const { get, lines } = createServer({ tokens })
    const response = await get('/photos/landscape.jpg?thumbnail=20', {
      authorization: `Bearer ${token}`,
      'x-request-id': 'abc-1',
      traceparent: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01',
    })
    const bytes = (await response.arrayBuffer()).byteLength
    expect(response.headers.get('x-request-id')).toBe('abc-1')
    expect(response.headers.get('traceparent')).toMatch(
      /^00-0af7651916cd43dd8448eb211c80319c-(?!b7ad)[\da-f]{16}-01$/,
    )
    expect(lines()).toEqual([
      {
        level: 'info',
        time: expect.stringMatching(/^\d{4}-\d\d-\d\dT.*Z$/),
        requestId: 'abc-1',
        traceId: '0af7651916cd43dd8448eb211c80319c',
        method: 'GET',
        url: '/photos/landscape.jpg?thumbnail=20',
        route: '/photos/*',
        status: 200,
        ms: expect.any(Number),
        received: 0,
        sent: bytes,
        address: '192.0.2.1',
        token: 'shop',
        msg: 'request',
      },
    ])
  })

  it('names the error of a refused and of a failed request', async () => {
    const { get, lines } = createServer({ tokens, publicImages: true })
    await get('/v1/images')
    await get('/photos/missing.jpg?thumbnail=20')
    await get('/nothing', { authorization: `Bearer ${token}` })
    expect(lines().map(({ status, code, error }) => [status, code, error])).toEqual([
      [401, 'UNAUTHORIZED', expect.stringContaining('This needs a token')],
      [404, 'INPUT_NOT_FOUND', expect.stringContaining('missing.jpg')],
      [404, 'INPUT_NOT_FOUND', expect.stringContaining('There is nothing at /nothing')],
    ])
  })

  it('shows neither tokens nor signatures nor cookies', async () => {
    const { get, text, lines } = createServer({ tokens, signingKeys: { main: secret } })
    const unknown = createToken()
    const signed = signUrl('/photos/landscape.jpg?thumbnail=20', { key: 'main', secret })
    const signature = new URL(signed, 'http://localhost').searchParams.get('signature') ?? ''
    await get(signed, { cookie: 'session=hidden', authorization: `Bearer ${unknown}` })
    await get(signed.replace('landscape', 'portrait'), { authorization: `Bearer ${token}` })
    await get(`/photos/landscape.jpg?token=${token}`)
    await get(`/${token}/a.jpg`)
    expect(lines()).toHaveLength(4)
    expect(lines()[0]).toMatchObject({
      url: expect.stringMatching(/&key=main&signature=\[redacted\]$/),
      status: 200,
    })
    for (const hidden of [signature, token, unknown, 'hidden', secret]) expect(text()).not.toContain(hidden)
  })

  it('leaves out probes, unless it is of level debug', async () => {
    for (const [logLevel, count] of [
      ['info', 1],
      ['debug', 4],
      ['silent', 0],
    ] as const) {
      const { get, lines } = createServer({ logLevel })
      for (const path of ['/healthz', '/readyz', '/metrics', '/nothing']) await get(path)
      expect(lines()).toHaveLength(count)
    }
  })

  it('breaks no line by what a client sends', async () => {
    const { get, lines, text } = createServer()
    await get('/a%0Ab%22', { 'x-request-id': 'a"b{}' })
    expect(text().match(/\n/g)).toHaveLength(1)
    expect(lines()[0]?.['requestId']).toMatch(/^[\da-f-]{36}$/)
  })
})

describe('/metrics', () => {
  async function scrape(get: ReturnType<typeof createServer>['get']) {
    const response = await get('/metrics', { authorization: `Bearer ${token}` })
    expect(response.headers.get('content-type')).toMatch(/^text\/plain; version=/)
    return response.text()
  }

  it('counts requests by route and status, never by path', async () => {
    const { get } = createServer()
    for (const path of ['/photos/a.jpg', '/photos/b.jpg', '/x', '/y', '/healthz']) await get(path)
    const text = await scrape(get)
    expect(text).toContain(
      'imgproc_http_request_duration_seconds_count{method="GET",route="/photos/*",status="404"} 2',
    )
    expect(text).toContain(
      'imgproc_http_request_duration_seconds_count{method="GET",route="none",status="404"} 2',
    )
    expect(text).toContain('route="/healthz",status="200"} 1')
    expect(text).toContain('imgproc_errors_total{code="INPUT_NOT_FOUND"} 4')
    expect(text).not.toMatch(/a\.jpg/)
    expect(text).toMatch(/^process_resident_memory_bytes \d+/m)
  })

  it('counts renditions by preset and format, and results by the place that they come from', async () => {
    const { get } = createServer({ presets: { card: { ops: [{ thumbnail: 30 }, { format: 'webp' }] } } })
    const first = await get('/photos/landscape.jpg?preset=card')
    const bytes = (await first.arrayBuffer()).byteLength
    await get('/photos/landscape.jpg?preset=card')
    await get('/photos/landscape.jpg?preset=card', { 'if-none-match': first.headers.get('etag') ?? '' })
    await get('/photos/landscape.jpg?rotate=90')
    const text = await scrape(get)
    expect(text).toContain('imgproc_rendition_duration_seconds_count{preset="card",format="webp"} 1')
    expect(text).toContain('imgproc_rendition_duration_seconds_count{preset="none",format="jpeg"} 1')
    expect(text).toContain('imgproc_cache_requests_total{result="hit"} 1')
    expect(text).toContain('imgproc_cache_requests_total{result="miss"} 2')
    expect(text).toContain('imgproc_cache_requests_total{result="revalidated"} 1')
    expect(text).toContain('imgproc_queue_length{queue="renditions"} 0')
    const [, sent] = /^imgproc_http_sent_bytes_total (\d+)$/m.exec(text) ?? []
    expect(Number(sent)).toBeGreaterThan(2 * bytes)
  })

  it('is for tokens with the scope admin', async () => {
    const { get } = createServer({ tokens })
    expect((await get('/metrics')).status).toBe(401)
    expect(await scrape(get)).toContain('imgproc_errors_total{code="UNAUTHORIZED"} 1')
  })

  it('counts each handler by itself', async () => {
    const [one, other] = [createServer(), createServer()]
    await one.get('/x')
    expect(await scrape(one.get)).toContain('route="none",status="404"} 1')
    expect(await scrape(other.get)).not.toContain('route="none"')
  })
})

describe('/readyz', () => {
  it('answers 200 if the store answers, although it is empty', async () => {
    const response = await createServer().get('/readyz')
    expect([response.status, await response.json()]).toEqual([200, { status: 'ready' }])
  })

  it.each<readonly [how: string, stat: () => Promise<undefined>]>([
    ['fails', () => Promise.reject(new Error('secret place'))],
    ['never answers', () => new Promise(() => {})],
  ])('answers 503 if the store %s, and asks it once for many probes', async (_, stat) => {
    let asked = 0
    const broken = defineStore({
      scheme: 'broken',
      list: async function* list() {},
      stat: (ref) => {
        if (ref.endsWith('/ready')) asked++
        return stat()
      },
      read: () => Promise.reject(new Error('no')),
      write: () => Promise.reject(new Error('no')),
      remove: () => Promise.reject(new Error('no')),
    })
    const { get } = createServer({ store: 'broken://box/', stores: { broken }, limits: { seconds: 1 } })
    const [first, second] = await Promise.all([get('/readyz'), get('/readyz')])
    expect([first.status, second.status]).toEqual([503, 503])
    expect(first.headers.get('retry-after')).toBe('1')
    expect(await first.text()).not.toContain('secret place')
    expect(asked).toBe(1)
    expect((await get('/healthz')).status).toBe(200)
  })
})
