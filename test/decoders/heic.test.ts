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
import { addMetadata } from '../../src/metadata/png-chunks.js'
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

/** The mean difference to landscape.jpg at the fixture's size, in levels of sRGB. */
async function offLandscape(bytes: Buffer, ignoreIcc = false): Promise<number> {
  const options = { fit: 'fill' } as const
  const [seen, wanted] = await Promise.all([
    sharp(bytes, { ignoreIcc }).autoOrient().resize(320, 240, options).raw().toBuffer(),
    sharp(LANDSCAPE).resize(320, 240, options).raw().toBuffer(),
  ])
  expect(seen.length).toBe(wanted.length)
  return seen.reduce((sum, value, at) => sum + Math.abs(value - (wanted[at] ?? 0)), 0) / seen.length
}

/** A module with the interface of heic-decode whose `decode` has this body; `buffer` is the file. */
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
  it('becomes a PNG of three channels, upright, in the right colours', async () => {
    const { format, width, height, channels, depth } = await sharp(png).metadata()
    expect({ format, width, height, channels, depth }).toEqual({
      format: 'png',
      width: 320,
      height: 240,
      channels: 3,
      depth: 'uchar',
    })
    expect(await offLandscape(png)).toBeLessThan(3)
  })

  it('keeps its profile byte for byte, without which the colours would be wrong', async () => {
    expect(metadata.icc?.length).toBeGreaterThan(400)
    expect((await sharp(png).metadata()).icc).toEqual(metadata.icc)
    expect(await offLandscape(png, true)).toBeGreaterThan(2 * (await offLandscape(png)))
  })

  it('keeps its EXIF but for the orientation, which was applied', async () => {
    const { exif, orientation } = await sharp(png).metadata()
    expect(orientation).toBe(1)
    const before = metadata.exif ?? Buffer.alloc(0)
    const changed = [...before.keys()].filter((at) => before[at] !== exif?.at(at - before.length))
    expect(changed.map((at) => [before[at], exif?.at(at - before.length)])).toEqual([[6, 1]])
  })

  it('is a PNG whose checksums are right, metadata first', () => {
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

  it('goes through operations like any picture, its GPS left behind', async () => {
    const kept = [{ thumbnail: 80 }, { format: 'jpeg' }, { metadata: ['icc', 'exif'] }] as const
    const { data } = await renderRendition(await open(png), kept)
    const { width, height, icc, exif } = await sharp(data).metadata()
    expect([width, height, icc]).toEqual([80, 60, metadata.icc])
    expect(exif?.includes('Imgproc Works')).toBe(true)
    const gps = metadata.exif?.indexOf(Buffer.from([0x25, 0x88])) ?? -1
    expect(gps).toBeGreaterThan(0)
    expect(exif?.includes(Buffer.from([0x25, 0x88]))).toBe(false)
  })

  it('may lie in the middle of a larger buffer, which is left alone', async () => {
    const around = Buffer.concat([Buffer.alloc(3), phone, Buffer.alloc(5)])
    const inside = around.subarray(3, 3 + phone.length)
    expect(Buffer.from(await createHeicDecoder().decode(inside, metadata, LIMITS)).equals(png)).toBe(true)
    expect(inside.equals(phone)).toBe(true)
  })
})

