import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { createReadStream } from 'node:fs'
import { copyFile, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { ImageOp } from '../src/operations/image-op.generated.js'
import { transform, type ImageInput } from '../src/transform.js'
import { fixture, makePlain } from './support/pictures.js'

const PHOTO = fileURLToPath(new URL('../fixtures/photos/landscape.jpg', import.meta.url))
const ops: ImageOp[] = [{ thumbnail: 100 }, { format: 'webp' }]

let photo: Buffer
let folder: string
let strange: string

beforeAll(async () => {
  photo = await fixture('photos/landscape.jpg')
  folder = await mkdtemp(join(tmpdir(), 'imgproc-transform-'))
  strange = join(folder, 'a b#1 [x] 100%.jpg')
  await copyFile(PHOTO, strange)
})

afterAll(() => rm(folder, { recursive: true, force: true }))

/** Returns a view of the bytes in the middle of a larger buffer. */
function viewOf(bytes: Uint8Array): Uint8Array {
  const larger = new Uint8Array(bytes.length + 20).fill(7)
  larger.set(bytes, 10)
  return larger.subarray(10, 10 + bytes.length)
}

/** Returns a web stream of the bytes in small chunks. */
function webStreamOf(bytes: Uint8Array): ReadableStream<Uint8Array> {
  let at = 0
  return new ReadableStream({
    pull(controller) {
      if (at >= bytes.length) return controller.close()
      controller.enqueue(bytes.subarray(at, at + 10_000))
      at += 10_000
    },
  })
}

const inputs: [kind: string, input: () => ImageInput][] = [
  ['a path', () => PHOTO],
  ['a path with special characters', () => strange],
  ['a file: URL in a string', () => pathToFileURL(strange).href],
  ['a file: URL', () => pathToFileURL(strange)],
  ['a Buffer', () => photo],
  ['a Uint8Array', () => new Uint8Array(photo)],
  ['a view of a part of a buffer', () => viewOf(photo)],
  ['an ArrayBuffer', () => new Uint8Array(photo).buffer],
  ['a Blob', () => new Blob([new Uint8Array(photo)])],
  ['a Readable of a file', () => createReadStream(PHOTO, { highWaterMark: 5000 })],
  ['a Readable of chunks', () => Readable.from([photo.subarray(0, 99), photo.subarray(99)])],
  ['a web stream', () => webStreamOf(photo)],
]

const isFile = (input: ImageInput) => typeof input === 'string' || input instanceof URL

describe.each(inputs)('transform of %s', (_, input) => {
  it('renders the same image as from a Buffer', async () => {
    const { data, info } = await transform(input(), ops)
    const expected = await transform(photo, ops)
    expect(data.equals(expected.data)).toBe(true)
    expect(info).toEqual({
      format: 'webp',
      mime: 'image/webp',
      width: 100,
      height: 75,
      bytes: data.length,
      channels: 3,
      hasAlpha: false,
    })
  })

  it('accepts exactly limits.bytes bytes', async () => {
    await expect(transform(input(), ops, { limits: { bytes: photo.length - 1 } })).rejects.toMatchObject({
      code: 'INPUT_TOO_LARGE',
      stage: 'read',
      message: expect.stringContaining(String(photo.length - 1)),
    })
    expect((await transform(input(), ops, { limits: { bytes: photo.length } })).info.width).toBe(100)
  })

  it('is refused unless allow contains its kind', async () => {
    const [right, wrong] = isFile(input()) ? (['file', 'buffer'] as const) : (['buffer', 'file'] as const)
    expect((await transform(input(), ops, { allow: [right] })).info.width).toBe(100)
    await expect(transform(input(), ops, { allow: [wrong] })).rejects.toMatchObject({
      code: 'ACCESS_DENIED',
      message: expect.stringContaining(right),
    })
    await expect(transform(input(), ops, { allow: [] })).rejects.toMatchObject({ code: 'ACCESS_DENIED' })
  })

  it('does not start if it is aborted already', async () => {
    const signal = AbortSignal.abort()
    await expect(transform(input(), ops, { signal })).rejects.toMatchObject({ code: 'ABORTED' })
  })
})

describe('transform', () => {
  it('stops reading a stream when aborted', async () => {
    const controller = new AbortController()
    let read = 0
    async function* chunks() {
      for (let at = 0; at < photo.length; at += 1000) {
        read += 1
        if (read === 3) controller.abort(new Error('enough'))
        yield photo.subarray(at, at + 1000)
      }
    }
    const stopped = transform(chunks(), ops, { signal: controller.signal })
    await expect(stopped).rejects.toMatchObject({ code: 'ABORTED', cause: { message: 'enough' } })
    expect(read).toBe(3)
  })

  it('rejects when aborted during rendering', async () => {
    const controller = new AbortController()
    const source = await makePlain(700, 700)
    const made = transform(source, [{ blur: 20 }, { resize: 600 }, { blur: 20 }], {
      signal: controller.signal,
    })
    setTimeout(() => controller.abort(), 20)
    await expect(made).rejects.toMatchObject({ code: 'ABORTED' })
  })

  it('reports a stream that cannot be read, with its cause', async () => {
    await expect(transform(createReadStream(join(folder, 'nothing.jpg')), ops)).rejects.toMatchObject({
      code: 'READ_FAILED',
      cause: { code: 'ENOENT' },
    })
  })

  it('rejects a stream of text', async () => {
    await expect(transform(createReadStream(PHOTO, 'latin1'), ops)).rejects.toMatchObject({
      code: 'INVALID_USAGE',
    })
  })

  it('rejects a file URL with a host', async () => {
    await expect(transform('file://host/photo.jpg', ops)).rejects.toMatchObject({ code: 'INVALID_USAGE' })
  })

  it('stops reading a stream that exceeds limits.bytes', async () => {
    let read = 0
    async function* chunks() {
      while (read < 100) {
        read += 1
        yield new Uint8Array(1000)
      }
    }
    const refused = transform(chunks(), ops, { limits: { bytes: 5000 } })
    await expect(refused).rejects.toMatchObject({ code: 'INPUT_TOO_LARGE' })
    expect(read).toBe(6)
  })

  it('reads data and http URLs, but no private address if allow is given', async () => {
    const url = `data:image/jpeg;base64,${photo.toString('base64')}`
    expect((await transform(url, ops)).info.width).toBe(100)
    const server = createServer((_, response) => response.end(photo)).listen(0, '127.0.0.1')
    await once(server, 'listening')
    const { port } = server.address() as AddressInfo // a server on a port has one
    const address = new URL(`http://127.0.0.1:${port}/photo.jpg`)
    try {
      expect((await transform(address, ops)).info.width).toBe(100)
      await expect(transform(address, ops, { allow: ['file'] })).rejects.toMatchObject({
        code: 'ACCESS_DENIED',
      })
      // With allow, private addresses such as this one are refused.
      await expect(transform(address, ops, { allow: ['http'] })).rejects.toMatchObject({
        code: 'ACCESS_DENIED',
      })
    } finally {
      server.close()
    }
  })

  it('rejects URLs of unknown schemes', async () => {
    await expect(transform('ftp://h/photo.jpg', ops)).rejects.toMatchObject({ code: 'INVALID_USAGE' })
    await expect(transform('gopher://h/a.jpg', ops)).rejects.toThrow(/there is no store for gopher/)
  })

  it('names the missing file', async () => {
    const path = join(folder, 'nothing.jpg')
    await expect(transform(path, ops)).rejects.toMatchObject({
      code: 'INPUT_NOT_FOUND',
      message: expect.stringContaining('nothing.jpg'),
      path: expect.stringContaining('nothing.jpg'),
    })
    await expect(transform(folder, ops)).rejects.toMatchObject({ name: 'ImgprocError', stage: 'read' })
  })

  it.each([[undefined], [null], [42], [true], [{}], [[]]])('rejects %j as input', async (input) => {
    // JavaScript callers may pass anything.
    const wrong = transform(input as unknown as ImageInput, ops)
    await expect(wrong).rejects.toMatchObject({
      name: 'ImgprocError',
      stage: expect.stringMatching(/read|decode/),
    })
  })

  it('rejects invalid operations before it reads anything', async () => {
    const path = join(folder, 'nothing.jpg')
    // @ts-expect-error a misspelt operation
    await expect(transform(path, [{ thumbnale: 100 }])).rejects.toMatchObject({ code: 'UNKNOWN_OPERATION' })
    // @ts-expect-error no list
    await expect(transform(path, { thumbnail: 100 })).rejects.toMatchObject({ code: 'INVALID_OPERATION' })
  })

  it('renders a damaged image with failOn: none', async () => {
    const broken = await fixture('broken/truncated.jpg')
    await expect(transform(broken, ops)).rejects.toMatchObject({ code: 'CORRUPT_IMAGE' })
    expect((await transform(broken, ops, { failOn: 'none' })).info.width).toBe(100)
  })

  it('fails with TIMED_OUT after limits.seconds', async () => {
    const source = await makePlain(700, 700)
    const refused = transform(source, [{ blur: 1000 }], { limits: { seconds: 1 } })
    await expect(refused).rejects.toMatchObject({ code: 'TIMED_OUT', retryable: true })
  })

  it.each<[options: object, message: string]>([
    [{ failOn: 'never' }, 'failOn: expected one of none, truncated, error, warning, got "never".'],
    [{ limits: { pixels: -1 } }, 'limits.pixels: expected a whole number above 0, got -1.'],
    [{ limits: { bytes: '1MB' } }, 'limits.bytes: expected a whole number above 0, got "1MB".'],
    [{ limits: { seconds: 1.5 } }, 'limits.seconds: expected a whole number from 1 to 3600, got 1.5.'],
  ])('rejects the options %j', async (options, message) => {
    await expect(transform(photo, ops, options)).rejects.toMatchObject({ code: 'INVALID_USAGE', message })
  })

  it('does not change its input bytes', async () => {
    const before = Buffer.from(photo)
    await transform(photo, [{ metadata: ['copyright'] }, { blur: 2 }, { resize: 50 }])
    expect(photo.equals(before)).toBe(true)
  })
})
