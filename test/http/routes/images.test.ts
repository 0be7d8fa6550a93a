import { describe, expect, it } from 'vitest'
import { createId } from '../../../src/http/records/id.js'
import { type ImageJson, jsonOf, makeHandler, readFixture, type TestHandler } from '../make-handler.js'

interface ListJson {
  readonly images: readonly ImageJson[]
  readonly next: string | null
}

const PHOTO = 'photos/landscape.jpg'

async function formOf(files: readonly string[], fields: Readonly<Record<string, string>> = {}) {
  const form = new FormData()
  for (const [name, value] of Object.entries(fields)) form.append(name, value)
  for (const file of files) form.append('image', new File([await readFixture(file)], file.split('/').at(-1)!))
  return form
}

const uploadJson = (server: TestHandler, body: unknown) =>
  server.send('/v1/images', {
    method: 'POST',
    headers: { 'content-type': 'application/json', prefer: 'wait=50' },
    body: JSON.stringify(body),
  })

describe('POST /v1/images', () => {
  it('stores a form with an image, makes its presets and runs all analyzers', async () => {
    const server = await makeHandler()
    const body = await formOf([PHOTO], { preset: 'thumb', priority: 'high', ttl: '2h' })
    const response = await server.send('/v1/images', { method: 'POST', body, headers: { prefer: 'wait=50' } })
    expect(response.status).toBe(201)
    expect(response.headers.get('preference-applied')).toBe('wait=50')
    const image = await jsonOf(response)
    expect(response.headers.get('location')).toBe(`/v1/images/${image.id}`)
    expect(image).toMatchObject({ filename: 'landscape.jpg', status: 'ready', priority: 'high' })
    expect(Date.parse(image.expiresAt ?? '') - Date.parse(image.createdAt)).toBe(7_200_000)
    expect(image.sizes).toMatchObject({ thumb: { width: 100 }, original: { bytes: image.original.bytes } })
    expect(Object.keys(image.analysis ?? {}).toSorted()).toEqual([
      'blurhash',
      'caption',
      'entropy',
      'gps',
      'metadata',
      'palette',
      'phash',
      'sharpness',
      'thumbhash',
    ])
    expect(image.outputs).toMatchObject([{ preset: 'thumb', status: 'ready', format: 'jpeg' }])
    expect(JSON.stringify(image)).not.toContain(server.project.path)
  })

  it('answers at once without Prefer, with an image to poll', async () => {
    const server = await makeHandler()
    const response = await server.send('/v1/images?preset=thumb', {
      method: 'POST',
      body: await readFixture(PHOTO),
    })
    expect(response.headers.get('preference-applied')).toBeNull()
    const { id, status } = await jsonOf(response)
    expect(status).toBe('queued')
    await expect.poll(async () => (await jsonOf(await server.send(`/v1/images/${id}`))).status).toBe('ready')
  })

  it('answers a form with several images with an array', async () => {
    const server = await makeHandler()
    const body = await formOf([PHOTO, 'photos/alpha.png', 'photos/drawing.svg'], { preset: 'thumb,avatar' })
    const response = await server.send('/v1/images', { method: 'POST', body, headers: { prefer: 'wait=50' } })
    const images = await jsonOf<ImageJson[]>(response)
    expect(response.status).toBe(201)
    expect(images.map(({ filename, status }) => [filename, status])).toEqual([
      ['landscape.jpg', 'ready'],
      ['alpha.png', 'ready'],
      ['drawing.svg', 'ready'],
    ])
    expect(images.map(({ original }) => original.format)).toEqual(['jpeg', 'png', 'svg'])
    for (const { sizes } of images) expect(Object.keys(sizes)).toEqual(['original', 'thumb', 'avatar'])
  })

  it('takes base64, also as a data URL', async () => {
    const server = await makeHandler()
    const data = (await readFixture(PHOTO)).toString('base64')
    for (const text of [data, `data:image/jpeg;base64,${data}`]) {
      const response = await uploadJson(server, {
        type: 'base64',
        data: text,
        filename: 'a.jpg',
        preset: ['thumb'],
      })
      expect(response.status).toBe(201)
      expect(await jsonOf(response)).toMatchObject({
        filename: 'a.jpg',
        status: 'ready',
        sizes: { thumb: {} },
      })
    }
  })

  it('takes the id of another upload, whose file becomes a new image', async () => {
    const server = await makeHandler()
    const first = await server.upload(PHOTO)
    const response = await uploadJson(server, { type: 'id', data: first.id, preset: 'thumb' })
    const second = await jsonOf(response)
    expect(second).toMatchObject({
      filename: 'landscape.jpg',
      status: 'ready',
      original: first.original && {},
    })
    expect(second.id > first.id).toBe(true)
    expect(second.original.hash).toBe(first.original.hash)
  })

  it.each([
    [{ 'content-disposition': 'inline; filename="b c.jpg"' }, '', 'b c.jpg'],
    [{ 'content-disposition': "inline; filename=a; filename*=UTF-8''%C3%A4.jpg" }, '', '\u00e4.jpg'],
    [{}, '?filename=..%2F..%2Fetc%2Fp%00a.jpg', 'pa.jpg'],
    [{}, '', 'image.jpg'],
  ])('names the raw body by %j and %j: %s', async (headers, query, expected) => {
    const server = await makeHandler()
    const response = await server.send(`/v1/images${query}`, {
      method: 'POST',
      headers,
      body: await readFixture(PHOTO),
    })
    expect((await jsonOf(response)).filename).toBe(expected)
  })

  const refusals: [name: string, init: () => Promise<RequestInit>, status: number, detail: RegExp][] = [
    ['a text', async () => ({ body: 'no image' }), 415, /format/],
    ['an empty body', async () => ({ body: '' }), 422, /empty/],
    ['no body', async () => ({}), 422, /empty/],
    ['a form without a file', async () => ({ body: await formOf([], { preset: 'thumb' }) }), 400, /no image/],
    [
      'an unknown preset',
      async () => ({ body: await formOf([PHOTO], { preset: 'thumbs' }) }),
      400,
      /Did you mean "thumb"/,
    ],
    ['an unknown field', async () => ({ body: await formOf([PHOTO], { presets: 'thumb' }) }), 400, /preset/],
    ['a wrong ttl', async () => ({ body: await formOf([PHOTO], { ttl: 'soon' }) }), 400, /ttl is "soon"/],
    [
      'a wrong priority',
      async () => ({ body: await formOf([PHOTO], { priority: '9' }) }),
      400,
      /low, normal, high/,
    ],
    ['an image and a text', async () => ({ body: await formOf([PHOTO, 'README.md']) }), 415, /format/],
    ['JSON that is none', async () => asJson('{'), 400, /no JSON/],
    [
      'JSON of an unknown type',
      async () => asJson('{"type":"file","data":"/etc/passwd"}'),
      400,
      /"base64", "url" or "id"/,
    ],
    ['broken base64', async () => asJson('{"type":"base64","data":"/9j/4AA*"}'), 400, /"\*" at character 8/],
    ['base64 of a text', async () => asJson('{"type":"base64","data":"aGVsbG8="}'), 415, /format/],
    [
      'a URL of another scheme',
      async () => asJson('{"type":"url","data":"file:///etc/passwd"}'),
      400,
      /http:/,
    ],
    ['a private URL', async () => asJson('{"type":"url","data":"http://127.0.0.1:1/a.jpg"}'), 403, /private/],
    ['an unknown id', async () => asJson(`{"type":"id","data":"${createId()}"}`), 404, /no image/],
    ['a strange id', async () => asJson('{"type":"id","data":"../../etc/passwd"}'), 404, /no image/],
    ['a form that is cut off', async () => cutForm(), 400, /cut off/],
  ]
  it.each(refusals)('refuses %s, and stores nothing', async (_, init, status, detail) => {
    const server = await makeHandler()
    const response = await server.send('/v1/images', { method: 'POST', ...(await init()) })
    expect(response.headers.get('content-type')).toBe('application/problem+json')
    const problem = await jsonOf<{ status: number; detail: string }>(response)
    expect(problem.detail).toMatch(detail)
    expect([response.status, problem.status]).toEqual([status, status])
    expect(problem.detail).not.toContain(server.project.path)
    expect(await server.project.files('data')).toEqual([])
  })

  it('refuses a file that is too large: before reading, during it, and in each kind of body', async () => {
    const photo = await readFixture(PHOTO)
    const server = await makeHandler({ uploads: { maxBytes: photo.length - 1 } })
    const stream = () =>
      new ReadableStream<Uint8Array>({
        start(controller) {
          for (let at = 0; at < photo.length; at += 1000) controller.enqueue(photo.subarray(at, at + 1000))
          controller.close()
        },
      })
    const bodies: (RequestInit & { duplex?: 'half' })[] = [
      { body: photo, headers: { 'content-length': String(photo.length) } },
      { body: stream(), duplex: 'half' },
      { body: await formOf([PHOTO]) },
      asJson(JSON.stringify({ type: 'base64', data: photo.toString('base64') })),
    ]
    for (const init of bodies) {
      const response = await server.send('/v1/images', { method: 'POST', ...init })
      expect(response.status).toBe(413)
      expect(await jsonOf(response)).toMatchObject({ code: 'INPUT_TOO_LARGE' })
    }
    expect(await server.project.files('data')).toEqual([])
  })

  it('stores nothing if the client goes away in the middle', async () => {
    const server = await makeHandler()
    const photo = await readFixture(PHOTO)
    const client = new AbortController()
    const body = new ReadableStream<Uint8Array>({
      async pull(controller) {
        controller.enqueue(photo.subarray(0, 1000))
        client.abort()
        controller.error(new Error('socket hang up'))
      },
    })
    const response = await server.send('/v1/images', {
      method: 'POST',
      body,
      duplex: 'half',
      signal: client.signal,
    })
    expect(response.status).toBe(499)
    expect(await server.project.files('data')).toEqual([])
  })

  it('records an image whose pixels are damaged as failed, with the reason', async () => {
    const server = await makeHandler()
    const photo = await readFixture(PHOTO)
    const response = await server.send('/v1/images?preset=thumb&filename=cut.jpg', {
      method: 'POST',
      headers: { prefer: 'wait=50' },
      body: photo.subarray(0, photo.length / 2),
    })
    expect(response.status).toBe(201)
    const image = await jsonOf(response)
    expect(image).toMatchObject({ status: 'failed', error: { code: 'CORRUPT_IMAGE' } })
    expect(image.error?.message).not.toContain(server.project.path)
  })

  it('refuses uploads with 503 while as many wait as may', async () => {
    const server = await makeHandler({ concurrency: 1, uploads: { queue: 2 } })
    const body = await readFixture('photos/grey.jpg')
    const answers = await Promise.all(
      Array.from({ length: 8 }, () => server.send('/v1/images?preset=thumb', { method: 'POST', body })),
    )
    expect(answers.map(({ status }) => status)).toEqual([201, 201, 201, 503, 503, 503, 503, 503])
    expect(answers.at(-1)?.headers.get('retry-after')).toBe('1')
    for (const response of answers.slice(0, 3)) {
      const { id } = await jsonOf(response)
      const image = await jsonOf(await server.send(`/v1/images/${id}`, { headers: { prefer: 'wait=50' } }))
      expect(image.status).toBe('ready')
    }
    expect((await server.send('/v1/images?preset=thumb', { method: 'POST', body })).status).toBe(201)
  })
})

