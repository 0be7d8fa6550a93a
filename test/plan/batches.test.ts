import { describe, expect, it } from 'vitest'
import { planJobs } from '../../src/plan/plan-jobs.js'
import { isInShard } from '../../src/plan/shard.js'
import type { Plan, PlanBatch, PlanRequest } from '../../src/plan/types.js'
import { withDefaults } from '../../src/image/limits.js'
import { ImgprocError } from '../../src/errors.js'
import type { Store } from '../../src/stores/types.js'
import { createKeyedStore } from '../../src/stores/keyed/store.js'
import { createMemoryStore } from '../../src/stores/memory.js'
import { linesOf, thumb, web } from './planning.js'

type Request = Partial<Omit<PlanRequest, 'batches'>> & { readonly batches: readonly Partial<PlanBatch>[] }

/** Returns a store of objects with these names. */
function storeOf(...names: string[]): Store {
  return createMemoryStore(Object.fromEntries(names.map((name) => [name, Buffer.from(name)])))
}

/** Plans batches in a store; each has the preset `thumb` unless it says otherwise. */
function planBatches(store: Store, { batches, ...request }: Request): Promise<Plan> {
  return planJobs(store, {
    out: 'memory://out',
    root: '/project',
    limits: withDefaults(),
    failOn: 'error',
    ...request,
    batches: batches.map((batch) => ({ inputs: ['memory://src'], presets: [thumb], ...batch })),
  })
}

describe('several batches', () => {
  const store = storeOf('src/a/1.jpg', 'src/a/x.txt', 'src/b/2.jpg', 'src/b/y.txt', 'src/b/z.md')
  const [a, b] = ['a', 'b'].map((name) => ({ inputs: [`memory://src/${name}`] }))

  it('count the ignored files of all', async () => {
    const { ignored } = await planBatches(store, { batches: [a!, b!] })
    expect(Object.fromEntries(ignored)).toEqual({ '.txt': 2, '.md': 1 })
  })

  it('may contain one without images', async () => {
    const isOutput = (ref: string) => ref.endsWith('2.jpg')
    const planned = await planBatches(store, { batches: [a!, b!], isOutput })
    expect(linesOf(planned)).toEqual(['memory://src/a/1.jpg → 1.thumb.{ext}'])
    const none = planBatches(store, { batches: [b!], isOutput })
    await expect(none).rejects.toMatchObject({
      code: 'INVALID_USAGE',
      stage: 'plan',
      message: expect.stringMatching(/^The inputs contain no image to process: .*--allow-empty/) as string,
    })
  })

  it('run each analyzer of a source once', async () => {
    const presets = (...analyze: string[]) => [{ ...thumb, analyze }]
    const { jobs } = await planBatches(store, {
      batches: [
        { presets: [...presets('entropy'), { ...web, analyze: ['thumbhash', 'entropy'] }] },
        { ...b!, presets: presets('blurhash', 'thumbhash') },
      ],
    })
    expect(jobs.map(({ analyze }) => analyze)).toEqual([
      ['entropy', 'thumbhash'],
      ['entropy', 'thumbhash', 'blurhash'],
    ])
    const [plain] = (await planBatches(store, { batches: [a!] })).jobs
    expect(plain?.analyze).toEqual([])
    expect(plain).not.toHaveProperty('baseUrl')
  })

  it('make a rendition each, unless preset, path and recipe are the same', async () => {
    const path = '{dir}/{name}.thumb.{ext}'
    const larger = { name: 'thumb', ops: [{ thumbnail: 200 }] }
    const planned = await planBatches(store, {
      batches: [
        { ...a!, presets: [thumb, web] },
        { ...a!, presets: [thumb, larger, web, { ...thumb, name: 'other' }], path },
        { ...a!, path: 'more/{name}.{ext}' },
      ],
    })
    expect(planned.jobs[0]?.renditions.map((one) => `${one.preset} → ${one.target}`)).toEqual([
      'thumb → 1.thumb.{ext}',
      'web → 1.web.webp',
      'thumb → 1.thumb.{ext}',
      'web → 1.thumb.webp',
      'other → 1.thumb.{ext}',
      'thumb → more/1.{ext}',
    ])
  })
})

describe('output folders', () => {
  const store = storeOf('src/a.jpg', 'src/out/b.jpg', 'src/old/c.jpg')
  const out = 'memory://src/out'
  const otherOuts = ['memory://src/old']

  it('are not searched for sources, unless a single file is written', async () => {
    const paths = async (request: Partial<PlanRequest>) =>
      (await planBatches(store, { batches: [{}], ...request })).jobs.map(({ path }) =>
        path.replace('memory://src/', ''),
      )
    expect(await paths({ out })).toEqual(['a.jpg', 'old/c.jpg'])
    expect(await paths({ out, otherOuts })).toEqual(['a.jpg'])
    const only = { ignore: ['a.jpg', 'old'] }
    const outFile = 'memory://src/out/x.webp'
    const single = await planBatches(store, { batches: [only], out, outFile })
    expect(single.jobs.map(({ path }) => path)).toEqual(['memory://src/out/b.jpg'])
  })
})

