import { describe, expect, it } from 'vitest'
import { bytesOf } from '../../src/utils/spool/bytes.js'
import { toEntry } from '../../src/manifest/update-entry.js'
import { createLazyManifest, withChanges, type LazyManifest } from '../../src/manifest/lazy-manifest.js'
import { formatManifest, openLazyManifest } from '../../src/manifest/parse-manifest.js'
import type { ManifestEntry } from '../../src/manifest/types.js'
import { findRemovals, removeOutputs, type Candidate, type PruneRequest } from '../../src/state/prune.js'
import { ImgprocError } from '../../src/errors.js'
import type { Store } from '../../src/stores/types.js'
import { createMemoryStore } from '../../src/stores/memory.js'
import { corrupt, failed, failure, manifest, paths, result, skipped, written } from '../manifest/results.js'

const OUT = 'memory://out'
const a = toEntry(result('a.jpg', [written('thumb', 'a.webp')]))
const b = toEntry(result('b.jpg', [written('thumb', 'b.webp')]))

const alsoListing = toEntry(result('b.jpg', [written('thumb', 'b.webp'), written('web', 'a.webp')]))

function lazy(...entries: ManifestEntry[]): LazyManifest {
  const { entries: _, ...head } = manifest([])
  return createLazyManifest(head, undefined, new Map(entries.map((entry) => [entry.id, entry])))
}

/** Returns a store with files of the size that results have. */
function storeOf(...names: string[]): Store {
  return createMemoryStore(Object.fromEntries(names.map((name) => [name, Buffer.alloc(3609)])))
}

function request(listed: LazyManifest, more: Partial<PruneRequest> = {}): PruneRequest {
  const places = { folder: OUT, outs: [OUT], root: 'memory://src' }
  return { before: listed, manifest: listed, ...places, found: new Map(), taken: new Set(), ...more }
}

function candidate({ id, source, outputs }: ManifestEntry): Candidate[] {
  return outputs.map((output) => ({ id, source: source.path, output }))
}

/** Returns `reason: ref` of each removal. */
async function removalsOf(store: Store, wanted: PruneRequest): Promise<string[]> {
  const { removals } = await findRemovals(store, wanted)
  return removals.map(({ reason, ref }) => `${reason}: ${ref}`)
}

