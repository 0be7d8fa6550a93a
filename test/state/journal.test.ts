import { readFile, symlink, writeFile } from 'node:fs/promises'
import { describe, expect, it, onTestFinished, vi } from 'vitest'
import { openJournal, readJournal } from '../../src/state/journal.js'
import type { Result } from '../../src/jobs/types.js'
import type { Backend, Store } from '../../src/stores/types.js'
import { createFileStore } from '../../src/stores/file/store.js'
import { createKeyedStore } from '../../src/stores/keyed/store.js'
import { createMemoryStore } from '../../src/stores/memory.js'
import { makeProject } from '../support/project.js'
import { failure, result, skipped, written } from '../manifest/results.js'

const OUT = 'memory://out'
const STATE = `${OUT}/.imgproc`

function makeResults(count: number): Result[] {
  return Array.from({ length: count }, (_, index) =>
    result(`${index}.jpg`, [written('thumb', `${index}.webp`)]),
  )
}

async function openFolder() {
  const project = await makeProject()
  const out = project.at('out').replaceAll('\\', '/')
  return { project, out, state: `${out}/.imgproc`, store: createFileStore({ cwd: project.path }) }
}

/** Returns the source paths of a journal's results, in order. */
async function pathsIn(store: Store, state: string, out: string): Promise<string[]> {
  return [...(await readJournal(store, state, out)).results].map(({ job }) => job.path)
}

/** Returns a backend that cannot remove. */
function withoutRemove(store: Store): Backend {
  return {
    scheme: store.scheme,
    list: (prefix) => store.list(prefix),
    stat: (ref) => store.stat(ref),
    read: (ref) => store.read(ref),
    write: (ref, data, meta) => store.write(ref, data, meta),
  }
}

const pathsOf = (results: Iterable<Result>) => [...results].map(({ job }) => job.path)

describe('journal', () => {
  it('returns the added results, and skips a truncated line without losing the next one', async () => {
    const { project, out, state, store } = await openFolder()
    const made = makeResults(3)
    const first = openJournal(store, state)
    for (const one of made.slice(0, 2)) await first.add(one)
    await first.close()
    const file = project.at('out/.imgproc/journal.ndjson')
    await writeFile(file, (await readFile(file, 'utf8')).slice(0, -20))
    const { refs } = await readJournal(store, state, out)
    const second = openJournal(store, state, refs)
    await second.add(made[2]!)
    const { results } = await readJournal(store, state, out)
    expect([...results].map(({ job, outputs }) => [job.path, outputs])).toEqual([
      ['0.jpg', made[0]!.outputs],
      ['2.jpg', made[2]!.outputs],
    ])
    await second.end()
    expect(await readJournal(store, state, out)).toMatchObject({ results: { length: 0 }, refs: [] })
  })

  it('keeps everything of a result that the manifest and the source index need', async () => {
    const { out, state, store } = await openFolder()
    const seen = { ref: '/src/b.jpg', size: 9, modified: '2026-01-01T00:00:00.000Z', etag: 'e' }
    const { job: failing, ...failed } = failure('b.jpg', ['thumb'])
    const made: Result[] = [
      result('a.jpg', [written('thumb', 'a.webp'), skipped('wide', 'small')], {
        analysis: { brightness: [1] },
      }),
      { ...failed, job: { ...failing, source: seen, isSame: true } },
    ]
    const journal = openJournal(store, state)
    for (const one of made) await journal.add(one)
    await journal.close()
    const [a, b] = (await readJournal(store, state, out)).results
    const { outputs, analysis, source, status } = made[0]!
    expect(a).toMatchObject({ outputs, analysis, source, status, job: { id: made[0]!.job.id, out } })
    const { limits, failOn, id } = failing
    const { ref: _, ...known } = seen
    expect(b).toMatchObject({
      ...failed,
      ms: 0,
      job: { id, limits, failOn, isSame: true, source: known, renditions: [{ preset: 'thumb' }] },
    })
  })

  it('writes a result before add resolves, and simultaneous results in order', async () => {
    const { out, state, store } = await openFolder()
    const made = makeResults(1000)
    const journal = openJournal(store, state)
    await journal.add(made[0]!)
    expect(await pathsIn(store, state, out)).toEqual(['0.jpg'])
    await Promise.all(made.slice(1).map((one) => journal.add(one)))
    expect(await pathsIn(store, state, out)).toEqual(pathsOf(made))
    await journal.end()
  })

  it.skipIf(process.platform !== 'linux')('does not fail if the disk is full', async () => {
    const { project, state, store } = await openFolder()
    await project.touch('out/.imgproc/seen.json')
    await symlink('/dev/full', project.at('out/.imgproc/journal.ndjson'))
    const journal = openJournal(store, state)
    await Promise.all(makeResults(3).map((one) => journal.add(one)))
    await journal.end()
    expect(await store.stat(`${state}/journal.ndjson`)).toBeUndefined()
  })

  it('does not fail if its file cannot be created', async () => {
    const { project, out, state, store } = await openFolder()
    await project.touch('out/.imgproc')
    const journal = openJournal(store, state)
    await journal.add(makeResults(1)[0]!)
    await journal.end()
    expect(await readJournal(store, state, out)).toMatchObject({ results: { length: 0 } })
  })
})