describe('outputs of earlier runs that lie among the inputs', () => {
  const store = storeOf('in/a.jpg', 'in/a.thumb.jpg', 'in/b.thumb.jpg', 'more/c.jpg')
  const lists = new Map([
    ['memory://in/a.thumb.jpg', 'memory://in/a.jpg'],
    ['memory://in/b.thumb.jpg', 'memory://elsewhere/b.jpg'],
  ])
  const batch = { inputs: ['memory://in', 'memory://more', 'memory://in/*.jpg'] }

  it('are left out if their sources are inputs too', async () => {
    const asked: string[] = []
    const { jobs } = await planBatches(store, {
      batches: [batch],
      listOutputsIn: async (folder) => {
        asked.push(folder)
        return folder === 'memory://in' ? lists : new Map()
      },
    })
    expect(jobs.map(({ source }) => source.ref)).toEqual([
      'memory://in/a.jpg',
      'memory://in/b.thumb.jpg',
      'memory://more/c.jpg',
    ])
    expect(asked).toEqual(['memory://in', 'memory://more'])
  })

  it('are inputs if no folder lists them', async () => {
    const { jobs } = await planBatches(store, { batches: [batch], listOutputsIn: async () => new Map() })
    expect(jobs).toHaveLength(4)
  })

  it('are inputs if they are named themselves', async () => {
    const { jobs } = await planBatches(store, {
      batches: [{ inputs: ['memory://in/a.jpg', 'memory://in/a.thumb.jpg'] }],
      listOutputsIn: async () => lists,
    })
    expect(jobs).toHaveLength(2)
  })
})

describe('a shard', () => {
  const names = Array.from({ length: 20 }, (_, at) => `src/${at}.jpg`)

  it('has the sources of its share', async () => {
    const store = storeOf(...names, 'src/x.txt')
    const all = (await planBatches(store, { batches: [{}] })).jobs
    const shard = { index: 2, count: 3 }
    const { jobs, ignored } = await planBatches(store, { batches: [{}], shard })
    expect(jobs).toEqual(all.filter(({ id }) => isInShard(id, shard)))
    expect(jobs.length).toBeLessThan(all.length)
    expect(ignored.get('.txt')).toBe(1)
  })

  it('is refused if an input is in the output folder', async () => {
    const request = { batches: [{ inputs: ['memory://out/in'] }], shard: { index: 1, count: 2 } }
    const planned = planBatches(storeOf('out/in/a.jpg'), request)
    await expect(planned).rejects.toMatchObject({ code: 'INVALID_USAGE', path: 'memory://out/in/a.jpg' })
  })
})

describe('URLs that differ only by their query', () => {
  const urls = ['a.jpg?v=1', 'a.jpg?v=2', 'b.jpg?v=1'].map((name) => `https://example.org/x/${name}`)
  const store = createKeyedStore({
    scheme: 'https',
    list: async function* () {},
    stat: async (ref) => ({ ref, size: 1 }),
    read: async () => new Uint8Array(),
    write: async (ref) => ({ ref, size: 1 }),
  })

  it('are different sources with outputs of their own', async () => {
    const planned = await planBatches(store, { batches: [{ inputs: urls }] })
    const lines = linesOf(planned).map((line) => line.replaceAll(/[0-9a-f]{8}/g, 'HASH'))
    expect(lines.map((line) => line.replaceAll('https://example.org', ''))).toEqual([
      '/x/a.jpg?HASH → a-HASH.thumb.{ext}',
      '/x/a.jpg?HASH → a-HASH.thumb.{ext}',
      '/x/b.jpg → b.thumb.{ext}',
    ])
    expect(new Set(linesOf(planned)).size).toBe(3)
  })
})

describe('the base that is advised for colliding outputs', () => {
  /** Returns what the error advises for inputs of one name each. */
  async function advice(inputs: string[], request: Partial<PlanRequest> & { base?: string } = {}) {
    const { base, ...more } = request
    const refs = inputs.map((input) => `memory://${input}`)
    const batches = [{ inputs: refs, presets: [web], ...(base !== undefined && { base }) }]
    const planned = planBatches(storeOf(...inputs), { batches, ...more })
    const error: unknown = await planned.catch((caught: unknown) => caught)
    if (!(error instanceof ImgprocError)) throw new Error('the plan was accepted')
    return error.message.slice(error.message.lastIndexOf('\n') + 1).trim()
  }

  it('is the deepest folder that contains all inputs', async () => {
    expect(await advice(['src/a/x.jpg', 'src/b/x.jpg'])).toBe("base: 'memory://src'")
    expect(await advice(['src/p/a/x.jpg', 'src/p/b/x.jpg'])).toBe("base: 'memory://src/p'")
  })

  it('is joined by a template if it does not suffice', async () => {
    expect(await advice(['src/a/x.jpg', 'src/b/x.jpg', 'src/b/x.png'])).toBe(
      "base: 'memory://src', path: '{dir}/{name}.{srcext}.{preset}.{ext}'",
    )
  })

  it('is none if the inputs have one base, or the run names one', async () => {
    const path = "path: '{dir}/{name}.{srcext}.{preset}.{ext}'"
    expect(await advice(['src/a/x.jpg', 'src/a/x.png'])).toBe(path)
    expect(await advice(['src/a/x.jpg', 'src/a/x.png', 'src/b/y.jpg'], { base: 'memory://src' })).toBe(path)
  })

  it('is formatted as the command that was used', async () => {
    const suggest = (change: object) => JSON.stringify(change)
    expect(await advice(['src/a/x.jpg', 'src/b/x.jpg'], { suggest })).toBe('{"base":"memory://src"}')
  })
})
