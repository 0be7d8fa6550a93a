import { copyFile, readFile, stat, utimes, writeFile } from 'node:fs/promises'
import sharp from 'sharp'
import { describe, expect, it, onTestFinished } from 'vitest'
import { createHandler } from '../../../src/http/create-handler.js'
import type { Handler, HandlerOptions } from '../../../src/http/types.js'
import { transform } from '../../../src/transform.js'
import { makeProject, type Project } from '../../support/project.js'

interface Site {
  readonly project: Project
  readonly handler: Handler
  /** Asks for a path below the server. */
  readonly get: (path: string, headers?: Record<string, string>, init?: RequestInit) => Promise<Response>
}

/** Creates a server over a folder with photos. */
async function open(options: HandlerOptions = {}): Promise<Site> {
  const project = await makeProject()
  await project.copy('photos/landscape.jpg', 'photos/landscape.jpg', 'photos/a/my photo ä.jpg')
  await project.copy('photos/alpha.png', 'photos/alpha.png')
  await project.copy('photos/animated.gif', 'photos/animated.gif')
  await project.copy('photos/drawing.svg', 'photos/drawing.svg')
  await project.write('photos/notes.txt', 'no picture')
  await project.write('photos/.secret.jpg', 'hidden')
  await project.write('secret.jpg', 'outside')
  const handler = createHandler({ root: project.path, sources: { photos: 'photos' }, ...options })
  onTestFinished(() => handler.close())
  return {
    project,
    handler,
    get: (path, headers = {}, init = {}) =>
      handler.fetch(new Request(`http://localhost${path}`, { headers, ...init })),
  }
}

async function bytesOf(response: Response): Promise<Buffer> {
  return Buffer.from(await response.arrayBuffer())
}

async function problemOf(response: Response) {
  expect(response.headers.get('content-type')).toBe('application/problem+json')
  return (await response.json()) as { status: number; code: string; detail: string } // the server's own
}

const CHROME = 'image/avif,image/webp,image/apng,image/*,*/*;q=0.8'
const OLD_CHROME = 'image/webp,image/*,*/*;q=0.8'

/** Returns the headers, without those that differ for each request. */
function headersOf({ headers }: Response): Record<string, string> {
  const own = new Set(['traceparent', 'x-request-id'])
  return Object.fromEntries([...headers].filter(([name]) => !own.has(name)))
}

describe('images of a source', () => {
  it('have the operations of the query in its order, and the bytes of transform', async () => {
    const { project, get } = await open()
    const response = await get('/photos/landscape.jpg?thumbnail=200&rotate=90')
    expect(response.status).toBe(200)
    expect(response.headers.get('content-type')).toBe('image/jpeg')
    const expected = await transform(project.at('photos/landscape.jpg'), [{ thumbnail: 200 }, { rotate: 90 }])
    expect((await bytesOf(response)).equals(expected.data)).toBe(true)
    const other = await sharp(
      await bytesOf(await get('/photos/landscape.jpg?rotate=90&thumbnail=200')),
    ).metadata()
    expect(Math.max(other.width, other.height)).toBe(200)
  })

  it('are found by names that are encoded', async () => {
    const { get } = await open()
    const response = await get('/photos/a/my%20photo%20%C3%A4.jpg?thumbnail=50')
    expect(response.status).toBe(200)
    expect(response.headers.get('content-disposition')).toBe(
      `inline; filename="my photo _.jpg"; filename*=UTF-8''my%20photo%20%C3%A4.jpg`,
    )
  })

  it('tell their type, length, name, date and how long they may be kept', async () => {
    const { project, get } = await open({ maxAge: 60 })
    const response = await get('/photos/landscape.jpg?thumbnail=50&format=webp')
    const { mtime } = await stat(project.at('photos/landscape.jpg'))
    expect(headersOf(response)).toEqual({
      'cache-control': 'public, max-age=60',
      'content-disposition': 'inline; filename="landscape.webp"',
      'content-length': String((await bytesOf(response)).length),
      'content-type': 'image/webp',
      etag: expect.stringMatching(/^"[0-9a-f]{40}"$/),
      'last-modified': mtime.toUTCString(),
      'x-content-type-options': 'nosniff',
    })
  })

  it('may be kept for ever if their name holds a hash, and that is configured', async () => {
    const { project, get } = await open({ immutable: true, cacheControl: 'no-cache' })
    await project.copy('photos/landscape.jpg', 'photos/hero.3f2a91bc.jpg')
    const cacheOf = async (path: string) => (await get(path)).headers.get('cache-control')
    expect(await cacheOf('/photos/hero.3f2a91bc.jpg?thumbnail=9')).toBe('public, max-age=31536000, immutable')
    expect(await cacheOf('/photos/landscape.jpg?thumbnail=9')).toBe('no-cache')
  })

  it('are made by presets of the config', async () => {
    const { project, get } = await open({
      presets: {
        marked: {
          ops: [{ thumbnail: 80 }, { watermark: { image: 'mark.png', scale: 0.3 } }, { format: 'png' }],
        },
      },
    })
    await project.copy('photos/alpha.png', 'mark.png')
    const response = await get('/photos/landscape.jpg?preset=marked')
    expect(response.headers.get('content-type')).toBe('image/png')
    const { width, height } = await sharp(await bytesOf(response)).metadata()
    expect(Math.max(width, height)).toBe(80)
    // Another watermark makes another picture.
    const before = response.headers.get('etag')
    await project.copy('photos/flat-art.png', 'mark.png')
    expect((await get('/photos/landscape.jpg?preset=marked')).headers.get('etag')).not.toBe(before)
  })

  it('answer HEAD like GET, without the picture', async () => {
    const { get } = await open()
    const path = '/photos/landscape.jpg?thumbnail=50'
    const head = await get(path, {}, { method: 'HEAD' })
    const got = await get(path)
    expect(headersOf(head)).toEqual(headersOf(got))
    expect((await bytesOf(head)).length).toBe(0)
  })

  it('take no other method', async () => {
    const { get } = await open()
    const response = await get('/photos/landscape.jpg?thumbnail=50', {}, { method: 'POST' })
    expect(response.headers.get('allow')).toBe('GET, HEAD')
    expect(await problemOf(response)).toMatchObject({ status: 405, code: 'METHOD_NOT_ALLOWED' })
  })
})

