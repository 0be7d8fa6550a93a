import { describe, expect, it } from 'vitest'
import { findSources, type FoundSources, type SourceRequest } from '../../src/plan/find-sources.js'
import { createFileStore } from '../../src/stores/file/store.js'
import type { ReadOptions, Store } from '../../src/stores/types.js'
import { run } from '../../src/run/run.js'
import { bmps } from '../../torture/grammar/bmp.js'
import { icons } from '../../torture/grammar/ico.js'
import { pnms } from '../../torture/grammar/pnm.js'
import { qois } from '../../torture/grammar/qoi.js'
import { hasImageContent, SIGNATURE_BYTES } from '../../src/image/file-kinds.js'
import { CLOUDS } from '../support/clouds.js'
import { fixture } from '../support/pictures.js'
import { makeProject, type Project } from '../support/project.js'

/** Counts the reads of a store, and the bytes that they ask for. */
function countReads(store: Store): { store: Store; reads: (ReadOptions['range'] | undefined)[] } {
  const reads: (ReadOptions['range'] | undefined)[] = []
  const read: Store['read'] = async (ref, options) => {
    reads.push(options?.range)
    return store.read(ref, options)
  }
  return { store: { ...store, read }, reads }
}

function namesOf({ sources }: FoundSources, base: string): string[] {
  return [...sources].map(({ source: { ref } }) => ref.slice(base.length + 1))
}

async function makeUploads(): Promise<Project> {
  const project = await makeProject()
  await project.copy('photos/grey.jpg', 'up/a1.upload', 'up/sub/b2.bin')
  await project.copy('photos/alpha.png', 'up/c3')
  await project.copy('photos/portrait.webp', 'up/d4.dat')
  await project.copy('formats/view.bmp', 'up/e5.tmp')
  await project.copy('odd/notes.txt', 'up/notes.txt')
  await project.touch('up/data.json')
  return project
}

async function find(project: Project, more: Partial<SourceRequest> = {}) {
  const { store, reads } = countReads(createFileStore({ cwd: project.path }))
  const found = await findSources(store, { inputs: ['up'], ...more })
  return {
    names: namesOf(found, project.at('up')),
    sniffed: found.sniffed,
    ignored: Object.fromEntries(found.ignored),
    reads,
  }
}

describe('a folder', () => {
  it('is searched by extension, and by content without one', async () => {
    const { names, sniffed, ignored } = await find(await makeUploads())
    expect(names).toEqual(['c3'])
    expect(sniffed).toBe(1)
    expect(ignored).toEqual({ '.upload': 1, '.bin': 1, '.dat': 1, '.tmp': 1, '.txt': 1, '.json': 1 })
  })

  it('is searched by content whatever the extension, with sniff, and reads only the first bytes', async () => {
    const { names, sniffed, ignored, reads } = await find(await makeUploads(), { sniff: true })
    expect(names).toEqual(['a1.upload', 'c3', 'd4.dat', 'e5.tmp', 'sub/b2.bin'])
    expect(sniffed).toBe(7)
    expect(ignored).toEqual({ '.txt': 1, '.json': 1 })
    expect(reads).toEqual(Array.from({ length: 7 }, () => [0, SIGNATURE_BYTES]))
  })

  it('is searched by content in globs too, and once for several inputs', async () => {
    const project = await makeUploads()
    expect(
      (await find(project, { inputs: ['up/*.upload', 'up/*.txt'], sniff: true, allowEmpty: true })).names,
    ).toEqual(['a1.upload'])
    const twice = await find(project, { inputs: ['up', 'up/**'], sniff: true })
    expect(twice.names).toHaveLength(5)
    expect(twice.sniffed).toBe(7)
  })

  it('tells of sniff if it has no image', async () => {
    const project = await makeProject()
    await project.copy('photos/grey.jpg', 'up/a1.upload')
    await expect(find(project)).rejects.toThrow('To look into all files use sniff (--sniff)')
  })

  it('is run with the count of the files that were looked at in the summary', async () => {
    const project = await makeUploads()
    const options = {
      inputs: ['up'],
      cwd: project.path,
      out: 'out',
      ops: [{ thumbnail: 16 }],
      sniff: true,
    } as const
    const { sniffed, sources } = await run(options).summary
    expect([sniffed, sources.ready]).toEqual([7, 5])
    // The second run finds all files as the first left them.
    expect(await run(options).summary).toMatchObject({ sniffed: 7, renditions: { unchanged: 5 } })
    const plain = await run({ ...options, sniff: false, out: 'plain' }).summary
    expect([plain.sniffed, plain.sources.ready]).toEqual([1, 1])
  })
})