describe('journal in a store that cannot append', () => {
  it('writes segments of two hundred results, and the rest when it is closed', async () => {
    const store = createMemoryStore()
    const made = makeResults(450)
    const journal = openJournal(store, STATE)
    for (const one of made) await journal.add(one)
    await vi.waitFor(async () => expect(await pathsIn(store, STATE, OUT)).toHaveLength(400), 60_000)
    await journal.close()
    const { results, refs } = await readJournal(store, STATE, OUT)
    expect(pathsOf(results)).toEqual(pathsOf(made))
    expect(refs).toHaveLength(3)
    const next = openJournal(store, STATE, refs)
    await next.add(made[0]!)
    await next.end()
    expect(await readJournal(store, STATE, OUT)).toMatchObject({ results: { length: 0 }, refs: [] })
  })

  it('writes a small segment after a delay', async () => {
    const store = createMemoryStore()
    const journal = openJournal(store, STATE)
    await journal.add(makeResults(1)[0]!)
    await vi.waitFor(async () => expect(await pathsIn(store, STATE, OUT)).toEqual(['0.jpg']), 60_000)
    await journal.end()
  })

  it('keeps the order of journals if the clock is set back, or stands still', async () => {
    const store = createMemoryStore()
    const made = makeResults(3)
    vi.useFakeTimers({ toFake: ['Date'] })
    onTestFinished(() => void vi.useRealTimers())
    for (const [at, day] of ['2026-02-02', '2026-01-01', '2026-02-02'].entries()) {
      vi.setSystemTime(day)
      const journal = openJournal(store, STATE, (await readJournal(store, STATE, OUT)).refs)
      await journal.add(made[at]!)
      await journal.close()
    }
    expect(await pathsIn(store, STATE, OUT)).toEqual(pathsOf(made))
  })

  it('sends no request during a short run', async () => {
    const asked: string[] = []
    const held = withoutRemove(createMemoryStore())
    const store = createKeyedStore({
      ...held,
      remove: async (ref) => void asked.push(ref),
      write: async (ref) => {
        asked.push(ref)
        return { ref, size: 0 }
      },
    })
    const journal = openJournal(store, STATE)
    for (const one of makeResults(3)) await journal.add(one)
    await journal.end()
    expect(asked).toEqual([])
  })

  it('writes nothing if nothing can be removed', async () => {
    const store = createKeyedStore(withoutRemove(createMemoryStore()))
    const journal = openJournal(store, STATE)
    await journal.add(makeResults(1)[0]!)
    await journal.close()
    expect(await readJournal(store, STATE, OUT)).toMatchObject({ results: { length: 0 }, refs: [] })
  })

  it('returns no results if the store cannot be listed', async () => {
    const list = () => {
      throw new Error('no list')
    }
    const store = createKeyedStore({ ...withoutRemove(createMemoryStore()), list })
    expect(await readJournal(store, STATE, OUT)).toEqual({ results: [], refs: undefined })
  })

  it('ignores files of others', async () => {
    const store = createMemoryStore({ 'out/.imgproc/journal/notes.ndjson': Buffer.from('{}') })
    expect(await readJournal(store, STATE, OUT)).toMatchObject({ results: { length: 0 }, refs: [] })
    const other = openJournal(store, 'memory://a/.imgproc')
    await other.add(makeResults(1)[0]!)
    await other.close()
    expect(await pathsIn(store, 'memory://a/.imgproc', 'memory://a')).toEqual(['0.jpg'])
    expect(await pathsIn(store, 'memory://[a]/.imgproc', 'memory://[a]')).toEqual([])
  })
})