describe('GET /v1/images', () => {
  it('lists images newest first, page by page', async () => {
    const server = await makeHandler()
    const ids: string[] = []
    for (let count = 0; count < 5; count++) ids.push((await server.upload('photos/grey.jpg')).id)
    const found: string[] = []
    let path: string | undefined = '/v1/images?limit=2'
    for (let pages = 0; path !== undefined; pages++) {
      expect(pages).toBeLessThan(3)
      const response: Response = await server.send(path)
      const { images, next } = await jsonOf<ListJson>(response)
      found.push(...images.map(({ id }) => id))
      path = /^<([^>]+)>; rel="next"$/.exec(response.headers.get('link') ?? '')?.[1]
      expect(path).toBe(next === null ? undefined : `/v1/images?limit=2&cursor=${next}`)
    }
    expect(found).toEqual(ids.toReversed())
  })

  it('refuses a wrong cursor or limit', async () => {
    const server = await makeHandler()
    for (const query of ['cursor=abc', 'cursor=', 'limit=0', 'limit=many', 'limit=-1']) {
      expect((await server.send(`/v1/images?${query}`)).status, query).toBe(400)
    }
    expect(await jsonOf(await server.send('/v1/images?limit=999999'))).toEqual({ images: [], next: null })
  })

  it('refuses other methods', async () => {
    const server = await makeHandler()
    const response = await server.send('/v1/images', { method: 'PUT' })
    expect(response.status).toBe(405)
    expect(response.headers.get('allow')).toBe('GET, HEAD, POST')
  })
})

