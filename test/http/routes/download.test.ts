import { describe, expect, it } from 'vitest'
import sharp from 'sharp'
import { makeHandler, readFixture } from '../make-handler.js'

const PHOTO = 'photos/landscape.jpg'

describe('GET /v1/images/:id/download', () => {
  it('sends the original under its name, and an output under that of its preset', async () => {
    const server = await makeHandler()
    const { id } = await server.upload(PHOTO, 'preset=thumb&preset=placeholder')
    const original = await server.send(`/v1/images/${id}/download`)
    expect(original.headers.get('content-disposition')).toBe('attachment; filename="landscape.jpg"')
    expect(original.headers.get('content-type')).toBe('image/jpeg')
    const photo = await readFixture(PHOTO)
    expect(Buffer.compare(Buffer.from(await original.arrayBuffer()), photo)).toBe(0)
    const thumb = await server.send(`/v1/images/${id}/download?preset=thumb`)
    expect(thumb.headers.get('content-disposition')).toBe('attachment; filename="landscape.thumb.jpg"')
    const bytes = Buffer.from(await thumb.arrayBuffer())
    expect(thumb.headers.get('content-length')).toBe(String(bytes.length))
    expect((await sharp(bytes).metadata()).width).toBe(100)
  })

  it('names a file that is not plain ASCII in both ways', async () => {
    const server = await makeHandler()
    const body = await readFixture('photos/grey.jpg')
    const name = encodeURIComponent('caf\u00e9 \u5199 (1).jpg')
    const response = await server.send(`/v1/images?preset=thumb&filename=${name}`, {
      method: 'POST',
      body,
      headers: { prefer: 'wait=50' },
    })
    const { id } = (await response.json()) as { id: string }
    const { headers } = await server.send(`/v1/images/${id}/download?preset=thumb`)
    expect(headers.get('content-disposition')).toBe(
      `attachment; filename="caf_ _ (1).thumb.jpg"; filename*=UTF-8''caf%C3%A9%20%E5%86%99%20%281%29.thumb.jpg`,
    )
  })

  it('sends the widest output of a preset, or the one of a width and format', async () => {
    const server = await makeHandler({
      presets: { wide: { widths: [20, 60, 40], formats: ['webp', 'jpeg'] } },
    })
    const image = await server.upload(PHOTO, 'preset=wide')
    expect(image.outputs).toHaveLength(6)
    const nameOf = async (query: string) => {
      const { headers } = await server.send(`/v1/images/${image.id}/download?preset=wide${query}`)
      return headers.get('content-disposition')
    }
    expect(await nameOf('')).toBe('attachment; filename="landscape.wide-60w.webp"')
    expect(await nameOf('&width=20')).toBe('attachment; filename="landscape.wide-20w.webp"')
    expect(await nameOf('&width=40&format=jpeg')).toBe('attachment; filename="landscape.wide-40w.jpg"')
    for (const { url } of image.outputs) {
      const response = await server.send(url ?? '')
      expect(response.status, url).toBe(200)
    }
  })

  it('answers HEAD without a body, and a known ETag with 304', async () => {
    const server = await makeHandler()
    const { id, original } = await server.upload(PHOTO)
    const path = `/v1/images/${id}/download`
    const head = await server.send(path, { method: 'HEAD' })
    expect(head.headers.get('content-length')).toBe(String(original.bytes))
    expect(await head.text()).toBe('')
    const etag = head.headers.get('etag') ?? ''
    expect(etag).toMatch(/^"[0-9a-f]{40}"$/)
    const known = await server.send(path, { headers: { 'if-none-match': etag } })
    expect([known.status, await known.text()]).toEqual([304, ''])
  })

  it('sends the part that a range names', async () => {
    const server = await makeHandler()
    const { id } = await server.upload(PHOTO)
    const photo = await readFixture(PHOTO)
    const size = photo.length
    const path = `/v1/images/${id}/download`
    const etag = (await server.send(path, { method: 'HEAD' })).headers.get('etag') ?? ''
    const ask = (range: string, ifRange?: string) =>
      server.send(path, { headers: { range, ...(ifRange !== undefined && { 'if-range': ifRange }) } })
    for (const [range, from, to] of [
      ['bytes=0-9', 0, 10],
      ['bytes=10-', 10, size],
      ['bytes=-7', size - 7, size],
      ['bytes=5-999999999', 5, size],
    ] as const) {
      const response = await ask(range, etag)
      expect(response.status, range).toBe(206)
      expect(response.headers.get('content-range')).toBe(`bytes ${from}-${to - 1}/${size}`)
      expect(Buffer.compare(Buffer.from(await response.arrayBuffer()), photo.subarray(from, to))).toBe(0)
    }
    const changed = await ask('bytes=0-9', '"other"')
    expect([changed.status, (await changed.arrayBuffer()).byteLength]).toEqual([200, size])
    const outside = await ask(`bytes=${size}-`)
    expect([outside.status, outside.headers.get('content-range')]).toEqual([416, `bytes */${size}`])
    expect((await ask('bytes=0-1,4-5')).status).toBe(200)
  })

  it('explains that there is no such output, and which width is wrong', async () => {
    const server = await makeHandler()
    const { id } = await server.upload('photos/grey.jpg', 'preset=thumb')
    const answer = async (query: string) => {
      const response = await server.send(`/v1/images/${id}/download?${query}`)
      return [response.status, ((await response.json()) as { detail: string }).detail]
    }
    expect(await answer('preset=card')).toEqual([404, expect.stringContaining('no such output of "card"')])
    expect(await answer('preset=thumb&width=7')).toEqual([404, expect.stringContaining('"thumb"')])
    expect(await answer('preset=thumb&width=wide')).toEqual([400, expect.stringContaining('"wide"')])
  })
})