describe('files of a source', () => {
  it('are answered as they are if there is no query', async () => {
    const { project, get } = await open()
    const response = await get('/photos/landscape.jpg')
    expect(response.headers.get('content-type')).toBe('image/jpeg')
    expect((await bytesOf(response)).equals(await readFile(project.at('photos/landscape.jpg')))).toBe(true)
    const etag = response.headers.get('etag') ?? ''
    expect((await get('/photos/landscape.jpg', { 'if-none-match': etag })).status).toBe(304)
  })

  it('run no scripts if they are SVG', async () => {
    const { get } = await open()
    const { headers } = await get('/photos/drawing.svg')
    expect(headers.get('content-type')).toBe('image/svg+xml')
    expect(headers.get('content-security-policy')).toContain('sandbox')
    expect(headers.get('x-content-type-options')).toBe('nosniff')
  })

  it('are refused if they are no images', async () => {
    const { get } = await open()
    expect(await problemOf(await get('/photos/notes.txt'))).toMatchObject({ status: 415 })
  })
})

describe('paths that leave a source', () => {
  it.each([
    '/photos/..%2fsecret.jpg',
    '/photos/%2e%2e%2fsecret.jpg',
    '/photos/a/..%2f..%2fsecret.jpg?thumbnail=9',
    '/photos/..%5csecret.jpg',
    '/photos/.secret.jpg',
    '/photos/%2esecret.jpg?thumbnail=9',
    '/photos/a',
    '/photos/',
    '/photos/nothing.jpg?thumbnail=9',
    '/secret.jpg',
  ])('find nothing, and tell nothing of the server: %s', async (path) => {
    const { project, get } = await open()
    const problem = await problemOf(await get(path))
    expect(problem).toMatchObject({ status: 404, code: 'INPUT_NOT_FOUND' })
    expect(JSON.stringify(problem)).not.toContain(project.path)
  })
})

