import { describe, expect, it } from 'vitest'
import {
  matchesFingerprint,
  readSourceIndex,
  writeSourceIndex,
  type SourceFingerprint,
} from '../../src/state/source-index.js'
import { createMemoryStore } from '../../src/stores/memory.js'

const FILE = 'memory://out/.imgproc/seen.json'
const sources = new Map<string, SourceFingerprint>([
  ['b', { size: 2, etag: '"x"', failed: '1 1 1 1 error' }],
  ['a', { size: 1, modified: '2026-01-01T00:00:00.000Z' }],
])
const seen = { sources, manifest: 'abc' }

describe('what is known of sources', () => {
  it('is read as it was written, whatever its order', async () => {
    const store = createMemoryStore()
    await writeSourceIndex(store, 'memory://out', seen)
    expect(await readSourceIndex(store, 'memory://out')).toEqual(seen)
  })

  it('is written only where it says something new', async () => {
    const store = createMemoryStore()
    await writeSourceIndex(store, 'memory://out', seen)
    const first = await store.stat(FILE)
    await writeSourceIndex(store, 'memory://out', { ...seen, sources: new Map([...sources].toReversed()) })
    expect(await store.stat(FILE)).toEqual(first)
  })

  it.each(['', '[]', '{', '{"version":2,"sources":{}}', '{"version":1,"sources":{"a":{"size":"1"}}}'])(
    'is nothing where the file holds %j',
    async (text) => {
      const store = createMemoryStore({ 'out/.imgproc/seen.json': Buffer.from(text) })
      expect(await readSourceIndex(store, 'memory://out')).toEqual({ sources: new Map() })
    },
  )

  it('is nothing where there is no file', async () => {
    expect(await readSourceIndex(createMemoryStore(), 'memory://out')).toEqual({ sources: new Map() })
  })
})

describe('a source is the same', () => {
  const source = { ref: 'a.jpg', size: 5, modified: 'monday', etag: '"1"' }
  it.each<[string, Partial<typeof source>, SourceFingerprint, boolean | undefined]>([
    [
      'by its ETag, whenever it was written',
      { modified: 'friday' },
      { size: 5, modified: 'monday', etag: '"1"' },
      true,
    ],
    ['not with another ETag', {}, { size: 5, modified: 'monday', etag: '"2"' }, false],
    ['not with another size', {}, { size: 6, modified: 'monday', etag: '"1"' }, false],
    ['by its time, where there is no ETag', {}, { size: 5, modified: 'monday' }, true],
    ['perhaps, with another time', {}, { size: 5, modified: 'friday' }, undefined],
    ['perhaps, where no size is told', { size: 0 }, { size: 5, modified: 'friday' }, undefined],
  ])('%s', (_, change, before, expected) => {
    expect(matchesFingerprint({ ...source, ...change }, before)).toBe(expected)
  })
})
