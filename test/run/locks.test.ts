import { readdir, readFile } from 'node:fs/promises'
import { describe, expect, it } from 'vitest'
import { lock } from '../../src/state/lock.js'
import type { Backend, Source } from '../../src/stores/types.js'
import { ImgprocError } from '../../src/errors.js'
import { readManifest } from '../../src/manifest/read-manifest.js'
import { run } from '../../src/run/run.js'
import { plan } from '../../src/run/plan-run.js'
import type { RunOptions } from '../../src/run/options.js'
import { createFileStore } from '../../src/stores/file/store.js'
import { watch } from '../../src/watch/watch.js'
import { makeProject, type Project } from '../support/project.js'

const OPTIONS = { preset: 'thumb', concurrency: 2 } satisfies RunOptions

async function makePhotos(): Promise<Project> {
  const project = await makeProject()
  await project.copy('photos/grey.jpg', 'photos/a.jpg', 'photos/b.jpg', 'others/c.jpg')
  return project
}

function begin(project: Project, options: RunOptions = {}) {
  return run({ cwd: project.path, inputs: ['photos'], ...OPTIONS, ...options })
}

/** Returns a promise and the function that resolves it. */
function createGate() {
  let open = () => {}
  const opened = new Promise<void>((resolve) => void (open = resolve))
  return { opened, open }
}

/** Creates a store with one picture at `slow://in/`. Its `list` or `read` waits until the test calls `open`. */
async function createSlowStore(where: 'list' | 'read') {
  const gate = createGate()
  const reached = createGate()
  const asked = { list: 0 }
  const bytes = await readFile('fixtures/photos/grey.jpg')
  const source: Source = { ref: 'slow://in/slow.jpg', size: bytes.length, etag: '1' }
  const backend: Backend = {
    scheme: 'slow',
    async *list(prefix) {
      asked.list++
      if (where === 'list') reached.open()
      if (where === 'list') await gate.opened
      if (source.ref.startsWith(prefix)) yield source
    },
    stat: async (ref) => (ref === source.ref ? source : undefined),
    async read() {
      reached.open()
      await gate.opened
      return bytes
    },
  }
  const options = { inputs: ['slow://in/'], stores: { slow: backend } }
  return { options, asked, reached: reached.opened, open: gate.open }
}

/** Starts a run that holds its lock and waits for a source. */
async function beginSlowly(project: Project, options: RunOptions = {}) {
  const slow = await createSlowStore('read')
  const first = begin(project, { ...slow.options, ...options })
  await Promise.race([slow.reached, first.summary])
  return { first, open: slow.open }
}

async function pathsIn(project: Project, name = 'out/manifest.json'): Promise<string[]> {
  const { entries } = await readManifest(project.at(name))
  return entries.map(({ source }) => source.path)
}

/** Lists the files in the `.imgproc/` of an output folder. */
function stateIn(project: Project, out = 'out'): Promise<string[]> {
  return readdir(project.at(`${out}/.imgproc`))
}

describe('a second run into the same folder', () => {
  it('fails with INVALID_USAGE while the first runs, and succeeds after it', async () => {
    const project = await makePhotos()
    const { first, open } = await beginSlowly(project)
    const second = begin(project)
    const error = {
      code: 'OUTPUT_LOCKED',
      message: expect.stringMatching(
        /^Another imgproc is writing to out: process \d+ on .*, for .*\. Wait/,
      ) as string,
    }
    await expect(second.plan).rejects.toMatchObject(error)
    await expect(second.summary).rejects.toMatchObject(error)
    await expect(second[Symbol.asyncIterator]().next()).rejects.toMatchObject(error)
    expect(await project.files('out')).toEqual([])
    open()
    await first.summary
    expect((await begin(project).summary).renditions).toMatchObject({ written: 2, failed: 0 })
    expect(await pathsIn(project)).toHaveLength(3)
    expect(await stateIn(project)).toEqual(['.gitignore', 'seen.json', 'snapshot'])
  })

  it('needs no lock if it only plans or finds nothing to change', async () => {
    const project = await makePhotos()
    await begin(project).summary
    const { first, open } = await beginSlowly(project)
    expect((await plan({ cwd: project.path, inputs: ['others'], ...OPTIONS })).jobs).toHaveLength(1)
    expect((await begin(project).summary).renditions).toMatchObject({ unchanged: 2, written: 0 })
    await expect(begin(project, { prune: true }).summary).rejects.toThrow('Another imgproc')
    open()
    await first.summary
    expect(await pathsIn(project)).toHaveLength(3)
  })

  it('may write to another folder, unless both write the same manifest', async () => {
    const project = await makePhotos()
    const { first, open } = await beginSlowly(project, { manifest: 'all.json' })
    const other = begin(project, { out: 'else', manifest: 'all.json' })
    await expect(other.summary).rejects.toThrow('Another imgproc is writing to all.json: process')
    expect((await begin(project, { out: 'else' }).summary).renditions.written).toBe(2)
    open()
    await first.summary
    expect(await pathsIn(project, 'all.json')).toEqual(['slow://in/slow.jpg'])
    expect(await project.files()).not.toContain('all.json.lock')
  })

  it('plans again if the first ended after it planned, and keeps the entries of the first', async () => {
    const project = await makePhotos()
    const slow = await createSlowStore('list')
    const second = begin(project, slow.options)
    await slow.reached
    await begin(project).summary
    slow.open()
    await second.summary
    expect(await pathsIn(project)).toHaveLength(3)
    expect(slow.asked.list).toBeGreaterThan(1)
    // The source index of the first run is kept too.
    expect((await begin(project).summary).renditions).toMatchObject({ unchanged: 2 })
  })
})

