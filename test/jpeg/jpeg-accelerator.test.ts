import { readFile } from 'node:fs/promises'
import sharp from 'sharp'
import { beforeAll, describe, expect, it } from 'vitest'
import { createFastJpeg } from '../../src/jpeg/jpeg-accelerator.js'
import { createWorkerPool } from '../../src/jpeg/workers/worker-pool.js'
import { assemble } from '../../scripts/assemble.js'
import { startFastJpeg } from '../support/fast-jpeg.js'
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
    const waiting = createFastJpeg({ bytesPerThread: 3 * (jpeg.length + 1e6) })
    for (let count = 0; count < 2; count++) expect(await waiting.decode(jpeg, 8)).toBeUndefined()
    await delay(200)
    expect(await waiting.decode(jpeg, 8)).toBeUndefined()
    while ((await waiting.decode(jpeg, 8)) === undefined) await delay(5)

    const expecting = createFastJpeg({ bytesPerThread: 1e9 })
    expecting.expect(6e9, 0)()
    while ((await expecting.decode(jpeg, 8)) === undefined) await delay(5)
  })

  it('processes announced files in the thread of the caller until threads have started', async () => {
    const [pixels, fastJpeg] = [await (await startFastJpeg()).decode(jpeg, 8), createFastJpeg({ threads: 2 })]
    const done = fastJpeg.expect(jpeg.length, 1)
    const decoded = await Promise.all([fastJpeg.decode(jpeg, 8), fastJpeg.decode(jpeg, 8)])
    expect(decoded).toEqual([pixels, pixels])
    expect(fastJpeg.retainedBytes()).toBeGreaterThan(jpeg.length)
    done()
    expect(fastJpeg.retainedBytes()).toBe(0)
    expect(await fastJpeg.decode(jpeg, 8)).toBeUndefined()
  })

  it('does not process a large file in the thread of the caller', async () => {
    const fastJpeg = createFastJpeg({ bytesPerThread: 1e9 })
    const large = Buffer.concat([jpeg, Buffer.alloc(8 * 1024 * 1024)])
    const done = fastJpeg.expect(large.length, 1)
    expect(await fastJpeg.decode(large, 8)).toBeUndefined()
    done()
  })

  it('refuses a damaged file in the thread of the caller, and processes the next', async () => {
    const fastJpeg = createFastJpeg({ bytesPerThread: 1e9 })
    const done = fastJpeg.expect(2 * jpeg.length, 2)
    expect(await fastJpeg.decode(jpeg.subarray(0, jpeg.length / 2), 8)).toBeUndefined()
    expect(await fastJpeg.decode(jpeg, 8)).toBeDefined()
    done()
  })

  it('uses threads once they have started', async () => {
    const fastJpeg = createFastJpeg({ threads: 1, idleSeconds: 600 })
    const done = fastJpeg.expect(1e9, 100)
    expect(await fastJpeg.decode(jpeg, 8)).toBeDefined()
    done()
    while ((await fastJpeg.decode(jpeg, 8)) === undefined) await delay(5)
    expect(fastJpeg.retainedBytes()).toBeGreaterThan(jpeg.length)
  })

  it('keeps the process alive only during requests', async () => {
    const countPorts = () => process.getActiveResourcesInfo().filter((name) => name === 'MessagePort').length
    const before = countPorts()
    const fastJpeg = createFastJpeg({ threads: 2, bytesPerThread: 0, idleSeconds: 600 })
    fastJpeg.expect(1e9, 100)()
    while ((await fastJpeg.decode(jpeg, 8)) === undefined) await delay(5)
    // The second worker may still be starting.
    await until(() => countPorts() === before)
    const decoding = fastJpeg.decode(jpeg, 8)
    await Promise.resolve()
    expect(countPorts()).toBeGreaterThan(before)
    await decoding
    expect(countPorts()).toBe(before)
  })

  it('decodes many files in parallel', async () => {
    const fastJpeg = await startFastJpeg({ threads: 3 })
    const sizes = Array.from({ length: 24 }, (_, index) => 200 + index * 8)
    const files = await Promise.all(sizes.map((width) => sharp(jpeg).resize(width).jpeg().toBuffer()))
    const decoded = await Promise.all(files.map((file) => fastJpeg.decode(file, 8)))
    expect(decoded.map((pixels) => pixels?.width)).toEqual(sizes.map((width) => width / 8))
  })

  it('frees memory when idle, and works again after that', async () => {
    const fastJpeg = await startFastJpeg({ idleSeconds: 0.02 })
    expect(await fastJpeg.decode(jpeg, 8)).toBeDefined()
    expect(fastJpeg.retainedBytes()).toBeGreaterThan(jpeg.length)
    await until(() => fastJpeg.retainedBytes() === 0)
    while ((await fastJpeg.decode(jpeg, 8)) === undefined) await delay(5)
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
  it('match src/jpeg/assembly', async () => {
    for (const [path, text] of assemble()) expect(await readFile(path, 'utf8'), path).toBe(text)
  })
})
