import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { crc32 } from 'node:zlib'
import sharp, { type Metadata } from 'sharp'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { renderRendition } from '../../src/render/render-rendition.js'
import type { DecoderOptions } from '../../src/image/types.js'
import { createHeicDecoder, type HeicDecoderOptions } from '../../src/decoders/heic.js'
import { addMetadata } from '../../src/metadata/png/chunks.js'
import { open } from '../support/pictures.js'

const ROOT = fileURLToPath(new URL('../..', import.meta.url))
const PHONE = join(ROOT, 'fixtures/photos/phone.heic')
const LANDSCAPE = join(ROOT, 'fixtures/photos/landscape.jpg')
const IPHONE = join(ROOT, '../shared/photos/iphone_13_pro_max.HEIC')
const LIMITS = { maxPixels: 1e9, seconds: 60 }

let folder: string
let phone: Buffer
let metadata: Metadata
let png: Buffer

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'imgproc-heic-'))
  phone = await readFile(PHONE)
  metadata = await sharp(phone).metadata()
  png = Buffer.from(await createHeicDecoder().decode(phone, metadata, LIMITS))
})

afterAll(() => rm(folder, { recursive: true, force: true }))

/** Returns the mean difference to landscape.jpg at the fixture's size, in levels of sRGB. */
async function differenceToLandscape(bytes: Buffer, ignoreIcc = false): Promise<number> {
  const options = { fit: 'fill' } as const
  const [actual, expected] = await Promise.all([
    sharp(bytes, { ignoreIcc }).autoOrient().resize(320, 240, options).raw().toBuffer(),
    sharp(LANDSCAPE).resize(320, 240, options).raw().toBuffer(),
  ])
  expect(actual.length).toBe(expected.length)
  return actual.reduce((sum, value, at) => sum + Math.abs(value - (expected[at] ?? 0)), 0) / actual.length
}

/** Writes a module with the interface of heic-decode whose `decode` has this body; `buffer` is the file. */
async function writeModule(name: string, body: string): Promise<string> {
  const file = join(folder, `${name}.cjs`)
  const images = `[{ decode: async () => { ${body} } }]`
  await writeFile(
    file,
    `exports.all = async ({ buffer }) => Object.assign(${images}, { dispose: () => {} })\n`,
  )
  return file
}

describe('a HEIC', () => {
  it('becomes a PNG of three channels, oriented, in the right colours', async () => {
    const { format, width, height, channels, depth } = await sharp(png).metadata()
    expect({ format, width, height, channels, depth }).toEqual({
      format: 'png',
      width: 320,
      height: 240,
      channels: 3,
      depth: 'uchar',
    })
    expect(await differenceToLandscape(png)).toBeLessThan(3)
  })

  it('keeps its ICC profile byte for byte', async () => {
    expect(metadata.icc?.length).toBeGreaterThan(400)
    expect((await sharp(png).metadata()).icc).toEqual(metadata.icc)
    expect(await differenceToLandscape(png, true)).toBeGreaterThan(2 * (await differenceToLandscape(png)))
  })

  it('keeps its EXIF, with orientation 1', async () => {
    const { exif, orientation } = await sharp(png).metadata()
    expect(orientation).toBe(1)
    const before = metadata.exif ?? Buffer.alloc(0)
    const changed = [...before.keys()].filter((at) => before[at] !== exif?.at(at - before.length))
    expect(changed.map((at) => [before[at], exif?.at(at - before.length)])).toEqual([[6, 1]])
  })

  it('becomes a PNG with valid checksums and metadata in front', () => {
    const types: string[] = []
    for (let at = 8; at < png.length;) {
      const end = at + 8 + png.readUInt32BE(at)
      types.push(png.toString('latin1', at + 4, at + 8))
      expect(png.readUInt32BE(end)).toBe(crc32(png.subarray(at + 4, end)))
      at = end + 4
    }
    expect(types.slice(0, 3)).toEqual(['IHDR', 'iCCP', 'eXIf'])
    expect(types.at(-1)).toBe('IEND')
  })

  it('is rendered like any source, without its GPS data', async () => {
    const kept = [{ thumbnail: 80 }, { format: 'jpeg' }, { metadata: ['icc', 'exif'] }] as const
    const { data } = await renderRendition(await open(png), kept)
    const { width, height, icc, exif } = await sharp(data).metadata()
    expect([width, height, icc]).toEqual([80, 60, metadata.icc])
    expect(exif?.includes('Imgproc Works')).toBe(true)
    const gps = metadata.exif?.indexOf(Buffer.from([0x25, 0x88])) ?? -1
    expect(gps).toBeGreaterThan(0)
    expect(exif?.includes(Buffer.from([0x25, 0x88]))).toBe(false)
  })

  it('is decoded from a part of a larger buffer, which is not changed', async () => {
    const around = Buffer.concat([Buffer.alloc(3), phone, Buffer.alloc(5)])
    const inside = around.subarray(3, 3 + phone.length)
    expect(Buffer.from(await createHeicDecoder().decode(inside, metadata, LIMITS)).equals(png)).toBe(true)
    expect(inside.equals(phone)).toBe(true)
  })
})