describe('errors', () => {
  it.each([
    ['/photos/broken.jpg?thumbnail=9', 422, 'CORRUPT_IMAGE'],
    ['/photos/notes.txt?thumbnail=9', 415, 'UNSUPPORTED_FORMAT'],
    ['/photos/landscape.jpg?thumbnail=huge', 400, 'INVALID_OPERATION'],
    ['/photos/landscape.jpg?blurr=3', 400, 'UNKNOWN_OPERATION'],
    ['/photos/landscape.jpg?preset=none', 400, 'UNKNOWN_PRESET'],
    ['/photos/landscape.jpg?watermark=/etc/hosts', 403, 'ACCESS_DENIED'],
    ['/photos/landscape.jpg?resize=16000x16000:enlarge=true:fit=fill', 413, 'TOO_MANY_PIXELS'],
    ['/photos/landscape.jpg?preset=lost', 400, 'INVALID_OPERATION'],
  ])(
    'answer %s with %d as problem+json, without a stack or a path of the server',
    async (path, status, code) => {
      const { project, get } = await open({
        limits: { pixels: 100_000_000 },
        presets: { lost: { ops: [{ watermark: { image: '/no/such/mark.png' } }] } },
      })
      const photo = await readFile(project.at('photos/landscape.jpg'))
      await project.write('photos/broken.jpg', photo.subarray(0, 5000))
      const response = await get(path)
      const problem = await problemOf(response)
      expect(problem).toMatchObject({ status, code })
      expect(response.status).toBe(status)
      const text = JSON.stringify(problem)
      expect(text).not.toMatch(/\.[jt]s\b|\bat /)
      expect(text).not.toContain(project.path)
      expect(text).not.toContain('/no/such')
      expect(response.headers.get('cache-control')).toBe('no-store')
    },
  )

  it('refuse operations if only presets are allowed', async () => {
    const { get } = await open({ only: 'presets' })
    expect((await get('/photos/landscape.jpg?preset=thumb')).status).toBe(200)
    for (const path of ['/photos/landscape.jpg', '/photos/landscape.jpg?thumbnail=100']) {
      const problem = await problemOf(await get(path))
      expect(problem).toMatchObject({ status: 403, code: 'ACCESS_DENIED' })
      expect(problem.detail).toContain('?preset=NAME')
    }
  })
})

describe('ETag', () => {
  it('is answered with 304 before the source is read', async () => {
    const { project, get } = await open({ memoryBytes: 0, cacheBytes: 0 })
    const path = '/photos/landscape.jpg?thumbnail=60'
    const { headers } = await get(path)
    const etag = headers.get('etag') ?? ''
    for (const tags of [etag, `W/${etag}`, `"other", ${etag}`, '*']) {
      const response = await get(path, { 'if-none-match': tags })
      expect(response.status).toBe(304)
      expect(response.headers.get('etag')).toBe(etag)
      expect(response.headers.get('cache-control')).toBe('public, max-age=86400')
      expect((await bytesOf(response)).length).toBe(0)
    }
    expect((await get(path, { 'if-none-match': '"other"' })).status).toBe(200)
    expect(await project.files('imgproc-data')).toEqual([])
  })

  it('is that of a picture that was never made, too', async () => {
    const { project, get } = await open()
    await project.write('photos/later.jpg', 'no picture yet')
    const response = await get('/photos/later.jpg?thumbnail=60', { 'if-none-match': '*' })
    expect(response.status).toBe(304)
  })

  it('changes with the source, the recipe and its order', async () => {
    const { project, get } = await open()
    const etagOf = async (query: string) => (await get(`/photos/landscape.jpg?${query}`)).headers.get('etag')
    const first = await etagOf('thumbnail=60')
    expect(await etagOf('thumbnail=60x60&v=2')).toBe(first)
    const others = [
      await etagOf('thumbnail=61'),
      await etagOf('thumbnail=60&flip'),
      await etagOf('flip&thumbnail=60'),
    ]
    // Another content of the same size and date.
    const { atime, mtime } = await stat(project.at('photos/landscape.jpg'))
    const bytes = await readFile(project.at('photos/landscape.jpg'))
    await writeFile(project.at('photos/landscape.jpg'), bytes)
    await utimes(project.at('photos/landscape.jpg'), atime, mtime)
    const all = [first, ...others, await etagOf('thumbnail=60')]
    expect(new Set(all).size).toBe(all.length)
  })
})

describe('format=auto', () => {
  it.each([
    ['landscape.jpg', CHROME, 'image/avif'],
    ['landscape.jpg', OLD_CHROME, 'image/webp'],
    ['landscape.jpg', '*/*', 'image/jpeg'],
    ['alpha.png', CHROME, 'image/avif'],
    ['alpha.png', OLD_CHROME, 'image/webp'],
    ['alpha.png', 'image/*', 'image/png'],
    ['animated.gif', CHROME, 'image/webp'],
    ['animated.gif', '*/*', 'image/gif'],
    ['drawing.svg', '*/*', 'image/png'],
  ])('makes %s for a client that accepts %s as %s', async (name, accept, type) => {
    const { get } = await open()
    const response = await get(`/photos/${name}?thumbnail=60&format=auto`, { accept })
    expect(response.headers.get('content-type')).toBe(type)
    expect(response.headers.get('vary')).toBe('Accept')
    const { format } = await sharp(await bytesOf(response)).metadata()
    expect(`image/${format === 'heif' ? 'avif' : format}`).toBe(type)
  })

  it('has an ETag for each kind of client', async () => {
    const { get } = await open()
    const etagOf = async (accept: string) =>
      (await get('/photos/landscape.jpg?thumbnail=20&format=auto', { accept })).headers.get('etag')
    const tags = [await etagOf(CHROME), await etagOf(OLD_CHROME), await etagOf('*/*')]
    expect(new Set(tags).size).toBe(3)
    expect(await etagOf('image/webp')).toBe(tags[1])
  })

  it('does not vary if the format is named', async () => {
    const { get } = await open()
    expect((await get('/photos/landscape.jpg?format=png&thumbnail=9')).headers.get('vary')).toBeNull()
  })
})