describe('GET and DELETE /v1/images/:id', () => {
  it('answers 404 for unknown and strange ids', async () => {
    const server = await makeHandler()
    for (const id of [createId(), 'abc', '..%2Frecords', '%00']) {
      for (const method of ['GET', 'DELETE']) {
        const response = await server.send(`/v1/images/${id}`, { method })
        expect(response.status, `${method} ${id}`).toBe(404)
      }
    }
  })

  it('removes an image with all its files, and answers with its record', async () => {
    const server = await makeHandler()
    const kept = await server.upload('photos/grey.jpg', 'preset=thumb')
    const image = await server.upload(PHOTO, 'preset=responsive&preset=thumb&ttl=60')
    const before = await server.project.files('data')
    expect(before.filter((name) => name.includes(image.id)).length).toBeGreaterThan(3)
    const response = await server.send(`/v1/images/${image.id}`, { method: 'DELETE' })
    expect(response.status).toBe(200)
    expect(await jsonOf(response)).toEqual(image)
    expect((await server.send(`/v1/images/${image.id}`)).status).toBe(404)
    expect((await server.send(`/v1/images/${image.id}/download`)).status).toBe(404)
    expect((await server.send(`/v1/images/${image.id}`, { method: 'DELETE' })).status).toBe(404)
    const after = await server.project.files('data')
    // The record, the original and the thumb of the other one.
    expect(after).toHaveLength(3)
    expect((await server.send(`/v1/images/${kept.id}`)).status).toBe(200)
  })

  it('removes an image whose outputs are being made, with what is written later', async () => {
    const server = await makeHandler()
    const response = await server.send('/v1/images?preset=responsive', {
      method: 'POST',
      body: await readFixture(PHOTO),
    })
    const { id } = await jsonOf(response)
    expect((await server.send(`/v1/images/${id}`, { method: 'DELETE' })).status).toBe(200)
    await server.close()
    expect(await server.project.files('data')).toEqual([])
  })
})