describe('what goes wrong with a HEIC', () => {
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

  it('is refused before decoding where it has too many pixels', async () => {
    expect(await fail(phone, { maxPixels: 1000 })).toMatchObject({
      code: 'TOO_MANY_PIXELS',
      stage: 'decode',
      message: '320x240 is more than the limit of 1000 pixels (limits.pixels, --limit-pixels).',
    })
  })

  it('is damage where the file ends too early', async () => {
    expect(await fail(phone.subarray(0, 15_000), {})).toMatchObject({
      code: 'CORRUPT_IMAGE',
      stage: 'decode',
      message: `The image is damaged: it ends too early, ${phone.length - 15_000} bytes are missing.`,
    })
  })

  it('is damage where the decoder finds no picture, and says why', async () => {
    const bytes = Buffer.from(phone)
    bytes.write('????', bytes.indexOf('iinf'))
    const error = await fail(bytes, {})
    expect(error).toMatchObject({ code: 'CORRUPT_IMAGE', stage: 'decode' })
    expect(String(error)).toMatch(/The image is damaged: .*iinf/)
  })

  it('is no support where the file is no HEIC at all', async () => {
    expect(await fail(Buffer.alloc(100, 1), {})).toMatchObject({ code: 'UNSUPPORTED_FORMAT' })
  })

  it('names the package to install where it is missing', async () => {
    expect(await fail(phone, {}, { module: 'heic-decode-missing' })).toMatchObject({
      code: 'UNSUPPORTED_FORMAT',
      stage: 'decode',
      message:
        'HEIC needs the package heic-decode-missing, which is not installed: npm install heic-decode-missing',
    })
  })

  it('is the time limit where the decoder never comes back', async () => {
    const module = await writeModule('hangs', 'for (;;);')
    expect(await fail(phone, { seconds: 0.3 }, { module })).toMatchObject({
      code: 'TIMED_OUT',
      stage: 'decode',
    })
  })

  it('is an abort, before the decoder starts and while it works', async () => {
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
      said: 'died: Array buffer allocation failed.',
    },
    {
      what: 'throws where nobody looks',
      body: "return new Promise(() => setImmediate(() => { throw new Error('a trap') }))",
      said: 'died: a trap.',
    },
    { what: 'ends', body: 'process.exit(3)', said: 'died, most likely for want of memory.' },
  ])('is a decoder that $what', async ({ what, body, said }) => {
    const module = await writeModule(what, body)
    const error = await fail(phone, {}, { module })
    expect(error).toMatchObject({ code: 'INTERNAL', stage: 'decode', retryable: true })
    expect(String(error)).toContain(said)
  })

  it('fails that one picture, and the next gets a new worker', async () => {
    const real = JSON.stringify(createRequire(import.meta.url).resolve('heic-decode'))
    const module = await writeModule(
      'moody',
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

describe('the threads that decode', () => {
  /** A decoder whose pictures are one pixel, the red of which is the number of the thread. */
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

  it('are two, however many pictures there are, and the same for all', async () => {
    const thread = await threads(60)
    const used = await Promise.all(Array.from({ length: 9 }, thread))
    expect(new Set(used).size).toBe(2)
    expect(used).toContain(await thread())
  })

  it('end when they are idle, and others start', async () => {
    const thread = await threads(0)
    const first = await thread()
    await wait(50)
    expect(await thread()).not.toBe(first)
  })

  it('tell what they keep for the next picture', async () => {
    const keeping = createHeicDecoder({ idleSeconds: 60 })
    expect(keeping.retainedBytes?.()).toBe(0)
    const decoding = keeping.decode(phone, metadata, LIMITS)
    expect(keeping.retainedBytes?.()).toBe(0)
    await decoding
    expect(keeping.retainedBytes?.()).toBeGreaterThan(320 * 240 * 4)
    const thrifty = createHeicDecoder({ idleSeconds: 0 })
    await thrifty.decode(phone, metadata, LIMITS)
    expect(thrifty.retainedBytes?.()).toBe(0)
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
      timeout: 25_000,
    })
    expect([stdout, stderr]).toEqual(['CORRUPT_IMAGE\ntrue\n', ''])
  })
})

describe('metadata put into a PNG', () => {
  const pixel = sharp({ create: { width: 1, height: 1, channels: 3, background: 'red' } }).png()

  /** A big-endian TIFF of one entry: orientation 6. */
  function tiff(): Buffer {
    return Buffer.from('4d4d002a00000008000101120003000000010006000000000000', 'hex')
  }

  it('is read by sharp: EXIF of either byte order, with and without its name in front, and XMP', async () => {
    const xmp = Buffer.from('<x:xmpmeta xmlns:x="adobe:ns:meta/"/>')
    const named = Buffer.concat([Buffer.from('Exif\0\0'), tiff()])
    for (const exif of [tiff(), named]) {
      const seen = await sharp(addMetadata(await pixel.toBuffer(), { exif, xmp })).metadata()
      expect([seen.orientation, seen.xmp]).toEqual([1, xmp])
    }
    expect(named.subarray(6)).toEqual(tiff())
  })

  it('leaves out EXIF whose orientation can not be told, and a profile that is not for colour', async () => {
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
  it('is upright, with the profile of the phone', async () => {
    const bytes = await readFile(IPHONE)
    const before = await sharp(bytes).metadata()
    const made = await createHeicDecoder().decode(bytes, before, LIMITS)
    const { width, height, icc, orientation } = await sharp(made).metadata()
    expect([width, height, orientation]).toEqual([3024, 4032, 1])
    expect(icc).toEqual(before.icc)
  })

  it('is damaged, not half green, where some of its tiles are', async () => {
    const bytes = await readFile(IPHONE)
    const before = await sharp(bytes).metadata()
    bytes.fill(0, 1_000_000, 1_200_000)
    await expect(createHeicDecoder().decode(bytes, before, LIMITS)).rejects.toMatchObject({
      code: 'CORRUPT_IMAGE',
      message: 'The image is damaged: parts of the picture are missing or damaged.',
    })
  })
})
