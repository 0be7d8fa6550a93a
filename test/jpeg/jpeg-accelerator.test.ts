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

const later = (milliseconds: number) => new Promise((go) => setTimeout(go, milliseconds))

/** Waits for what is bound to come. */
async function until(holds: () => boolean): Promise<void> {
  while (!holds()) await later(5)
}

describe('what works on JPEGs in threads', () => {
  it('starts no thread before it has seen enough to gain by it, or was told of it', async () => {
    const patient = createFastJpeg({ bytesPerThread: 3 * (jpeg.length + 1e6) })
    for (let count = 0; count < 2; count++) expect(await patient.decode(jpeg, 8)).toBeUndefined()
    await later(200)
    expect(await patient.decode(jpeg, 8)).toBeUndefined()
    while ((await patient.decode(jpeg, 8)) === undefined) await later(5)

    const told = createFastJpeg({ bytesPerThread: 1e9 })
    told.expect(1e9, 0)
    while ((await told.decode(jpeg, 8)) === undefined) await later(5)
  })

  it('holds the process no longer than something is in work', async () => {
    const held = () => process.getActiveResourcesInfo().filter((name) => name === 'MessagePort').length
    const before = held()
    const fastJpeg = createFastJpeg({ threads: 2, bytesPerThread: 0, idleSeconds: 600 })
    fastJpeg.expect(1e9, 100)
    while ((await fastJpeg.decode(jpeg, 8)) === undefined) await later(5)
    await later(100)
    expect(held()).toBe(before)
    const decoding = fastJpeg.decode(jpeg, 8)
    await Promise.resolve()
    expect(held()).toBeGreaterThan(before)
    await decoding
    expect(held()).toBe(before)
  })

  it('decodes many at once, each for itself', async () => {
    const fastJpeg = await startFastJpeg({ threads: 3 })
    const sizes = Array.from({ length: 24 }, (_, index) => 200 + index * 8)
    const files = await Promise.all(sizes.map((width) => sharp(jpeg).resize(width).jpeg().toBuffer()))
    const decoded = await Promise.all(files.map((file) => fastJpeg.decode(file, 8)))
    expect(decoded.map((pixels) => pixels?.width)).toEqual(sizes.map((width) => width / 8))
  })

  it('gives memory back when it has been idle, and goes on after that', async () => {
    const fastJpeg = await startFastJpeg({ idleSeconds: 0.02 })
    expect(await fastJpeg.decode(jpeg, 8)).toBeDefined()
    expect(fastJpeg.retainedBytes()).toBeGreaterThan(jpeg.length)
    await until(() => fastJpeg.retainedBytes() === 0)
    while ((await fastJpeg.decode(jpeg, 8)) === undefined) await later(5)
  })
})

describe('threads that decode', () => {
  it('answer also where one ends in the middle of it', async () => {
    const threads = createWorkerPool()
    expect(await threads.use(async () => 1)).toBeUndefined()
    threads.add()
    await until(() => threads.hasIdle())
    const ended = threads.use(async ({ worker }) => {
      const exit = new Promise((done) => worker.once('exit', done))
      void worker.terminate()
      await exit
      return 'ended'
    })
    expect(await ended).toBe('ended')
    expect([threads.count(), threads.hasIdle(), await threads.use(async () => 1)]).toEqual([
      0,
      false,
      undefined,
    ])
  })
})

describe('generated files of npm run assemble', () => {
  it('match src/jpeg/assembly', async () => {
    for (const [path, text] of assemble()) expect(await readFile(path, 'utf8'), path).toBe(text)
  })
})
