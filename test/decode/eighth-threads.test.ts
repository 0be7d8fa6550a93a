import sharp from 'sharp'
import { beforeAll, describe, expect, it } from 'vitest'
import { createEighth } from '../../src/decode/eighth.js'
import { createThreads } from '../../src/decode/eighth-threads.js'
import { EIGHTH_WASM } from '../../src/decode/eighth-wasm.js'
import { assemble } from '../../scripts/assemble.js'
import { startEighth } from '../support/jpeg-eighth.js'
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

describe('what decodes at 1/8', () => {
  it('starts no thread before it has seen enough to gain by it, or was told of it', async () => {
    const patient = createEighth({ patience: 3 * jpeg.length })
    for (let count = 0; count < 2; count++) expect(await patient.decode(jpeg)).toBeUndefined()
    await later(200)
    expect(await patient.decode(jpeg)).toBeUndefined()
    while ((await patient.decode(jpeg)) === undefined) await later(5)

    const told = createEighth({ patience: 1e9 })
    told.expect(1e9)
    while ((await told.decode(jpeg)) === undefined) await later(5)
  })

  it('leaves small files to others', async () => {
    const small = await sharp(jpeg).resize(320).jpeg().toBuffer()
    const eighth = createEighth({ patience: 0, least: small.length + 1 })
    while ((await eighth.decode(jpeg)) === undefined) await later(5)
    expect(await eighth.decode(small)).toBeUndefined()
    expect(await (await startEighth()).decode(small)).toBeDefined()
  })

  it('decodes many at once, each for itself', async () => {
    const eighth = await startEighth({ threads: 3 })
    const sizes = Array.from({ length: 24 }, (_, index) => 200 + index * 8)
    const files = await Promise.all(sizes.map((width) => sharp(jpeg).resize(width).jpeg().toBuffer()))
    const decoded = await Promise.all(files.map((file) => eighth.decode(file)))
    expect(decoded.map((pixels) => pixels?.width)).toEqual(sizes.map((width) => width / 8))
  })

  it('gives memory back when it has been idle, and goes on after that', async () => {
    const eighth = await startEighth({ idleSeconds: 0.02 })
    expect(await eighth.decode(jpeg)).toBeDefined()
    expect(eighth.kept()).toBeGreaterThan(jpeg.length)
    await until(() => eighth.kept() === 0)
    while ((await eighth.decode(jpeg)) === undefined) await later(5)
  })
})

describe('threads that decode', () => {
  it('answer also where one ends in the middle of it', async () => {
    const threads = createThreads()
    expect(await threads.use(async () => 1)).toBeUndefined()
    threads.add()
    await until(() => threads.hasFree())
    const ended = threads.use(async ({ worker }) => {
      const exit = new Promise((done) => worker.once('exit', done))
      void worker.terminate()
      await exit
      return 'ended'
    })
    expect(await ended).toBe('ended')
    expect([threads.count(), threads.hasFree(), await threads.use(async () => 1)]).toEqual([
      0,
      false,
      undefined,
    ])
  })
})

describe('the WebAssembly', () => {
  it('is what npm run assemble makes', () => {
    const bytes = [...assemble().matchAll(/^ {2}'(.*)'/gm)].map(([, part]) => part).join('')
    expect(bytes).toBe(EIGHTH_WASM)
  })
})
