import { readFile } from 'node:fs/promises'
import { describe, expect, it } from 'vitest'
import type { SourceFingerprint } from '../../src/state/fingerprints.js'
import { matchesFingerprint, readSourceIndex, writeSourceIndex } from '../../src/state/source-index.js'
import type { Source, Store } from '../../src/stores/types.js'
import { createFileStore } from '../../src/stores/file/store.js'
import { createMemoryStore } from '../../src/stores/memory.js'
import { makeProject } from '../support/project.js'

const STATE = 'memory://out/.imgproc'
const FILE = `${STATE}/seen.json`
const sources = new Map<string, SourceFingerprint>([
  ['b', { size: 2, etag: '"x"', failed: '1 1 1 1 error' }],
  ['a', { size: 1, modified: '2026-01-01T00:00:00.000Z' }],
])
const index = { sources, manifest: 'abc' }

describe('source index', () => {
  it('is read back as it was written, in any order', async () => {
    const store = createMemoryStore()
    await writeSourceIndex(store, STATE, index)
    expect(await readSourceIndex(store, STATE)).toEqual(index)
  })

  it('is written only if its content changes', async () => {
    const store = createMemoryStore()
    await writeSourceIndex(store, STATE, index)
    const first = await store.stat(FILE)
    await writeSourceIndex(store, STATE, { ...index, sources: new Map([...sources].toReversed()) })
    expect(await store.stat(FILE)).toEqual(first)
  })

  it('has one source a line, sorted by id', async () => {
    const store = createMemoryStore()
    const textOf = async () => Buffer.from(await store.read(FILE)).toString()
    await writeSourceIndex(store, STATE, index)
    expect(await textOf()).toBe(
      [
        '{ "version": 1, "manifest": "abc", "sources": {',
        '  "a": {"size":1,"modified":"2026-01-01T00:00:00.000Z"},',
        '  "b": {"size":2,"etag":"\\"x\\"","failed":"1 1 1 1 error"}',
        '} }',
        '',
      ].join('\n'),
    )
    await writeSourceIndex(store, STATE, { sources: new Map([['c', { size: 3, changed: 5 }]]) })
    expect(await textOf()).toBe('{ "version": 1, "sources": {\n  "c": {"size":3,"changed":5}\n} }\n')
    expect(await readSourceIndex(store, STATE)).toEqual({
      sources: new Map([['c', { size: 3, changed: 5 }]]),
    })
  })

  it('is kept out of Git on the disk, unless there is a file for that', async () => {
    const project = await makeProject()
    const store = createFileStore({ cwd: project.path })
    await writeSourceIndex(store, project.at('one'), index)
    expect(await readFile(project.at('one/.gitignore'), 'utf8')).toBe('*\n')
    await project.write('two/.gitignore', 'mine')
    await writeSourceIndex(store, project.at('two'), index)
    expect(await readFile(project.at('two/.gitignore'), 'utf8')).toBe('mine')
    expect(await readSourceIndex(store, project.at('two'))).toEqual(index)
    const remote = createMemoryStore()
    await writeSourceIndex(remote, STATE, index)
    expect(await remote.stat(`${STATE}/.gitignore`)).toBeUndefined()
  })

  it('is written even if that file cannot be', async () => {
    const project = await makeProject()
    const held = createFileStore({ cwd: project.path })
    const write: Store['write'] = async (ref, data, meta) => {
      if (ref.endsWith('.gitignore')) throw new Error('full')
      return held.write(ref, data, meta)
    }
    await writeSourceIndex({ ...held, write }, project.at('one'), index)
    expect(await readSourceIndex(held, project.at('one'))).toEqual(index)
  })

  it.each<object>([
    { size: '1' },
    {},
    { size: 1, modified: 1 },
    { size: 1, etag: false },
    { size: 1, changed: '5' },
    { size: 1, failed: null },
  ])('is empty if one source is %j', async (source) => {
    const text = JSON.stringify({ version: 1, manifest: 'abc', sources: { a: { size: 1 }, b: source } })
    const store = createMemoryStore({ 'out/.imgproc/seen.json': Buffer.from(text) })
    expect(await readSourceIndex(store, STATE)).toEqual({ sources: new Map() })
  })

  it('has no hash of a manifest if that is no text', async () => {
    const text = JSON.stringify({ version: 1, manifest: 5, sources: { a: { size: 1 } } })
    const store = createMemoryStore({ 'out/.imgproc/seen.json': Buffer.from(text) })
    expect(await readSourceIndex(store, STATE)).toStrictEqual({ sources: new Map([['a', { size: 1 }]]) })
  })

  it.each(['', '[]', '{', '{"version":2,"sources":{}}', '{"version":1,"sources":{"a":{"size":"1"}}}'])(
    'is empty if the file holds %j',
    async (text) => {
      const store = createMemoryStore({ 'out/.imgproc/seen.json': Buffer.from(text) })
      expect(await readSourceIndex(store, STATE)).toEqual({ sources: new Map() })
    },
  )

  it('is empty if there is no file', async () => {
    expect(await readSourceIndex(createMemoryStore(), STATE)).toEqual({ sources: new Map() })
  })
})

describe('matchesFingerprint', () => {
  const source = { ref: 'a.jpg', size: 5, modified: 'monday', etag: '"1"' }

  it('returns undefined if nothing is known but the size', () => {
    expect(matchesFingerprint({ ref: 'a.jpg', size: 5 }, { size: 5 })).toBeUndefined()
  })

  it.each<[string, Partial<Source>, SourceFingerprint, boolean | undefined]>([
    [
      'returns true if the ETag is the same, whatever the mtime',
      { modified: 'friday' },
      { size: 5, modified: 'monday', etag: '"1"' },
      true,
    ],
    ['returns false for another ETag', {}, { size: 5, modified: 'monday', etag: '"2"' }, false],
    ['returns false for another size', {}, { size: 6, modified: 'monday', etag: '"1"' }, false],
    ['returns true if the mtime is the same and there is no ETag', {}, { size: 5, modified: 'monday' }, true],
    [
      'returns undefined for another file of the same mtime',
      { changed: 2 },
      { size: 5, modified: 'monday', changed: 1 },
      undefined,
    ],
    ['returns true for the same file', { changed: 1 }, { size: 5, modified: 'monday', changed: 1 }, true],
    ['returns true if the file was not known', { changed: 1 }, { size: 5, modified: 'monday' }, true],
    ['returns true if the file is not known', {}, { size: 5, modified: 'monday', changed: 1 }, true],
    ['returns undefined for another mtime', {}, { size: 5, modified: 'friday' }, undefined],
    ['returns undefined if the size is unknown', { size: 0 }, { size: 5, modified: 'friday' }, undefined],
  ])('%s', (_, change, before, expected) => {
    expect(matchesFingerprint({ ...source, ...change }, before)).toBe(expected)
  })
})