describe('decoding a HEIC that fails', () => {
  async function fail(
    bytes: Uint8Array,
    limits: Partial<DecoderOptions>,
    options: HeicDecoderOptions = {},
  ): Promise<unknown> {
    const decoder = createHeicDecoder(options)
    return decoder.decode(bytes, metadata, { ...LIMITS, ...limits }).then(
      () => 'nothing',
      (error: unknown) => error,
    )
  }

  it('is TOO_MANY_PIXELS, before decoding, above the limit of pixels', async () => {
    expect(await fail(phone, { maxPixels: 1000 })).toMatchObject({
      code: 'TOO_MANY_PIXELS',
      stage: 'decode',
      message:
        '320x240 is more than the limit of 1000 pixels. If you trust the file, raise limits.pixels (--limit-pixels).',
    })
  })

  it('is CORRUPT_IMAGE if the file is cut off', async () => {
    expect(await fail(phone.subarray(0, 15_000), {})).toMatchObject({
      code: 'CORRUPT_IMAGE',
      stage: 'decode',
      message: `The image is damaged: it ends too early, ${phone.length - 15_000} bytes are missing.`,
    })
  })

  it('is CORRUPT_IMAGE with the reason if the decoder finds no picture', async () => {
    const bytes = Buffer.from(phone)
    bytes.write('????', bytes.indexOf('iinf'))
    const error = await fail(bytes, {})
    expect(error).toMatchObject({ code: 'CORRUPT_IMAGE', stage: 'decode' })
    expect(String(error)).toMatch(/The image is damaged: .*iinf/)
  })

  it('is CORRUPT_IMAGE if the announced size is smaller than the coded picture', async () => {
    const bytes = Buffer.from(phone)
    // Type, version and flags, width; then the height.
    bytes.writeUInt32BE(7, bytes.indexOf('ispe') + 12)
    const error = await fail(bytes, {})
    expect(error).toMatchObject({ code: 'CORRUPT_IMAGE', stage: 'decode', retryable: false })
    expect(String(error)).toContain('it announces sizes that are zero, too large, or contradict each other')
  })

  it('is CORRUPT_IMAGE if the coded picture has no size, which libheif calls an error of memory', async () => {
    const reason = 'Memory allocation error: Invalid image size: zero width or height'
    const module = await writeModule('empty', `throw new Error('${reason}')`)
    const error = await fail(phone, {}, { module })
    expect(error).toMatchObject({ code: 'CORRUPT_IMAGE', stage: 'decode', retryable: false })
    expect(String(error)).toContain(reason)
  })

  it('is UNSUPPORTED_FORMAT if the file is not a HEIC', async () => {
    expect(await fail(Buffer.alloc(100, 1), {})).toMatchObject({ code: 'UNSUPPORTED_FORMAT' })
  })

  it('names the package to install if it is missing', async () => {
    expect(await fail(phone, {}, { module: 'heic-decode-missing' })).toMatchObject({
      code: 'UNSUPPORTED_FORMAT',
      stage: 'decode',
      message:
        'HEIC needs the package heic-decode-missing, which is not installed: npm install heic-decode-missing',
    })
  })

  it('is TIMED_OUT if the decoder hangs', async () => {
    const module = await writeModule('hangs', 'for (;;);')
    expect(await fail(phone, { seconds: 0.3 }, { module })).toMatchObject({
      code: 'TIMED_OUT',
      stage: 'decode',
    })
  })

  it('is ABORTED before the decoder starts and while it runs', async () => {
    const module = await writeModule('hangs', 'for (;;);')
    expect(await fail(phone, { signal: AbortSignal.abort() })).toMatchObject({ code: 'ABORTED' })
    expect(await fail(phone, { signal: AbortSignal.timeout(300) }, { module })).toMatchObject({
      code: 'ABORTED',
    })
  })

  it.each([
    {
      what: 'runs out of memory',
      body: "throw new RangeError('Array buffer allocation failed')",
      reason: 'crashed: Array buffer allocation failed.',
    },
    {
      what: 'throws an uncaught error',
      body: "return new Promise(() => setImmediate(() => { throw new Error('a trap') }))",
      reason: 'crashed: a trap.',
    },
    { what: 'exits', body: 'process.exit(3)', reason: 'crashed, most likely because it ran out of memory.' },
  ])('is INTERNAL and retryable if the decoder $what', async ({ what, body, reason }) => {
    const module = await writeModule(what, body)
    const error = await fail(phone, {}, { module })
    expect(error).toMatchObject({ code: 'INTERNAL', stage: 'decode', retryable: true })
    expect(String(error)).toContain(reason)
  })

  it('fails only that picture, and the next gets a new worker', async () => {
    const real = JSON.stringify(createRequire(import.meta.url).resolve('heic-decode'))
    const module = await writeModule(
      'fails-by-length',
      `if (buffer.length === 1000) process.exit(3)
       if (buffer.length === 2000) for (;;);
       if (buffer.length === 3000) throw new Error('no luck')
       return require(${real})({ buffer })`,
    )
    const decoder = createHeicDecoder({ module })
    const decode = async (bytes: Buffer, seconds = 60): Promise<unknown> =>
      decoder.decode(bytes, metadata, { ...LIMITS, seconds }).then(
        (made) => Buffer.from(made).equals(png),
        (error: unknown) => error,
      )
    expect(await decode(phone)).toBe(true)
    expect(await decode(Buffer.alloc(1000))).toMatchObject({ code: 'INTERNAL', retryable: true })
    expect(await decode(phone)).toBe(true)
    expect(await decode(Buffer.alloc(2000), 0.3)).toMatchObject({ code: 'TIMED_OUT' })
    expect(await decode(phone)).toBe(true)
    expect(await decode(Buffer.alloc(3000))).toMatchObject({
      code: 'CORRUPT_IMAGE',
      message: 'The image is damaged: no luck.',
    })
    expect(await decode(phone)).toBe(true)
  })
})

