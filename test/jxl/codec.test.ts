import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { ImgprocError } from '../../src/errors.js'
import { createJxlCodec } from '../../src/jxl/codec.js'
import { jxlCodec } from '../../src/jxl/shared-codec.js'
import type { JxlPixels } from '../../src/jxl/types.js'

const LIMITS = { seconds: 120 }
const [WIDTH, HEIGHT] = [40, 30]

function makePixels(channels: JxlPixels['channels'], isDeep: boolean, pages = 1): JxlPixels {
  const count = WIDTH * HEIGHT * pages * channels
  const value = (_: unknown, at: number) => (at * 7919) % (isDeep ? 65536 : 256)
  const data = isDeep ? Uint16Array.from({ length: count }, value) : Uint8Array.from({ length: count }, value)
  return { width: WIDTH, height: HEIGHT, channels, data }
}

const request = { width: WIDTH, height: HEIGHT, pages: 1, failOn: 'error' } as const

describe('the codec of JPEG XL', () => {
  let folder: string
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'imgproc-jxl-'))
  })
  afterAll(() => rm(folder, { recursive: true, force: true }))

  /** Writes a module with the interface of wasm-vips whose start has this body. */
  async function writeModule(name: string, body: string): Promise<string> {
    const file = join(folder, `${name}.cjs`)
    await writeFile(file, `module.exports = async () => { ${body} }\n`)
    return file
  }

  it.each([
    [1, false],
    [2, false],
    [3, false],
    [4, false],
    [1, true],
    [3, true],
    [4, true],
  ] as const)('keeps %i channels without loss, of 16 bits: %s', async (channels, isDeep) => {
    const pixels = makePixels(channels, isDeep)
    const file = await jxlCodec.encode(pixels, { lossless: true, effort: 1 }, LIMITS)
    const decoded = await jxlCodec.decode(file, request, LIMITS)
    expect(decoded).toMatchObject({ width: WIDTH, height: HEIGHT, channels })
    expect(Buffer.from(decoded.data.buffer).equals(Buffer.from(pixels.data.buffer))).toBe(true)
  })

  it('keeps the frames and times of an animation', async () => {
    const timeline = { pages: 3, delay: [20, 500, 70_000], loop: 2 }
    const pixels = { ...makePixels(3, false, 3), timeline }
    const file = await jxlCodec.encode(pixels, { lossless: true, effort: 1 }, LIMITS)
    expect(await jxlCodec.timeline(file, LIMITS)).toEqual(timeline)
    const all = await jxlCodec.decode(file, { ...request, pages: 3 }, LIMITS)
    expect(all).toMatchObject({ height: HEIGHT, timeline })
    expect(Buffer.from(all.data).equals(Buffer.from(pixels.data))).toBe(true)
    const first = await jxlCodec.decode(file, request, LIMITS)
    expect(first.timeline).toBeUndefined()
    expect(first.data.length).toBe(WIDTH * HEIGHT * 3)
  })

  it('makes smaller files of a lower quality and of a greater distance', async () => {
    const sizes = await Promise.all(
      [{ quality: 90 }, { quality: 40 }, { distance: 1 }, { distance: 6 }].map(async (encoding) => {
        const file = await jxlCodec.encode(makePixels(3, false), { ...encoding, effort: 3 }, LIMITS)
        return file.length
      }),
    )
    expect(sizes[0]).toBeGreaterThan(sizes[1]!)
    expect(sizes[2]).toBeGreaterThan(sizes[3]!)
  })

  const decodeBy = (module: string, limits: Parameters<typeof jxlCodec.decode>[2]) =>
    createJxlCodec({ module })
      .decode(Uint8Array.of(0xff, 0x0a), request, limits)
      .then(
        () => undefined,
        (error: ImgprocError) => error,
      )

  it('names the package to install if it is missing', async () => {
    expect(await decodeBy('wasm-vips-missing', LIMITS)).toMatchObject({
      code: 'UNSUPPORTED_FORMAT',
      message:
        'JPEG XL needs the package wasm-vips-missing, which is not installed: npm install wasm-vips-missing',
    })
  })

  it('is TIMED_OUT if the codec hangs, and ABORTED if the caller gives up', async () => {
    const module = await writeModule('hangs', 'for (;;);')
    expect(await decodeBy(module, { seconds: 0.3 })).toMatchObject({ code: 'TIMED_OUT', stage: 'decode' })
    const signal = AbortSignal.timeout(300)
    expect(await decodeBy(module, { seconds: 60, signal })).toMatchObject({ code: 'ABORTED' })
  })

  it('is INTERNAL and retryable if the thread crashes', async () => {
    const module = await writeModule(
      'crashes',
      "setImmediate(() => { throw new Error('a trap') }); return new Promise(() => {})",
    )
    const error = await decodeBy(module, LIMITS)
    expect(error).toMatchObject({ code: 'INTERNAL', stage: 'decode', retryable: true })
    expect(error?.message).toContain('crashed: a trap.')
  })

  it('refuses pictures that it has no memory for, before a thread starts', async () => {
    const codec = createJxlCodec({ module: 'wasm-vips-missing' })
    const huge = { width: 20_000, height: 20_000, pages: 1, failOn: 'error' } as const
    await expect(codec.decode(Uint8Array.of(), huge, LIMITS)).rejects.toMatchObject({
      code: 'INPUT_TOO_LARGE',
      message: expect.stringMatching(/^The JPEG XL has 400.0 million pixels, more than the \d+ /),
    })
    const pixels = { ...makePixels(3, false), width: 20_000, height: 20_000 }
    await expect(codec.encode(pixels, {}, LIMITS)).rejects.toMatchObject({
      code: 'INVALID_OPERATION',
      stage: 'encode',
    })
  })

  it('does not block this thread while it encodes', async () => {
    let ticks = 0
    const timer = setInterval(() => ticks++, 1)
    await jxlCodec.encode({ ...makePixels(3, false, 20), height: HEIGHT * 20 }, { effort: 7 }, LIMITS)
    clearInterval(timer)
    expect(ticks).toBeGreaterThan(5)
  })
})
