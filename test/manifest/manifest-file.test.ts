import { createHash } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { toEntry } from '../../src/manifest/update-entry.js'
import { createLazyManifest, toManifest, withChanges } from '../../src/manifest/lazy-manifest.js'
import { readManifestFile, writeManifestFile } from '../../src/manifest/manifest-file.js'
import { formatManifest } from '../../src/manifest/parse-manifest.js'
import { readManifest } from '../../src/manifest/read-manifest.js'
import { ImgprocError } from '../../src/errors.js'
import type { Store, WriteMeta } from '../../src/stores/types.js'
import { createMemoryStore } from '../../src/stores/memory.js'
import { makeProject } from '../support/project.js'
import { manifest, result, written } from './results.js'

const REF = 'memory://out/manifest.json'
const a = toEntry(result('a.png', [written('thumb', 'a.webp')]))
const b = toEntry(result('b.png', [written('thumb', 'b.webp')]))
const hashOf = (text: string) => createHash('sha256').update(text).digest('base64url')

/** Returns a store with a manifest of these bytes, and a list of what is written there. */
function setUp(text?: string) {
  const held = createMemoryStore(text === undefined ? {} : { 'out/manifest.json': Buffer.from(text) })
  const writes: (WriteMeta | undefined)[] = []
  const store: Store = {
    ...held,
    async write(ref, data, meta) {
      writes.push(meta)
      return held.write(ref, data, meta)
    },
  }
  return { store, writes }
}

async function textIn(store: Store, ref = REF): Promise<string> {
  return Buffer.from(await store.read(ref)).toString()
}

describe('a manifest file', () => {
  it('is read with its hash and its stat', async () => {
    const text = formatManifest(manifest([a, b]))
    const { store } = setUp(text)
    const file = await readManifestFile(store, REF)
    expect(file).toMatchObject({ ref: REF, hash: hashOf(text), found: { ref: REF, size: text.length } })
    expect(file.manifest && toManifest(file.manifest)).toEqual(manifest([a, b]))
  })

  it('has no content and no hash if it does not exist', async () => {
    expect(await readManifestFile(setUp().store, REF)).toEqual({ ref: REF })
  })

  it('is validated, unless the last run wrote it', async () => {
    const text = formatManifest(manifest([a])).replace('"bytes":9', '"bytes":"9"')
    const { store } = setUp(text)
    await expect(readManifestFile(store, REF)).rejects.toMatchObject({ code: 'INVALID_USAGE', path: REF })
    await expect(readManifestFile(store, REF, async () => 'other')).rejects.toMatchObject({ path: REF })
    const { manifest: known } = await readManifestFile(store, REF, async () => hashOf(text))
    expect(known?.get(a.id)?.source).toMatchObject({ bytes: '9' })
  })

  it.each([
    [REF, 'application/json'],
    ['memory://out/manifest.ndjson.json', 'application/json'],
    ['memory://out/manifest.ndjson', 'application/x-ndjson'],
    ['memory://out/manifest.JSONL', 'application/x-ndjson'],
  ])('is written as %s with the type %s and the hash of its bytes', async (ref, contentType) => {
    const { store, writes } = setUp()
    const { entries, ...head } = manifest([a])
    const changes = new Map(entries.map((entry) => [entry.id, entry]))
    const hash = await writeManifestFile(
      store,
      { ref, hash: undefined },
      createLazyManifest(head, undefined, changes),
    )
    expect(writes).toEqual([{ contentType }])
    const text = await textIn(store, ref)
    expect(hash).toBe(hashOf(text))
    expect(text.startsWith('{\n') ? 'application/json' : 'application/x-ndjson').toBe(contentType)
    const { manifest: read, hash: again } = await readManifestFile(store, ref)
    expect(again).toBe(hash)
    expect(read && toManifest(read)).toEqual(manifest([a]))
  })

  it('is not written again with the content that it has', async () => {
    const { store, writes } = setUp(formatManifest(manifest([a])))
    const file = await readManifestFile(store, REF)
    const { manifest: stored, hash = '' } = file
    if (stored === undefined) throw new Error('there is a manifest')
    expect(await writeManifestFile(store, file, stored)).toBe(hash)
    expect(await writeManifestFile(store, file, withChanges(stored, new Map([[a.id, a]])))).toBe(hash)
    expect(await writeManifestFile(store, file, withChanges(stored, new Map(), { ...stored.head }))).toBe(
      hash,
    )
    expect(writes).toEqual([])
  })

  it('is written if an entry or only the head changed', async () => {
    const { store, writes } = setUp(formatManifest(manifest([a])))
    const file = await readManifestFile(store, REF)
    const { manifest: stored } = file
    if (stored === undefined) throw new Error('there is a manifest')
    await writeManifestFile(store, file, withChanges(stored, new Map([[b.id, b]])))
    expect(await textIn(store)).toBe(formatManifest(manifest([a, b])))
    const tool = { ...stored.head.tool, sharp: '0.36.0' }
    await writeManifestFile(store, file, withChanges(stored, new Map(), { ...stored.head, tool }))
    expect(await textIn(store)).toBe(formatManifest({ ...manifest([a]), tool }))
    expect(writes).toHaveLength(2)
  })

  it.each([
    [undefined, 'No manifest was written'],
    ['hash', 'The manifest was not changed'],
  ])('that cannot be written tells what was kept, if its hash was %s', async (hash, state) => {
    const full = new ImgprocError('WRITE_FAILED', 'The disk is full.', {
      stage: 'write',
      path: REF,
      retryable: true,
    })
    const store: Store = { ...setUp().store, write: () => Promise.reject(full) }
    const { entries: _, ...head } = manifest([])
    const rejected = writeManifestFile(store, { ref: REF, hash }, createLazyManifest(head, undefined))
    await expect(rejected).rejects.toMatchObject({
      code: 'WRITE_FAILED',
      message: `The disk is full. ${state}; outputs already written are kept.`,
      stage: 'write',
      path: REF,
      retryable: true,
      cause: full,
    })
  })

  it('passes on an error that is not of imgproc', async () => {
    const store: Store = { ...setUp().store, write: () => Promise.reject(new TypeError('bug')) }
    const { entries: _, ...head } = manifest([])
    const rejected = writeManifestFile(
      store,
      { ref: REF, hash: undefined },
      createLazyManifest(head, undefined),
    )
    await expect(rejected).rejects.toThrow(new TypeError('bug'))
  })
})

describe('readManifest', () => {
  it('reads a manifest on disk', async () => {
    const project = await makeProject()
    await project.write('manifest.json', formatManifest(manifest([a, b])))
    expect(await readManifest(project.at('manifest.json'))).toEqual(manifest([a, b]))
  })

  it('rejects a path without a file', async () => {
    const project = await makeProject()
    const path = project.at('manifest.json')
    await expect(readManifest(path)).rejects.toMatchObject({
      code: 'INPUT_NOT_FOUND',
      message: `There is no manifest at ${path}.`,
      stage: 'read',
      path,
    })
  })
})
