import { setTimeout as sleep } from 'node:timers/promises'
import { describe, expect, it } from 'vitest'
import { findSources, type SourceRequest } from '../../src/plan/find-sources.js'
import { ImgprocError } from '../../src/errors.js'
import type { Backend, Store } from '../../src/stores/types.js'
import { createKeyedStore } from '../../src/stores/keyed/store.js'
import { createMemoryStore } from '../../src/stores/memory.js'

const JPEG = Buffer.from([0xff, 0xd8, 0xff, 0xe0])
const TEXT = Buffer.from('text')

/** Returns a store with these bytes, and the refs that were read. */
function setUp(files: Readonly<Record<string, Uint8Array>>, changes: Partial<Backend> = {}) {
  const reads: string[] = []
  const held = createMemoryStore(files)
  const store: Store = createKeyedStore({
    scheme: 'memory',
    list: (prefix) => held.list(prefix),
    stat: (ref) => held.stat(ref),
    write: (ref, data, meta) => held.write(ref, data, meta),
    ...changes,
    read: async (ref, options) => {
      reads.push(ref)
      return changes.read === undefined ? held.read(ref, options) : changes.read(ref, options)
    },
  })
  return { store, reads }
}

/** Returns the keys of the sources that are found. */
async function keysOf(store: Store, inputs: string[], more: Partial<SourceRequest> = {}): Promise<string[]> {
  const { sources } = await findSources(store, { inputs, ...more })
  return [...sources].map(({ source }) => source.ref.replace('memory://', ''))
}

describe('findSources in a store of keys', () => {
  it('returns the base of each input, and the folders that were searched', async () => {
    const { store } = setUp({ 'a/1.jpg': JPEG, 'b/2.jpg': JPEG, 'c/d/3.jpg': JPEG })
    const inputs = ['a', 'b/2.jpg', 'c/**/*.jpg', 'a/*.jpg', 'none.jpg'].map((name) => `memory://${name}`)
    const { bases, folders, sources } = await findSources(store, { inputs })
    expect(bases).toEqual(['memory://a', 'memory://b', 'memory://c', 'memory://a', 'memory://'])
    expect(folders).toEqual(['memory://a', 'memory://c'])
    expect([...sources].map(({ base }) => base)).toEqual([
      'memory://a',
      'memory://b',
      'memory://c',
      'memory://',
    ])
  })

  it('finds nothing without inputs', async () => {
    const { sources, bases, folders } = await findSources(setUp({}).store, { inputs: [] })
    expect([[...sources], bases, folders]).toEqual([[], [], []])
  })

  it('reads the first bytes of keys without an extension, each once', async () => {
    const { store, reads } = setUp({
      'in/1.jpg': JPEG,
      'in/photo': JPEG,
      'in/README': TEXT,
      'in/x.bin': JPEG,
    })
    const { sources, ignored } = await findSources(store, { inputs: ['memory://in', 'memory://in/**'] })
    expect([...sources].map(({ source }) => source.ref)).toEqual(['memory://in/1.jpg', 'memory://in/photo'])
    expect(Object.fromEntries(ignored)).toEqual({ README: 1, '.bin': 1 })
    expect(reads.toSorted()).toEqual(['memory://in/README', 'memory://in/photo'])
  })

  it('reads a key whose size the store does not know', async () => {
    const list = async function* () {
      yield { ref: 'memory://in/photo', size: 0 }
    }
    expect(await keysOf(setUp({ 'in/photo': JPEG }, { list }).store, ['memory://in'])).toEqual(['in/photo'])
  })

  it('does not mistake a damaged connection for a file that is no image', async () => {
    const failing = (code: 'READ_FAILED' | 'ACCESS_DENIED', retryable: boolean) => {
      const error = new ImgprocError(code, 'Cannot read it.', { stage: 'read', retryable })
      return setUp({ 'in/1.jpg': JPEG, 'in/photo': JPEG }, { read: () => Promise.reject(error) }).store
    }
    await expect(keysOf(failing('READ_FAILED', true), ['memory://in'])).rejects.toMatchObject({
      message: expect.stringContaining('Cannot read it.') as string,
    })
    expect(await keysOf(failing('ACCESS_DENIED', false), ['memory://in'])).toEqual(['in/1.jpg'])
  })

  it('rejects once if reading fails while listing goes on, and then listing fails too', async () => {
    const failure = new ImgprocError('READ_FAILED', 'Cannot read it.', { stage: 'read', retryable: true })
    const list = async function* () {
      yield { ref: 'memory://in/photo', size: 9 }
      await sleep(5)
      throw new ImgprocError('READ_FAILED', 'Cannot list it.', { stage: 'read' })
    }
    const { store } = setUp({ 'in/photo': JPEG }, { list, read: () => Promise.reject(failure) })
    // A rejection that nobody handles fails the test.
    await expect(keysOf(store, ['memory://in'])).rejects.toMatchObject({
      message: expect.stringContaining('Cannot list it.') as string,
    })
  })

  it('rejects with ABORTED if the signal is aborted while it reads', async () => {
    const controller = new AbortController()
    const read = async () => {
      controller.abort()
      throw new Error('interrupted')
    }
    const { store } = setUp({ 'in/photo': JPEG }, { read })
    const { signal } = controller
    await expect(keysOf(store, ['memory://in'], { signal })).rejects.toMatchObject({ code: 'ABORTED' })
  })

  it('accepts a folder of which all images are ignored, but not one that has none', async () => {
    const { store } = setUp({ 'in/photo': JPEG, 'in/x.bin': JPEG, 'in/README': TEXT })
    const without = (...ignore: string[]) => keysOf(store, ['memory://in'], { ignore })
    expect(await without('photo', 'x.bin')).toEqual([])
    for (const input of ['memory://in/x.*', 'memory://in/R*'])
      await expect(keysOf(store, [input], { ignore: ['photo'] })).rejects.toMatchObject({
        code: 'INVALID_USAGE',
      })
  })

  it('names a missing key as it was written', async () => {
    const missing = keysOf(setUp({}).store, ['memory://in/1.jpg'])
    await expect(missing).rejects.toMatchObject({
      code: 'INVALID_USAGE',
      stage: 'plan',
      path: 'memory://in/1.jpg',
      message: 'There is no "memory://in/1.jpg". Check the path.',
    })
  })
})
