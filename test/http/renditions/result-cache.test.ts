import { readFile, stat, writeFile } from 'node:fs/promises'
import { describe, expect, it } from 'vitest'
import { createResultCache, type ResultCache } from '../../../src/http/renditions/result-cache.js'
import type { Rendition } from '../../../src/http/renditions/types.js'
import { createStores } from '../../../src/stores/create-stores.js'
import type { Store } from '../../../src/stores/types.js'
import { makeProject, type Project } from '../../support/project.js'

const KEYS = ['aa01', 'bb02', 'cc03', 'dd04', 'ee05'] as const

function open(project: Project, limits: { maxBytes?: number; memoryBytes?: number; store?: Store } = {}) {
  const { maxBytes = 1e6, memoryBytes = 0, store = createStores({ cwd: project.path }) } = limits
  return createResultCache({ store, folder: project.at('cache'), maxBytes, memoryBytes })
}

/** Returns a result of 1000 bytes, and about 1100 as it is stored. */
function make(text: string): Rendition {
  return { type: 'image/webp', data: Buffer.alloc(1000, text), width: 20, height: 10 }
}

/** Keeps results one after another, so that their order is certain. */
async function keepAll(project: Project, keys: readonly string[], limits = {}): Promise<void> {
  for (const key of keys) {
    const cache = open(project, limits)
    cache.keep(key, make(key))
    await cache.close()
  }
}

async function present(cache: ResultCache): Promise<readonly string[]> {
  const found = []
  for (const key of KEYS) if ((await cache.read(key)) !== undefined) found.push(key)
  return found
}

describe('createResultCache', () => {
  it('returns what was kept, also after a restart', async () => {
    const project = await makeProject()
    await keepAll(project, ['aa01'])
    expect(await open(project).read('aa01')).toEqual(make('aa01'))
    expect(await open(project).read('bb02')).toBeUndefined()
    expect(await project.files('cache')).toEqual(['aa/aa01', 'order.txt'])
  })

  it('recalls at once what is in memory, up to a number of bytes', async () => {
    const cache = open(await makeProject(), { memoryBytes: 4000 })
    for (const key of ['aa01', 'bb02', 'cc03']) cache.keep(key, make(key))
    expect(cache.recall('aa01')).toBeUndefined()
    expect(cache.recall('cc03')).toEqual(make('cc03'))
    await cache.close()
  })

  it('takes what is read from the store into memory', async () => {
    const project = await makeProject()
    await keepAll(project, ['aa01'])
    const cache = open(project, { memoryBytes: 4000 })
    expect(cache.recall('aa01')).toBeUndefined()
    await cache.read('aa01')
    expect(cache.recall('aa01')).toEqual(make('aa01'))
  })

  it('removes the least recently used results if they take too many bytes', async () => {
    const project = await makeProject()
    const cache = open(project, { maxBytes: 3500 })
    for (const key of ['aa01', 'bb02', 'cc03']) {
      cache.keep(key, make(key))
      await expect.poll(() => project.files('cache')).toContain(`${key.slice(0, 2)}/${key}`)
    }
    await cache.read('aa01')
    cache.keep('dd04', make('dd04'))
    await cache.close()
    expect(await present(open(project))).toEqual(['aa01', 'cc03', 'dd04'])
  })

  it('knows the order of use after a restart', async () => {
    const project = await makeProject()
    await keepAll(project, ['aa01', 'bb02', 'cc03'])
    const second = open(project, { maxBytes: 3500 })
    await second.read('aa01')
    await second.close()
    const third = open(project, { maxBytes: 3500 })
    third.keep('dd04', make('dd04'))
    await third.close()
    expect(await present(open(project))).toEqual(['aa01', 'cc03', 'dd04'])
  })

  it('keeps to the bound after a restart with a smaller one', async () => {
    const project = await makeProject()
    await keepAll(project, KEYS)
    await open(project, { maxBytes: 2500 }).close()
    expect(await present(open(project))).toEqual(['dd04', 'ee05'])
  })

  it('does not keep a result that is larger than the bound', async () => {
    const project = await makeProject()
    const cache = open(project, { maxBytes: 500 })
    cache.keep('aa01', make('aa01'))
    await cache.close()
    expect(await project.files('cache')).toEqual([])
  })

  it.each([
    ['cut off', (bytes: Buffer) => bytes.subarray(0, -1)],
    ['cut off in its first line', (bytes: Buffer) => bytes.subarray(0, 20)],
    ['empty', () => Buffer.alloc(0)],
    ['changed', (bytes: Buffer) => Buffer.concat([bytes.subarray(0, -1), Buffer.from('!')])],
    ['longer', (bytes: Buffer) => Buffer.concat([bytes, Buffer.from('!')])],
    ['something else', () => Buffer.from('{"type":1}\nhello')],
  ])('never returns an entry that is %s, and removes it', async (_, damage) => {
    const project = await makeProject()
    await keepAll(project, ['aa01'])
    const file = project.at('cache/aa/aa01')
    await writeFile(file, damage(await readFile(file)))
    expect(await open(project).read('aa01')).toBeUndefined()
    await expect(stat(file)).rejects.toThrow('ENOENT')
  })

  it('goes on without a store that fails', async () => {
    const project = await makeProject()
    const broken: Store = {
      ...createStores({ cwd: project.path }),
      write: async () => {
        throw new Error('disk full')
      },
      read: async () => {
        throw new Error('no access')
      },
    }
    const cache = open(project, { store: broken, memoryBytes: 4000 })
    cache.keep('aa01', make('aa01'))
    expect(await cache.read('bb02')).toBeUndefined()
    expect(cache.recall('aa01')).toEqual(make('aa01'))
    await cache.close()
  })

  it('keeps nothing in a store of 0 bytes', async () => {
    const project = await makeProject()
    const cache = open(project, { maxBytes: 0 })
    cache.keep('aa01', make('aa01'))
    await cache.close()
    expect(await project.files()).toEqual([])
  })
})