describe('HEIC worker threads', () => {
  /** Returns a function that decodes a picture and returns the id of the thread. */
  async function threads(idleSeconds: number): Promise<() => Promise<number | undefined>> {
    const module = await writeModule(
      'thread',
      `await require('node:timers/promises').setTimeout(20)
       const data = Uint8ClampedArray.of(require('node:worker_threads').threadId, 0, 0, 255)
       return { width: 1, height: 1, data }`,
    )
    const decoder = createHeicDecoder({ module, idleSeconds })
    return async () => {
      const made = await decoder.decode(phone, metadata, LIMITS)
      const [red] = await sharp(made, { ignoreIcc: true }).raw().toBuffer()
      return red
    }
  }

  it('are at most two, and are reused', async () => {
    const thread = await threads(60)
    const used = await Promise.all(Array.from({ length: 9 }, thread))
    expect(new Set(used).size).toBe(2)
    expect(used).toContain(await thread())
  })

  it('end when they are idle, and start again', async () => {
    const thread = await threads(0)
    const first = await thread()
    await wait(50)
    expect(await thread()).not.toBe(first)
  })

  it('report the bytes that they retain while they are idle', async () => {
    const retaining = createHeicDecoder({ idleSeconds: 60 })
    expect(retaining.retainedBytes?.()).toBe(0)
    const decoding = retaining.decode(phone, metadata, LIMITS)
    expect(retaining.retainedBytes?.()).toBe(0)
    await decoding
    expect(retaining.retainedBytes?.()).toBeGreaterThan(320 * 240 * 4)
    const disposing = createHeicDecoder({ idleSeconds: 0 })
    await disposing.decode(phone, metadata, LIMITS)
    expect(disposing.retainedBytes?.()).toBe(0)
  })

  it('print nothing and let the process end', async () => {
    const script = join(folder, 'script.ts')
    await writeFile(
      script,
      `import { readFileSync } from 'node:fs'
       import { createHeicDecoder } from ${JSON.stringify(new URL('../../src/decoders/heic.ts', import.meta.url))}
       const bytes = readFileSync(${JSON.stringify(PHONE)})
       const decoder = createHeicDecoder({ idleSeconds: 3600 })
       const options = { maxPixels: 1e9, seconds: 3600 }
       const broken = Buffer.from(bytes)
       broken.write('????', broken.indexOf('iinf'))
       const metadata = { width: 320, height: 240, hasAlpha: false }
       await decoder.decode(broken, metadata, options).catch((error) => console.log(error.code))
       console.log((await decoder.decode(bytes, metadata, options)).length > 200_000)`,
    )
    const jiti = join(ROOT, 'node_modules/jiti/lib/jiti-cli.mjs')
    const { stdout, stderr } = await promisify(execFile)(process.execPath, [jiti, script], {
      timeout: 170_000,
    })
    expect([stdout, stderr]).toEqual(['CORRUPT_IMAGE\ntrue\n', ''])
  })
})