describe('findRemovals', () => {
  it('finds the outputs of sources that are gone', async () => {
    const unread = toEntry(failure('c.jpg', ['thumb']))
    const found = await findRemovals(storeOf('src/b.jpg'), request(lazy(a, b, unread)))
    expect(found).toEqual({
      removals: [{ ...candidate(a)[0], reason: 'source gone', ref: `${OUT}/a.webp` }],
      gone: new Set([a.id, unread.id]),
      warnings: [],
    })
  })

  it('does not look up the sources that the run has found', async () => {
    const found = new Map([[a.id, 'memory://elsewhere/a.jpg']])
    expect(await removalsOf(storeOf('src/b.jpg'), request(lazy(a, b), { found }))).toEqual([])
  })

  it('finds the outputs of presets that are gone, if the presets are known', async () => {
    const store = storeOf('src/a.jpg')
    const both = lazy(toEntry(result('a.jpg', [written('thumb', 'a.webp'), written('web', 'a.web.webp')])))
    const isPreset = (name: string) => name === 'web'
    expect(await removalsOf(store, request(both, { isPreset }))).toEqual([`preset gone: ${OUT}/a.webp`])
    expect(await removalsOf(store, request(both))).toEqual([])
  })

  it('finds the outputs that a planned run would supersede', async () => {
    const store = storeOf('src/a.jpg', 'src/b.jpg')
    const [{ output, ...from } = { output: failed('', '') }] = candidate(a)
    expect(await removalsOf(store, request(lazy(a, b), { expected: candidate(a) }))).toEqual([
      `superseded: ${OUT}/a.webp`,
    ])
    for (const other of [{ path: 'other.webp' }, { recipe: 'other' }, { preset: 'other' }]) {
      const expected = [{ ...from, output: { ...output, ...other } } as Candidate]
      expect(await removalsOf(store, request(lazy(a, b), { expected }))).toEqual([])
    }
  })

  it.each<[string, Partial<PruneRequest>]>([
    ['another manifest lists', { taken: new Set([`${OUT}/a.webp`]) }],
    ['the run reads', { found: new Map([['other', `${OUT}/a.webp`]]) }],
    ['are in no output folder of the run', { outs: ['memory://ou', 'memory://out/sub'] }],
    ['another source lists', { manifest: lazy(a, alsoListing) }],
    ['are a source', { root: OUT, manifest: lazy(a, toEntry(result('a.webp', [])), b) }],
  ])('keeps files that %s', async (_, more) => {
    const store = storeOf('src/b.jpg', 'out/b.jpg', 'out/a.webp')
    expect(await removalsOf(store, request(lazy(a, b)))).toEqual([`source gone: ${OUT}/a.webp`])
    expect(await removalsOf(store, request(lazy(a, b), more))).toEqual([])
  })

  it('compares files on disk regardless of case', async () => {
    const renamed = toEntry(result('b.jpg', [written('thumb', 'A.webp')]))
    const found = new Map([
      [a.id, '/project/a.jpg'],
      [b.id, '/project/b.jpg'],
    ])
    const places = { folder: '/project/out', outs: ['/project/out'], root: '/project', found }
    const superseded = request(lazy(a, renamed), { ...places, expected: candidate(a) })
    expect(await removalsOf(storeOf(), superseded)).toEqual([])
    const alone = request(lazy(a), { ...places, expected: candidate(a) })
    expect(await removalsOf(storeOf(), alone)).toEqual(['superseded: /project/out/a.webp'])
  })

  it('drops failed outputs, wherever they were to be', async () => {
    const broken = toEntry(result('a.jpg', [failed('thumb', 'a.{ext}')]))
    const gone = request(lazy(broken, b), { outs: [] })
    expect(await removalsOf(storeOf('src/b.jpg'), gone)).toEqual([`source gone: ${OUT}/a.{ext}`])
  })

  describe('in a run that has made other outputs of a source', () => {
    const renamed = toEntry(result('a.jpg', [written('thumb', 'a-2.webp')]))
    const before = lazy(a, b)
    const change = (entry: ManifestEntry) => ({
      before,
      manifest: withChanges(before, new Map([[a.id, entry]])),
    })

    it('finds those that are no longer listed', async () => {
      const store = storeOf('src/a.jpg', 'src/b.jpg')
      expect(await removalsOf(store, request(before, change(renamed)))).toEqual([`superseded: ${OUT}/a.webp`])
      expect(await removalsOf(store, request(before, { ...change(renamed), before: undefined }))).toEqual([])
      expect(await removalsOf(store, request(before, change(a)))).toEqual([])
    })

    it('keeps those of a source that has failed', async () => {
      const store = storeOf('src/a.jpg', 'src/b.jpg')
      const partly = toEntry(result('a.jpg', [written('web', 'a.web.webp'), failed('thumb', 'a.{ext}')]))
      for (const entry of [toEntry(failure('a.jpg', ['thumb'])), partly])
        expect(await removalsOf(store, request(before, change(entry)))).toEqual([])
    })

    it('finds those of a source that is gone, even if it has failed', async () => {
      const entry = toEntry(failure('a.jpg', ['thumb']))
      expect(await removalsOf(storeOf('src/b.jpg'), request(before, change(entry)))).toEqual([
        `source gone: ${OUT}/a.webp`,
      ])
    })

    it('ignores outputs that did not exist before either', async () => {
      const old = lazy(toEntry(result('a.jpg', [failed('web', 'a.{ext}')])))
      const wanted = { before: old, manifest: withChanges(old, new Map([[a.id, renamed]])) }
      expect(await removalsOf(storeOf('src/a.jpg'), request(old, wanted))).toEqual([])
    })

    it('finds those of the last manifest, although a killed run has recorded newer ones', async () => {
      const file = openLazyManifest(bytesOf(Buffer.from(formatManifest(manifest([a, b])))), 'm', 'json', true)
      const recovered = withChanges(file, new Map([[a.id, renamed]]))
      expect(await removalsOf(storeOf('src/a.jpg', 'src/b.jpg'), request(recovered))).toEqual([
        `superseded: ${OUT}/a.webp`,
      ])
    })
  })

  describe('if no source of the manifest exists', () => {
    const warning = expect.stringMatching(/^Nothing is removed: .* Is a disk not mounted/) as string

    it('removes nothing, and warns', async () => {
      const missing = await findRemovals(storeOf(), request(lazy(a, b)))
      expect(missing).toEqual({ removals: [], gone: new Set(), warnings: [warning] })
      expect(await findRemovals(storeOf(), request(lazy()))).toMatchObject({ warnings: [] })
    })

    it('does not trust a source that is new in this run', async () => {
      const found = new Map([[b.id, 'memory://other/b.jpg']])
      const added = await findRemovals(storeOf(), request(lazy(a, b), { before: lazy(a), found }))
      expect(added.warnings).toEqual([warning])
      expect(await findRemovals(storeOf(), request(lazy(a, b), { found }))).toMatchObject({ warnings: [] })
    })

    it('trusts a source that was found in the same folder', async () => {
      const found = new Map([['new', 'memory://src/new.jpg']])
      expect(await removalsOf(storeOf(), request(lazy(a), { found }))).toEqual([`source gone: ${OUT}/a.webp`])
      const elsewhere = new Map([['new', 'memory://src/sub/new.jpg']])
      expect(await removalsOf(storeOf(), request(lazy(a), { found: elsewhere }))).toEqual([])
    })
  })

  it.each([
    ['https://example.org/a.jpg', false],
    ['stdin', false],
    ['data/0123456789ab.png', false],
    ['data/0123456789ab', false],
    ['data/0123456789abc.png', true],
    ['data/0123456789ab.png.jpg', true],
    ['data/0123456789ab.PNG', true],
    ['old/data/0123456789ab.png', true],
    ['stdin.jpg', true],
  ])('looks up a source named %s: %s', async (name, isFile) => {
    const asked: string[] = []
    const held = storeOf('src/b.jpg')
    const store: Store = {
      ...held,
      stat: async (ref) => {
        asked.push(ref)
        return held.stat(ref)
      },
    }
    const removals = await removalsOf(
      store,
      request(lazy(toEntry(result(name, [written('thumb', 'x.webp')])), b)),
    )
    expect(asked).toEqual([...(isFile ? [`memory://src/${name}`] : []), 'memory://src/b.jpg'].toSorted())
    expect(removals).toEqual(isFile ? [`source gone: ${OUT}/x.webp`] : [])
  })

  it('keeps the outputs of a source that cannot be looked up, and warns', async () => {
    const denied = new ImgprocError('ACCESS_DENIED', 'Access denied.', { stage: 'read' })
    const store: Store = { ...storeOf(), stat: () => Promise.reject(denied) }
    expect(await findRemovals(store, request(lazy(a)))).toEqual({
      removals: [],
      gone: new Set(),
      warnings: ['The outputs of a.jpg are kept: cannot check if it still exists. Access denied.'],
    })
    const faulty: Store = { ...storeOf(), stat: () => Promise.reject(new TypeError('bug')) }
    await expect(findRemovals(faulty, request(lazy(a)))).rejects.toThrow('bug')
  })
})