describe.each(CLOUDS)('a prefix on %s', (_, useCloud) => {
  const cloud = useCloud()

  async function makePrefix(names: Readonly<Record<string, string>>) {
    const { store, ref, cleanup } = await cloud.setup()
    for (const [name, photo] of Object.entries(names))
      await store.write(ref(name), await fixture(photo), { contentType: 'application/octet-stream' })
    const counted = countReads(store)
    const base = ref('up').replace(/\/$/, '')
    const search = async (more: Partial<SourceRequest> = {}) => {
      const found = await findSources(counted.store, { inputs: [`${base}/`], ...more })
      return { names: namesOf(found, base), sniffed: found.sniffed }
    }
    return { search, reads: counted.reads, cleanup }
  }

  it('without any extension of an image is searched by content, by one ranged request for each key', async () => {
    const { search, reads, cleanup } = await makePrefix({
      'up/a1.upload': 'photos/grey.jpg',
      'up/b2': 'photos/alpha.png',
      'up/notes.txt': 'odd/notes.txt',
    })
    expect(await search()).toEqual({ names: ['a1.upload', 'b2'], sniffed: 3 })
    expect(reads).toEqual(Array.from({ length: 3 }, () => [0, SIGNATURE_BYTES]))
    expect(await search({ sniff: false })).toEqual({ names: ['b2'], sniffed: 1 })
    await cleanup()
  })

  it('without any image says that none is one by its content, and gives no advice to look', async () => {
    const { search, cleanup } = await makePrefix({ 'up/notes.txt': 'odd/notes.txt' })
    await expect(search()).rejects.toThrow(
      /contains 1 file, but none is an image by its content\. Check the path, or use allowEmpty/,
    )
    await cleanup()
  })

  it('with an extension of an image is searched by extension, unless sniff is set', async () => {
    const { search, cleanup } = await makePrefix({
      'up/a1.upload': 'photos/grey.jpg',
      'up/c.jpg': 'photos/grey.jpg',
    })
    expect(await search()).toEqual({ names: ['c.jpg'], sniffed: 0 })
    expect(await search({ sniff: true })).toEqual({ names: ['a1.upload', 'c.jpg'], sniffed: 1 })
    await cleanup()
  })
})

describe('the first bytes of a file', () => {
  it('tell every image of the grammars', () => {
    for (const { name, bytes } of [...bmps(), ...icons(), ...pnms(), ...qois()])
      expect(hasImageContent(bytes.subarray(0, SIGNATURE_BYTES)), name).toBe(true)
  })

  it.each([
    ['a text that begins with BM', 'BMW is a company that makes cars, and bikes.'],
    ['a text that begins with P1', 'P1 is the first point.\n2 is the second'],
    ['zeros', '\0'.repeat(100)],
    ['a QuickTime film', '\0\0\0\x14ftypqt  \0\0\0\0qt  '],
    ['a font', '\0\x01\0\0\0\x12\x01\0\0\x04\0\x20DSIG'],
  ])('do not take %s for an image', (_name, text) => {
    expect(hasImageContent(Buffer.from(text, 'latin1'))).toBe(false)
  })
})
