import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  changeFingerprints,
  type FingerprintChange,
  type SourceFingerprint,
} from '../../src/state/fingerprints.js'
import { readSourceIndex, writeSourceIndex } from '../../src/state/source-index.js'
import { createFileStore } from '../../src/stores/file/store.js'
import { sha256 } from '../../src/utils/sha256.js'
import { makeProject } from '../support/project.js'

/** More than are parsed together. */
const MANY = 50_000

describe('changeFingerprints', () => {
  it('changes fingerprints as a Map would be changed, however often', () => {
    const id = fc.constantFrom('a', 'b', 'c', 'd', '"', 'ä', '10', '9')
    const fingerprint = fc.record({ size: fc.nat(), etag: fc.string() })
    const change = fc.tuple(id, fc.option(fingerprint, { nil: undefined }))
    const before = fc
      .array(fc.tuple(id, fingerprint))
      .map((entries) => new Map<string, SourceFingerprint>(entries))
    fc.assert(
      fc.property(before, fc.array(fc.array(change), { maxLength: 3 }), (old, rounds) => {
        const expected = new Map(old)
        let changed: ReturnType<typeof changeFingerprints> = old
        for (const round of rounds) {
          changed = changeFingerprints(changed, round as FingerprintChange[])
          for (const [key, value] of round)
            if (value === undefined) expected.delete(key)
            else expected.set(key, value)
        }
        expect(new Map(changed)).toEqual(expected)
        for (const key of ['a', 'ä', '10', 'none']) expect(changed.get(key)).toEqual(expected.get(key))
      }),
    )
  })

  it('returns the same object if nothing changes', () => {
    const before = new Map([['a', { size: 1 }]])
    expect(changeFingerprints(before, [])).toBe(before)
  })
})

describe('a large source index', () => {
  const ids = Array.from({ length: MANY }, (_, at) => sha256(String(at)).slice(0, 16))
  const entryOf = (id: string) => ({ size: 9, modified: '2026-01-01T00:00:00.000Z', etag: `"${id}"` })

  it('is read back as it was written, and changed', async () => {
    const project = await makeProject()
    const store = createFileStore({ cwd: project.path })
    const state = project.at('out/.imgproc')
    const sources = new Map(ids.map((id) => [id, entryOf(id)]))
    await writeSourceIndex(store, state, { sources, manifest: 'abc' })
    const { sources: read, manifest } = await readSourceIndex(store, state)
    expect(manifest).toBe('abc')
    expect([read.get(ids[7] ?? ''), read.get('none')]).toEqual([entryOf(ids[7] ?? ''), undefined])
    expect([...read].map(([id]) => id)).toEqual(ids.toSorted())
    const changed = changeFingerprints(read, [[ids[7] ?? '', { size: 1 }]])
    await writeSourceIndex(store, state, { sources: changed, manifest: 'abc' })
    const again = await readSourceIndex(store, state)
    expect(again.sources.get(ids[7] ?? '')).toEqual({ size: 1 })
    expect(new Map(again.sources).size).toBe(MANY)
  })

  it.each([
    ['cut off', (text: string) => text.slice(0, -10)],
    ['one of another version', (text: string) => text.replace('"version": 1', '"version": 2')],
    ['one with a source without a size', (text: string) => text.replace(/"size":9,/, '')],
  ])('is empty if it is %s', async (_, damage) => {
    const project = await makeProject()
    const store = createFileStore({ cwd: project.path })
    const state = project.at('out/.imgproc')
    await writeSourceIndex(store, state, { sources: new Map(ids.map((id) => [id, entryOf(id)])) })
    const file = `${state}/seen.json`
    const text = Buffer.from(await store.read(file)).toString()
    await store.write(file, Buffer.from(damage(text)), { contentType: 'application/json' })
    expect(await readSourceIndex(store, state)).toEqual({ sources: new Map() })
  })
})
