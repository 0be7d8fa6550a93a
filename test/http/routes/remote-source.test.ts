import { readFile } from 'node:fs/promises'
import sharp from 'sharp'
import { describe, expect, it, onTestFinished } from 'vitest'
import { createHandler } from '../../../src/http/create-handler.js'
import type { HandlerOptions } from '../../../src/http/types.js'
import { serve } from '../../stores/http/server.js'
import { CLOUDS } from '../../support/clouds.js'
import { makeProject } from '../../support/project.js'

const PHOTO = await readFile(new URL('../../../fixtures/photos/landscape.jpg', import.meta.url))

async function open(options: HandlerOptions) {
  const { path } = await makeProject()
  const handler = createHandler({ root: path, ...options })
  onTestFinished(() => handler.close())
  return {
    handler,
    get: (url: string, headers: Record<string, string> = {}) =>
      handler.fetch(new Request(`http://localhost${url}`, { headers })),
  }
}

async function widthOf(response: Response): Promise<number> {
  return (await sharp(Buffer.from(await response.arrayBuffer())).metadata()).width
}

describe('a source on the web', () => {
  it('is read once for a picture, and not for a client that has it', async () => {
    const server = await serve((request, response) => {
      response.writeHead(200, { etag: '"v1"', 'content-length': PHOTO.length })
      response.end(request.method === 'HEAD' ? undefined : PHOTO)
    })
    const { get } = await open({ sources: { web: `${server.url}/images/` } })
    const path = '/web/my%20photo.jpg?thumbnail=60'
    const first = await get(path)
    expect(await widthOf(first)).toBe(60)
    expect(await widthOf(await get(path))).toBe(60)
    const etag = first.headers.get('etag') ?? ''
    expect((await get(path, { 'if-none-match': etag })).status).toBe(304)
    const methods = server.requests.map(({ method, url }) => `${method} ${url}`)
    expect(methods).toEqual(['HEAD /images/my%20photo.jpg', 'GET /images/my%20photo.jpg'])
  })

  it('is read each time if it tells no version', async () => {
    const server = await serve((request, response) => {
      response.writeHead(200, { 'content-length': PHOTO.length })
      response.end(request.method === 'HEAD' ? undefined : PHOTO)
    })
    const { get } = await open({ sources: { web: server.url } })
    const response = await get('/web/a.jpg?thumbnail=60', { 'if-none-match': '*' })
    expect(response.status).toBe(200)
    expect(response.headers.get('etag')).toBeNull()
    await get('/web/a.jpg?thumbnail=60')
    expect(server.requests.filter(({ method }) => method === 'GET')).toHaveLength(2)
  })

  it('that fails is reported by its path on this server', async () => {
    const server = await serve((request, response) => {
      response.writeHead(request.url?.includes('secret') === true ? 403 : 404).end()
    })
    const { get } = await open({ sources: { web: `${server.url}/inner` } })
    for (const [path, status] of [
      ['/web/secret.jpg?thumbnail=9', 403],
      ['/web/none.jpg?thumbnail=9', 404],
    ] as const) {
      const response = await get(path)
      const { detail } = (await response.json()) as { detail: string } // the server's own
      expect(response.status).toBe(status)
      expect(detail).toContain('/web/')
      expect(detail).not.toContain(server.url)
    }
  })
})

describe.each(CLOUDS)('%s', (_, useCloud) => {
  const cloud = useCloud()

  it('holds sources and results', async () => {
    const { store } = await cloud.setup()
    await store.write(`${cloud.url}/originals/a/100% sure?.jpg`, PHOTO, { contentType: 'image/jpeg' })
    const options: HandlerOptions = {
      store: `${cloud.url}/data/`,
      sources: { shop: `${cloud.url}/originals/` },
      memoryBytes: 0,
    }
    const path = '/shop/a/100%25%20sure%3F.jpg?thumbnail=60'
    const { get, handler } = await open(options)
    await handler.check()
    const response = await get(path)
    expect(response.headers.get('etag')).toMatch(/^"[0-9a-f]{40}"$/)
    expect(await widthOf(response)).toBe(60)
    await handler.close()
    const keys = []
    for await (const { ref } of store.list(`${cloud.url}/data/`)) keys.push(ref)
    expect(keys.map((ref) => ref.replace(/[0-9a-f]{40}$/, 'KEY'))).toEqual([
      expect.stringMatching(/\/data\/cache\/[0-9a-f]{2}\/KEY$/),
      expect.stringMatching(/\/data\/cache\/order\.txt$/),
    ])
    expect(await widthOf(await (await open(options)).get(path))).toBe(60)
  })

  it.each(['none.jpg', 'a%0Ab.jpg', 'a%5Cb.jpg', 'a./b.jpg', '..%2f..%2fdata/cache/order.txt'])(
    'answers 404 without its URL for a name that is not there, or that it can not have: %s',
    async (name) => {
      const { get } = await open({ sources: { shop: `${cloud.url}/originals/` } })
      const response = await get(`/shop/${name}?thumbnail=60`)
      expect(response.status).toBe(404)
      expect(await response.text()).not.toContain(cloud.url)
    },
  )

  it('that cannot be written is reported when it is checked', async () => {
    const { handler } = await open({ store: `${cloud.url.slice(0, 5)}no-such-bucket-here/` })
    await expect(handler.check()).rejects.toMatchObject({ code: 'INVALID_CONFIG' })
  })
})