describe('removeOutputs', () => {
  const existing = async (store: Store, ref: string) => (await store.stat(ref)) !== undefined
  const two = toEntry(result('a.jpg', [written('thumb', 'a.webp'), written('web', 'a.web.webp', 640)]))

  it('removes files and the entries of gone sources', async () => {
    const store = storeOf('src/b.jpg', 'out/a.webp', 'out/a.web.webp', 'out/b.webp')
    const unread = toEntry(failure('c.jpg', ['thumb']))
    const listed = lazy(two, b, unread)
    const {
      count,
      manifest: left,
      warnings,
    } = await removeOutputs(store, listed, await findRemovals(store, request(listed)))
    expect([count, warnings, [...left]]).toEqual([2, [], [b]])
    expect(await existing(store, `${OUT}/a.webp`)).toBe(false)
    expect(await existing(store, `${OUT}/b.webp`)).toBe(true)
  })

  it('keeps a file of another size and its entry, and warns', async () => {
    const store = createMemoryStore({ 'src/b.jpg': Buffer.alloc(1), 'out/a.webp': Buffer.from('mine') })
    const listed = lazy(two, b)
    const {
      count,
      manifest: left,
      warnings,
    } = await removeOutputs(store, listed, await findRemovals(store, request(listed)))
    expect(warnings).toEqual([
      `${OUT}/a.webp is kept: it has 4 bytes, but imgproc wrote 3609. Delete it yourself if it is not needed.`,
    ])
    expect(count).toBe(0)
    expect([...left].map(paths)).toEqual([['a.webp'], ['b.webp']])
    expect(await existing(store, `${OUT}/a.webp`)).toBe(true)
  })

  it.each<[string, ManifestEntry, ManifestEntry | undefined]>([
    ['with other outputs', two, toEntry(result('a.jpg', [written('web', 'a.web.webp', 640)]))],
    ['without other outputs', a, undefined],
    [
      'that has failed',
      { ...a, status: 'partial', error: corrupt },
      { ...a, status: 'failed', outputs: [], error: corrupt },
    ],
    [
      'with a reason for being skipped',
      { ...toEntry(result('a.jpg', [skipped('web', 'small')])), outputs: a.outputs },
      { ...a, status: 'skipped', outputs: [], reason: 'small' },
    ],
  ])('leaves of an entry %s what is still true', async (_, entry, expected) => {
    const store = storeOf('src/a.jpg', 'out/a.webp')
    const listed = lazy(entry)
    const found = await findRemovals(store, request(listed, { isPreset: (name) => name === 'web' }))
    const { count, manifest: left } = await removeOutputs(store, listed, found)
    expect(count).toBe(1)
    expect(left.get(a.id)).toEqual(expected)
  })

  it('drops failed outputs without touching a file, which may be of another source', async () => {
    const broken = toEntry(result('a.jpg', [failed('thumb', 'b.webp'), written('web', 'a.web.webp')]))
    const store = storeOf('src/a.jpg', 'src/b.jpg', 'out/b.webp')
    const listed = lazy(broken)
    const found = await findRemovals(store, request(listed, { isPreset: (name) => name === 'web' }))
    const { count, manifest: left } = await removeOutputs(store, listed, found)
    expect(count).toBe(0)
    expect([...left]).toMatchObject([{ status: 'ready', outputs: [{ path: 'a.web.webp' }] }])
    expect(await existing(store, `${OUT}/b.webp`)).toBe(true)
  })

  it('changes nothing in the manifest for outputs that it no longer lists', async () => {
    const before = lazy(a)
    const listed = withChanges(
      before,
      new Map([[a.id, toEntry(result('a.jpg', [written('web', 'w.webp')]))]]),
    )
    const store = storeOf('src/a.jpg', 'out/a.webp')
    const found = await findRemovals(store, request(before, { before, manifest: listed }))
    const removed = await removeOutputs(store, listed, found)
    expect(removed).toEqual({ count: 1, manifest: listed, warnings: [] })
    expect(removed.manifest).toBe(listed)
  })

  it('warns of a file that cannot be removed, and removes the others', async () => {
    const held = storeOf('out/a.webp', 'out/b.webp', 'src/c.jpg')
    const denied = new ImgprocError('ACCESS_DENIED', 'Access denied.', { stage: 'write' })
    const listed = lazy(a, b, toEntry(result('c.jpg', [written('thumb', 'c.webp')])))
    const found = await findRemovals(held, request(listed))
    const remove = (error: Error): Store => ({
      ...held,
      remove: (ref) => (ref.endsWith('a.webp') ? Promise.reject(error) : held.remove(ref)),
    })
    const { count, manifest: left, warnings } = await removeOutputs(remove(denied), listed, found)
    expect([count, warnings]).toEqual([1, ['Access denied.']])
    expect([...left].map(paths)).toEqual([['a.webp'], ['c.webp']])
    await expect(removeOutputs(remove(new TypeError('bug')), listed, found)).rejects.toThrow('bug')
  })
})