describe('the lock of a run', () => {
  it('is removed when the run is aborted', async () => {
    const project = await makePhotos()
    const controller = new AbortController()
    const { first, open } = await beginSlowly(project, { signal: controller.signal })
    expect(await stateIn(project)).toEqual(['journal.ndjson', 'lock'])
    controller.abort()
    open()
    await first.summary
    expect(await stateIn(project)).not.toContain('lock')
    expect(await stateIn(project)).not.toContain('journal.ndjson')
    expect((await begin(project).summary).renditions.written).toBe(2)
  })

  it('is removed when the consumer stops iterating over the results', async () => {
    const project = await makePhotos()
    const batch = begin(project)
    for await (const _ of batch) break
    await batch.summary
    expect(await stateIn(project)).toEqual(['.gitignore', 'seen.json', 'snapshot'])
  })

  it('is removed when another run holds the lock of a second output folder', async () => {
    const project = await makePhotos()
    const release = await lock(createFileStore({ cwd: project.path }), project.at('b/.imgproc/lock'), 'b')
    const batches = ['a', 'b'].map((out) => ({ inputs: ['photos'], presets: ['thumb'], out }))
    const both = () => run({ cwd: project.path, batches }).summary
    await expect(both()).rejects.toThrow('writing to b:')
    expect(await stateIn(project, 'a')).toEqual([])
    await release?.()
    expect((await both()).renditions.written).toBe(4)
  })

  it('is removed when writing the manifest fails', async () => {
    const project = await makePhotos()
    const { first, open } = await beginSlowly(project, { manifest: 'sub/all.json' })
    await project.write('sub/all.json/in-the-way', '')
    open()
    await expect(first.summary).rejects.toMatchObject({ code: 'WRITE_FAILED' })
    expect(await stateIn(project)).not.toContain('lock')
    expect(await readdir(project.at('sub'))).toEqual(['all.json'])
  })

  it('is not held by a watch between two runs', async () => {
    const project = await makePhotos()
    for await (const { run: rebuild } of watch({ cwd: project.path, inputs: ['photos'], ...OPTIONS })) {
      await rebuild.summary
      expect((await begin(project, { inputs: ['others'] }).summary).renditions.written).toBe(1)
      break
    }
    expect(await pathsIn(project)).toHaveLength(3)
  })

  it('is written to an object store and stops another run there', async () => {
    const project = await makePhotos()
    const objects = new Map<string, { data: Uint8Array; source: Source }>()
    const kept: Backend = {
      scheme: 'kept',
      async *list(prefix) {
        for (const [ref, { source }] of objects) if (ref.startsWith(prefix)) yield source
      },
      stat: async (ref) => objects.get(ref)?.source,
      read: async (ref, { range }) => objects.get(ref)?.data.slice(...(range ?? [])),
      async write(ref, data, { ifAbsent }) {
        if (ifAbsent === true && objects.has(ref)) throw createTakenError(ref)
        const source = { ref, size: data.length, etag: String(objects.size) }
        objects.set(ref, { data, source })
        return source
      },
      remove: async (ref) => void objects.delete(ref),
    }
    const slow = await createSlowStore('read')
    const stores = { kept, ...slow.options.stores }
    const first = begin(project, { ...slow.options, stores, out: 'kept://out' })
    await slow.reached
    await expect(begin(project, { stores, out: 'kept://out' }).summary).rejects.toThrow('to kept://out:')
    slow.open()
    await first.summary
    expect((await begin(project, { stores, out: 'kept://out' }).summary).renditions.written).toBe(2)
    expect([...objects.keys()].filter((ref) => ref.includes('lock'))).toEqual([])
  })
})

function createTakenError(ref: string): Error {
  return new ImgprocError('OUTPUT_COLLISION', `${ref} is there already.`)
}
