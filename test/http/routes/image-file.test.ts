import { describe, expect, it } from 'vitest'
import sharp from 'sharp'
import { createId } from '../../../src/http/records/id.js'
import { makeHandler, readFixture } from '../make-handler.js'

const PHOTO = 'photos/landscape.jpg'

describe('GET /v1/images/:id.:format', () => {
  it('makes a picture of an upload by the operations of the query, in the format of the path', async () => {
    const server = await makeHandler()
    const { id } = await server.upload(PHOTO)
    for (const [extension, format] of [
      ['jpg', 'jpeg'],
      ['webp', 'webp'],
      ['png', 'png'],
    ] as const) {
      const response = await server.send(`/v1/images/${id}.${extension}?thumbnail=60&rotate=90`)
      expect(response.headers.get('content-type')).toBe(`image/${format}`)
      const { width, height, format: made } = await sharp(await response.arrayBuffer()).metadata()
      expect(made).toBe(format)
      expect(height).toBe(60)
      expect(width).toBeLessThan(60)
    }
  })

  it('sends the upload itself without a query, and converts it for another extension', async () => {
    const server = await makeHandler()
    const { id } = await server.upload(PHOTO)
    const same = await server.send(`/v1/images/${id}.jpg`)
    expect(Buffer.compare(Buffer.from(await same.arrayBuffer()), await readFixture(PHOTO))).toBe(0)
    const other = await server.send(`/v1/images/${id}.webp`)
    expect((await sharp(await other.arrayBuffer()).metadata()).format).toBe('webp')
  })

  it('answers a known ETag with 304, and 404 after the upload was removed', async () => {
    const server = await makeHandler()
    const { id } = await server.upload(PHOTO)
    const path = `/v1/images/${id}.jpg?thumbnail=50`
    const first = await server.send(path)
    const headers = { 'if-none-match': first.headers.get('etag') ?? '' }
    expect((await server.send(path, { headers })).status).toBe(304)
    await server.send(`/v1/images/${id}`, { method: 'DELETE' })
    expect((await server.send(path)).status).toBe(404)
    expect((await server.send(path, { headers })).status).toBe(404)
  })

  it('lets caches keep it no longer than the upload', async () => {
    const server = await makeHandler()
    const { id } = await server.upload(PHOTO, 'ttl=100')
    const response = await server.send(`/v1/images/${id}.jpg?thumbnail=50`)
    const age = Number(/max-age=(\d+)/.exec(response.headers.get('cache-control') ?? '')?.[1])
    expect(age).toBeLessThanOrEqual(100)
    const once = await server.upload(PHOTO, 'deleteAfterDownload=true')
    const other = await server.send(`/v1/images/${once.id}.jpg?thumbnail=50`)
    expect(other.headers.get('cache-control')).toContain('max-age=0')
  })

  it('refuses wrong operations and unknown formats', async () => {
    const server = await makeHandler()
    const { id } = await server.upload(PHOTO)
    expect((await server.send(`/v1/images/${id}.jpg?thumbnial=50`)).status).toBe(400)
    expect((await server.send(`/v1/images/${id}.exe?thumbnail=50`)).status).toBe(404)
    expect((await server.send(`/v1/images/${createId()}.jpg?thumbnail=50`)).status).toBe(404)
  })
})