describe('client hints', () => {
  const sizeOf = async (response: Response) => {
    const { width, height } = await sharp(await bytesOf(response)).metadata()
    return `${width}x${height}`
  }

  it('give the width and density of width=auto and dpr=auto', async () => {
    const { get } = await open()
    const hints = { 'sec-ch-dpr': '2', 'sec-ch-width': '250' }
    const response = await get('/photos/landscape.jpg?width=auto', hints)
    expect(response.headers.get('vary')).toBe('Sec-CH-DPR, Sec-CH-Width, Sec-CH-Viewport-Width')
    expect(response.headers.get('accept-ch')).toBe('Sec-CH-DPR, Sec-CH-Width, Sec-CH-Viewport-Width')
    expect(await sizeOf(response)).toMatch(/^256x/)
    const dense = await get('/photos/landscape.jpg?thumbnail=100x100:fit=cover&dpr=auto', hints)
    expect(dense.headers.get('content-dpr')).toBe('2')
    expect(await sizeOf(dense)).toBe('200x200')
  })

  it('do not count for a density that the query names', async () => {
    const { get } = await open()
    const response = await get('/photos/landscape.jpg?thumbnail=50x50:fit=cover&dpr=3', { 'sec-ch-dpr': '1' })
    expect(response.headers.get('vary')).toBeNull()
    expect(response.headers.get('content-dpr')).toBe('3')
    expect(await sizeOf(response)).toBe('150x150')
  })

  it('tell no density of a source that is smaller than asked for', async () => {
    const { get } = await open()
    const response = await get('/photos/landscape.jpg?thumbnail=5000&dpr=2')
    expect(response.headers.get('content-dpr')).toBeNull()
  })
})

describe('results', () => {
  it('are kept in the store, and answered from there after a restart', async () => {
    const { project, handler, get } = await open()
    const path = '/photos/landscape.jpg?thumbnail=60'
    const first = await bytesOf(await get(path))
    await handler.close()
    const files = await project.files('imgproc-data/cache')
    expect(files).toHaveLength(2)
    const again = createHandler({ root: project.path, sources: { photos: 'photos' } })
    onTestFinished(() => again.close())
    const second = await bytesOf(await again.fetch(new Request(`http://localhost${path}`)))
    expect(second.equals(first)).toBe(true)
  })

  it('are made anew if the source has changed', async () => {
    const { project, get } = await open()
    const typeOf = async () =>
      (await sharp(await bytesOf(await get('/photos/x.jpg?thumbnail=60'))).stats()).isOpaque
    await copyFile(project.at('photos/landscape.jpg'), project.at('photos/x.jpg'))
    expect(await typeOf()).toBe(true)
    await copyFile(project.at('photos/alpha.png'), project.at('photos/x.jpg'))
    expect(await typeOf()).toBe(false)
  })

  it('are refused with 503 and Retry-After if too many are asked for', async () => {
    const { get } = await open({ concurrency: 1, queue: 1 })
    const all = await Promise.all(
      [1, 2, 3, 4, 5].map((width) => get(`/photos/landscape.jpg?resize=${width + 300}`)),
    )
    expect(all.map(({ status }) => status).toSorted((a, b) => a - b)).toEqual([200, 200, 503, 503, 503])
    const refused = all.find(({ status }) => status === 503)
    expect(refused?.headers.get('retry-after')).toBe('1')
    // Equal requests take one place.
    const equal = await Promise.all([1, 2, 3, 4, 5].map(() => get('/photos/landscape.jpg?resize=310')))
    expect(equal.map(({ status }) => status)).toEqual([200, 200, 200, 200, 200])
  })

  it('stop if the client has gone', async () => {
    const { get } = await open({ concurrency: 1, queue: 0 })
    const client = new AbortController()
    const gone = get('/photos/landscape.jpg?resize=300', {}, { signal: client.signal })
    client.abort()
    expect((await gone).status).toBe(499)
    await expect.poll(async () => (await get('/photos/landscape.jpg?resize=301')).status).toBe(200)
  })
})