describe('POST /v1/images/:id/outputs', () => {
  it('makes further presets, and leaves those that are there as they are', async () => {
    const server = await makeHandler()
    const image = await server.upload(PHOTO, 'preset=thumb')
    const response = await server.send(`/v1/images/${image.id}/outputs`, {
      method: 'POST',
      headers: { prefer: 'wait=50' },
      body: '{ "preset": ["avatar", "thumb"] }',
    })
    expect(response.status).toBe(200)
    const more = await jsonOf(response)
    expect(more).toMatchObject({ status: 'ready', analysis: image.analysis })
    expect(more.outputs.map(({ preset }) => preset)).toEqual(['thumb', 'avatar'])
    expect(more.outputs[0]).toEqual(image.outputs[0])
    const later = await server.send(`/v1/images/${image.id}/outputs`, {
      method: 'POST',
      body: '{ "preset": "web" }',
    })
    expect(later.status).toBe(202)
    expect(later.headers.get('location')).toBe(`/v1/images/${image.id}`)
  })

  it('makes all of them if they are asked for at the same time', async () => {
    const server = await makeHandler()
    const { id } = await server.upload(PHOTO)
    await Promise.all(
      ['thumb', 'avatar', 'web', 'placeholder'].map((preset) =>
        server.send(`/v1/images/${id}/outputs`, { method: 'POST', body: JSON.stringify({ preset }) }),
      ),
    )
    const image = await jsonOf(await server.send(`/v1/images/${id}`, { headers: { prefer: 'wait=50' } }))
    expect(image.status).toBe('ready')
    expect(new Set(image.outputs.map(({ preset }) => preset))).toEqual(
      new Set(['thumb', 'avatar', 'web', 'placeholder']),
    )
  })

  it('refuses unknown presets and wrong bodies', async () => {
    const server = await makeHandler()
    const { id } = await server.upload('photos/grey.jpg')
    for (const body of ['{"preset":"nope"}', '{}', '{"preset":[]}', 'thumb', '']) {
      const response = await server.send(`/v1/images/${id}/outputs`, { method: 'POST', body })
      expect(response.status, body).toBe(400)
    }
    const unknown = await server.send(`/v1/images/${createId()}/outputs`, {
      method: 'POST',
      body: '{"preset":"thumb"}',
    })
    expect(unknown.status).toBe(404)
  })
})

function asJson(body: string): RequestInit {
  return { headers: { 'content-type': 'application/json' }, body }
}

/** Returns a form that ends in the middle of its second file. */
async function cutForm(): Promise<RequestInit> {
  const { headers, body } = new Response(await formOf([PHOTO, PHOTO]))
  const bytes = Buffer.from(await new Response(body).arrayBuffer())
  return {
    headers: { 'content-type': headers.get('content-type') ?? '' },
    body: bytes.subarray(0, bytes.length - 1000),
  }
}
