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

/** A promise, and what settles it. */
function createGate() {
  let open = () => {}
  const opened = new Promise<void>((resolve) => void (open = resolve))
  return { opened, open }
}

/** One picture at `slow://in/`, which is listed or read when a test says so. */
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

/** A run that has its lock, and waits for a picture. */
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

/** What the tool keeps for itself in a folder. */
function ownIn(project: Project, out = 'out'): Promise<string[]> {
  return readdir(project.at(`${out}/.imgproc`))
}

describe('a second run into one folder', () => {
  it('stops and says why while the first goes on, and runs after it', async () => {
    const project = await makePhotos()
    const { first, open } = await beginSlowly(project)
    const second = begin(project)
    const error = {
      code: 'INVALID_USAGE',
      message: expect.stringMatching(
        /^Another imgproc is at work in out: process \d+ on .*, for .*\. Wait/,
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
    expect(await ownIn(project)).toEqual(['seen.json'])
  })

  it('is let in where it only looks, or finds all as it was', async () => {
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

  it('is let into another folder, unless both write one manifest', async () => {
    const project = await makePhotos()
    const { first, open } = await beginSlowly(project, { manifest: 'all.json' })
    const other = begin(project, { out: 'else', manifest: 'all.json' })
    await expect(other.summary).rejects.toThrow('Another imgproc is at work in all.json: process')
    expect((await begin(project, { out: 'else' }).summary).renditions.written).toBe(2)
    open()
    await first.summary
    expect(await pathsIn(project, 'all.json')).toEqual(['slow://in/slow.jpg'])
    expect(await project.files()).not.toContain('all.json.lock')
  })

  it('plans anew where the first has ended since it looked, and loses nothing of it', async () => {
    const project = await makePhotos()
    const slow = await createSlowStore('list')
    const second = begin(project, slow.options)
    await slow.reached
    await begin(project).summary
    slow.open()
    await second.summary
    expect(await pathsIn(project)).toHaveLength(3)
    expect(slow.asked.list).toBeGreaterThan(1)
    // What the first remembers of its sources is there too.
    expect((await begin(project).summary).renditions).toMatchObject({ unchanged: 2 })
  })
})

describe('the lock of a run', () => {
  it('goes when the run is stopped', async () => {
    const project = await makePhotos()
    const controller = new AbortController()
    const { first, open } = await beginSlowly(project, { signal: controller.signal })
    expect(await ownIn(project)).toEqual(['lock'])
    controller.abort()
    open()
    await first.summary
    expect(await ownIn(project)).not.toContain('lock')
    expect((await begin(project).summary).renditions.written).toBe(2)
  })

  it('goes when nobody listens to the results any more', async () => {
    const project = await makePhotos()
    const batch = begin(project)
    for await (const _ of batch) break
    await batch.summary
    expect(await ownIn(project)).toEqual(['seen.json'])
  })

  it('goes when another run has one of several folders', async () => {
    const project = await makePhotos()
    const release = await lock(createFileStore({ cwd: project.path }), project.at('b/.imgproc/lock'), 'b')
    const batches = ['a', 'b'].map((out) => ({ inputs: ['photos'], presets: ['thumb'], out }))
    const both = () => run({ cwd: project.path, batches }).summary
    await expect(both()).rejects.toThrow('at work in b:')
    expect(await ownIn(project, 'a')).toEqual([])
    await release?.()
    expect((await both()).renditions.written).toBe(4)
  })

  it("goes when the manifest can't be written any more", async () => {
    const project = await makePhotos()
    const { first, open } = await beginSlowly(project, { manifest: 'sub/all.json' })
    await project.write('sub/all.json/in-the-way', '')
    open()
    await expect(first.summary).rejects.toMatchObject({ code: 'WRITE_FAILED' })
    expect(await ownIn(project)).not.toContain('lock')
    expect(await readdir(project.at('sub'))).toEqual(['all.json'])
  })

  it("is no watch's between two runs", async () => {
    const project = await makePhotos()
    for await (const { run: rebuild } of watch({ cwd: project.path, inputs: ['photos'], ...OPTIONS })) {
      await rebuild.summary
      expect((await begin(project, { inputs: ['others'] }).summary).renditions.written).toBe(1)
      break
    }
    expect(await pathsIn(project)).toHaveLength(3)
  })

  it('lies in a bucket as well, where another run finds it', async () => {
    const project = await makePhotos()
    const held = new Map<string, { data: Uint8Array; source: Source }>()
    const kept: Backend = {
      scheme: 'kept',
      async *list(prefix) {
        for (const [ref, { source }] of held) if (ref.startsWith(prefix)) yield source
      },
      stat: async (ref) => held.get(ref)?.source,
      read: async (ref, { range }) => held.get(ref)?.data.slice(...(range ?? [])),
      async write(ref, data, { ifAbsent }) {
        if (ifAbsent === true && held.has(ref)) throw taken(ref)
        const source = { ref, size: data.length, etag: String(held.size) }
        held.set(ref, { data, source })
        return source
      },
      remove: async (ref) => void held.delete(ref),
    }
    const slow = await createSlowStore('read')
    const stores = { kept, ...slow.options.stores }
    const first = begin(project, { ...slow.options, stores, out: 'kept://out' })
    await slow.reached
    await expect(begin(project, { stores, out: 'kept://out' }).summary).rejects.toThrow('in kept://out:')
    slow.open()
    await first.summary
    expect((await begin(project, { stores, out: 'kept://out' }).summary).renditions.written).toBe(2)
    expect([...held.keys()].filter((ref) => ref.includes('lock'))).toEqual([])
  })
})

function taken(ref: string): Error {
  return new ImgprocError('OUTPUT_COLLISION', `${ref} is there already.`)
}