describe('metadata added to a PNG', () => {
  const pixel = sharp({ create: { width: 1, height: 1, channels: 3, background: 'red' } }).png()

  /** Returns a big-endian TIFF structure of one entry: orientation 6. */
  function tiff(): Buffer {
    return Buffer.from('4d4d002a00000008000101120003000000010006000000000000', 'hex')
  }

  it('is read by sharp: EXIF with and without its name in front, and XMP', async () => {
    const xmp = Buffer.from('<x:xmpmeta xmlns:x="adobe:ns:meta/"/>')
    const named = Buffer.concat([Buffer.from('Exif\0\0'), tiff()])
    for (const exif of [tiff(), named]) {
      const seen = await sharp(addMetadata(await pixel.toBuffer(), { exif, xmp })).metadata()
      expect([seen.orientation, seen.xmp]).toEqual([1, xmp])
    }
    expect(named.subarray(6)).toEqual(tiff())
  })

  it('leaves out EXIF that cannot be read, and a profile of grey', async () => {
    const bare = await pixel.toBuffer()
    const cut = tiff().subarray(0, 12)
    const grey = Buffer.from(metadata.icc ?? [])
    grey.write('GRAY', 16)
    for (const exif of [cut, Buffer.from('nonsense'), Buffer.alloc(0)]) {
      expect(addMetadata(bare, { exif, icc: grey }).equals(bare)).toBe(true)
    }
  })
})

describe.skipIf(!existsSync(IPHONE))('a photo of 12 MP from ../shared/photos', () => {
  it("is decoded upright, with the phone's profile", async () => {
    const bytes = await readFile(IPHONE)
    const before = await sharp(bytes).metadata()
    const made = await createHeicDecoder().decode(bytes, before, LIMITS)
    const { width, height, icc, orientation } = await sharp(made).metadata()
    expect([width, height, orientation]).toEqual([3024, 4032, 1])
    expect(icc).toEqual(before.icc)
  })

  it('is CORRUPT_IMAGE if some of its tiles are damaged', async () => {
    const bytes = await readFile(IPHONE)
    const before = await sharp(bytes).metadata()
    bytes.fill(0, 1_000_000, 1_200_000)
    await expect(createHeicDecoder().decode(bytes, before, LIMITS)).rejects.toMatchObject({
      code: 'CORRUPT_IMAGE',
      message: 'The image is damaged: parts of the picture are missing or damaged.',
    })
  })
})
