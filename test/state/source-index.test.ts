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
const index = { sources, manifest: 'abc' }

describe('source index', () => {
  it('is read back as it was written, in any order', async () => {
    const store = createMemoryStore()
    await writeSourceIndex(store, 'memory://out', index)
    expect(await readSourceIndex(store, 'memory://out')).toEqual(index)
  })

  it('is written only if its content changes', async () => {
    const store = createMemoryStore()
    await writeSourceIndex(store, 'memory://out', index)
    const first = await store.stat(FILE)
    await writeSourceIndex(store, 'memory://out', { ...index, sources: new Map([...sources].toReversed()) })
    expect(await store.stat(FILE)).toEqual(first)
  })

  it.each(['', '[]', '{', '{"version":2,"sources":{}}', '{"version":1,"sources":{"a":{"size":"1"}}}'])(
    'is empty if the file holds %j',
    async (text) => {
      const store = createMemoryStore({ 'out/.imgproc/seen.json': Buffer.from(text) })
      expect(await readSourceIndex(store, 'memory://out')).toEqual({ sources: new Map() })
    },
  )

  it('is empty if there is no file', async () => {
    expect(await readSourceIndex(createMemoryStore(), 'memory://out')).toEqual({ sources: new Map() })
  })
})

describe('matchesFingerprint', () => {
  const source = { ref: 'a.jpg', size: 5, modified: 'monday', etag: '"1"' }
  it.each<[string, Partial<typeof source>, SourceFingerprint, boolean | undefined]>([
    [
      'returns true if the ETag is the same, whatever the mtime',
      { modified: 'friday' },
      { size: 5, modified: 'monday', etag: '"1"' },
      true,
    ],
    ['returns false for another ETag', {}, { size: 5, modified: 'monday', etag: '"2"' }, false],
    ['returns false for another size', {}, { size: 6, modified: 'monday', etag: '"1"' }, false],
    ['returns true if the mtime is the same and there is no ETag', {}, { size: 5, modified: 'monday' }, true],
    ['returns undefined for another mtime', {}, { size: 5, modified: 'friday' }, undefined],
    ['returns undefined if the size is unknown', { size: 0 }, { size: 5, modified: 'friday' }, undefined],
  ])('%s', (_, change, before, expected) => {
    expect(matchesFingerprint({ ...source, ...change }, before)).toBe(expected)
  })
})
