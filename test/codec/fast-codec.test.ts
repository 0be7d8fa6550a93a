import { readFile } from 'node:fs/promises'
import sharp from 'sharp'
import { beforeAll, describe, expect, it } from 'vitest'
import { createFastCodec } from '../../src/codec/fast-codec.js'
import { createWorkerPool } from '../../src/codec/workers/worker-pool.js'
import { assemble } from '../../scripts/assemble.js'
import { startFastCodec } from '../support/fast-codec.js'
import { makePicture } from '../support/pictures.js'

let jpeg: Buffer

beforeAll(async () => {
  jpeg = await sharp(await makePicture('rgb', 640, 480))
    .jpeg({ quality: 95 })
    .toBuffer()
})

const delay = (milliseconds: number) => new Promise((resolve) => setTimeout(resolve, milliseconds))

/** Polls until a condition holds. */
async function until(holds: () => boolean): Promise<void> {
  while (!holds()) await delay(5)
}

describe('fast JPEG', () => {
  it('starts a thread only after enough bytes are processed or expected', async () => {
    const waiting = createFastCodec({ bytesPerThread: 3 * (jpeg.length + 1e6) })
    for (let count = 0; count < 2; count++) expect(await waiting.decode(jpeg, 8)).toBeUndefined()
    await delay(200)
    expect(await waiting.decode(jpeg, 8)).toBeUndefined()
    while ((await waiting.decode(jpeg, 8)) === undefined) await delay(5)

    const expecting = createFastCodec({ bytesPerThread: 1e9 })
    expecting.expect(6e9, 0)()
    while ((await expecting.decode(jpeg, 8)) === undefined) await delay(5)
  })

  it('processes announced files in the thread of the caller until threads have started', async () => {
    const [pixels, fastCodec] = [
      await (await startFastCodec()).decode(jpeg, 8),
      createFastCodec({ threads: 2 }),
    ]
    const done = fastCodec.expect(jpeg.length, 1)
    const decoded = await Promise.all([fastCodec.decode(jpeg, 8), fastCodec.decode(jpeg, 8)])
    expect(decoded).toEqual([pixels, pixels])
    expect(fastCodec.retainedBytes()).toBeGreaterThan(jpeg.length)
    done()
    expect(fastCodec.retainedBytes()).toBe(0)
    expect(await fastCodec.decode(jpeg, 8)).toBeUndefined()
  })

  it('does not process a large file in the thread of the caller', async () => {
    const fastCodec = createFastCodec({ bytesPerThread: 1e9 })
    const large = Buffer.concat([jpeg, Buffer.alloc(8 * 1024 * 1024)])
    const done = fastCodec.expect(large.length, 1)
    expect(await fastCodec.decode(large, 8)).toBeUndefined()
    done()
  })

  it('refuses a damaged file in the thread of the caller, and processes the next', async () => {
    const fastCodec = createFastCodec({ bytesPerThread: 1e9 })
    const done = fastCodec.expect(2 * jpeg.length, 2)
    expect(await fastCodec.decode(jpeg.subarray(0, jpeg.length / 2), 8)).toBeUndefined()
    expect(await fastCodec.decode(jpeg, 8)).toBeDefined()
    done()
  })

  it('uses threads once they have started', async () => {
    const fastCodec = createFastCodec({ threads: 1, idleSeconds: 600 })
    const done = fastCodec.expect(1e9, 100)
    expect(await fastCodec.decode(jpeg, 8)).toBeDefined()
    done()
    while ((await fastCodec.decode(jpeg, 8)) === undefined) await delay(5)
    expect(fastCodec.retainedBytes()).toBeGreaterThan(jpeg.length)
  })

  it('keeps the process alive only during requests', async () => {
    const countPorts = () => process.getActiveResourcesInfo().filter((name) => name === 'MessagePort').length
    const before = countPorts()
    const fastCodec = createFastCodec({ threads: 2, bytesPerThread: 0, idleSeconds: 600 })
    fastCodec.expect(1e9, 100)()
    while ((await fastCodec.decode(jpeg, 8)) === undefined) await delay(5)
    // The second worker may still be starting.
    await until(() => countPorts() === before)
    const decoding = fastCodec.decode(jpeg, 8)
    await Promise.resolve()
    expect(countPorts()).toBeGreaterThan(before)
    await decoding
    expect(countPorts()).toBe(before)
  })

  it('decodes many files in parallel', async () => {
    const fastCodec = await startFastCodec({ threads: 3 })
    const sizes = Array.from({ length: 24 }, (_, index) => 200 + index * 8)
    const files = await Promise.all(sizes.map((width) => sharp(jpeg).resize(width).jpeg().toBuffer()))
    const decoded = await Promise.all(files.map((file) => fastCodec.decode(file, 8)))
    expect(decoded.map((pixels) => pixels?.width)).toEqual(sizes.map((width) => width / 8))
  })

  it('frees memory when idle, and works again after that', async () => {
    const fastCodec = await startFastCodec({ idleSeconds: 0.02 })
    expect(await fastCodec.decode(jpeg, 8)).toBeDefined()
    expect(fastCodec.retainedBytes()).toBeGreaterThan(jpeg.length)
    await until(() => fastCodec.retainedBytes() === 0)
    while ((await fastCodec.decode(jpeg, 8)) === undefined) await delay(5)
  })
})

describe('JPEG worker pool', () => {
  it('finishes a request if its worker exits', async () => {
    const pool = createWorkerPool()
    expect(await pool.use(async () => 1)).toBeUndefined()
    pool.add()
    await until(() => pool.hasIdle())
    const ended = pool.use(async ({ worker }) => {
      const exit = new Promise((done) => worker.once('exit', done))
      void worker.terminate()
      await exit
      return 'ended'
    })
    expect(await ended).toBe('ended')
    expect([pool.count(), pool.hasIdle(), await pool.use(async () => 1)]).toEqual([0, false, undefined])
  })
})

describe('generated files of npm run assemble', () => {
  it('match src/codec/assembly', async () => {
    for (const [path, text] of assemble()) expect(await readFile(path, 'utf8'), path).toBe(text)
  })
})
