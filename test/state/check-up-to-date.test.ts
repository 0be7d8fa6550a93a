import { describe, expect, it } from 'vitest'
import { toEntry } from '../../src/manifest/update-entry.js'
import type { ManifestEntry } from '../../src/manifest/types.js'
import type { RunHistory } from '../../src/state/run-history.js'
import { checkUpToDate, toFingerprint, type UpToDateCheck } from '../../src/state/up-to-date.js'
import type { SourceFingerprint } from '../../src/state/fingerprints.js'
import type { ErrorRecord } from '../../src/errors.js'
import type { Job, OutputResult, Rendition, Result } from '../../src/jobs/types.js'
import { sha256 } from '../../src/utils/sha256.js'
import { corrupt, failed, failure, result, written } from '../manifest/results.js'

const CONTENT = Buffer.from('a picture')
const facts = { bytes: 9, width: 800, height: 600, format: 'png', hash: `sha256:${sha256(CONTENT)}` }
const thumb: Rendition = { preset: 'thumb', target: 'a.thumb.{ext}', ops: [], recipe: 'r-100' }
const output = written('thumb', 'a.thumb.webp')
const entry = entryWith([output])
const { job: base } = result('a.png', [])
const job: Job = {
  ...base,
  source: { ref: '/src/a.png', size: 9, modified: '2026-01-01T00:00:00.000Z' },
  renditions: [thumb],
}
const seen: SourceFingerprint = { size: 9, modified: '2026-01-01T00:00:00.000Z' }

function entryWith(outputs: OutputResult[], more: Partial<ManifestEntry> = {}): ManifestEntry {
  return { ...toEntry(result('a.png', outputs, { source: facts })), ...more }
}

/** Returns a failed output with the recipe of `thumb`. */
function failedWith(error: ErrorRecord, path = 'a.thumb.{ext}'): OutputResult {
  return { action: 'failed', preset: 'thumb', path, recipe: 'r-100', error }
}

async function checkAll(jobs: readonly Job[], history: RunHistory): Promise<UpToDateCheck[]> {
  const checks: UpToDateCheck[] = []
  for await (const chunk of checkUpToDate(jobs, history)) checks.push(...chunk)
  return checks
}

interface State {
  readonly job?: Partial<Job>
  readonly entry?: ManifestEntry | undefined
  readonly seen?: SourceFingerprint | undefined
  readonly sizes?: Readonly<Record<string, number>>
  readonly history?: Partial<RunHistory>
}

/** Checks the job; without other state, all of it is up to date. */
async function check(state: State = {}) {
  const found = { entry, seen, ...state }
  const sizes: Readonly<Record<string, number>> = { 'a.thumb.webp': 3609, ...state.sizes }
  const history: RunHistory = {
    entryOf: (id) => (id === job.id ? found.entry : undefined),
    fingerprints: new Map(found.seen && [[job.id, found.seen]]),
    sizesOf: async (paths) => paths.map((path) => sizes[path]),
    read: async () => CONTENT,
    force: false,
    outdated: false,
    tool: () => 'v1',
    ...state.history,
  }
  const [one] = await checkAll([{ ...job, ...state.job }], history)
  if (one === undefined) throw new Error('there is a check a job')
  return one
}

/** Returns the reasons to make the renditions. */
async function reasons(state: State): Promise<unknown[]> {
  return (await check(state)).job.renditions.map(({ reason }) => reason)
}

describe('an output that is up to date', () => {
  const { action: _, ...rest } = output
  const unchanged = { action: 'unchanged', ...rest }

  it('is not made again, and changes nothing in the manifest', async () => {
    const settled = { ...job, isSame: true, renditions: [], settled: [unchanged] }
    expect(await check()).toEqual({
      job: settled,
      result: { job: settled, status: 'ready', source: facts, outputs: [unchanged], ms: 0 },
      isKnown: true,
    })
  })

  it('gets the URL of the base URL that is now set', async () => {
    const at = (url: string) => ({
      ...entry,
      outputs: entry.outputs.map((one) => Object.assign({ url }, one)),
    })
    const other = at('/old/a.thumb.webp')
    const { result: moved, isKnown } = await check({ entry: other, job: { baseUrl: '/img/' } })
    expect([moved?.outputs, isKnown]).toEqual([[{ ...unchanged, url: '/img/a.thumb.webp' }], undefined])
    const current = at('/img/a.thumb.webp')
    expect(await check({ entry: current, job: { baseUrl: '/img/' } })).toMatchObject({ isKnown: true })
    const { result: plain, isKnown: isPlain } = await check({ entry: current })
    expect([plain?.outputs, isPlain]).toEqual([[unchanged], undefined])
  })

  it.each<[string, State]>([
    ['the source was recognised by its content', { seen: undefined }],
    ['the manifest has an error', { entry: entryWith([output], { error: corrupt }) }],
    ['another preset has failed', { entry: entryWith([output, failed('web', 'a.web.webp')]) }],
    ['its preset makes fewer outputs', { entry: entryWith([output, written('thumb', 'a-2.webp', 2)]) }],
    ['another rendition is skipped', { job: { renditions: [thumb, { ...thumb, skipSmaller: true }] } }],
  ])('changes the manifest if %s', async (__, state) => {
    const { result: settled, isKnown } = await check(state)
    expect(settled?.outputs).toContainEqual(unchanged)
    expect(isKnown).toBeUndefined()
  })

  it('changes nothing if other presets are listed that are not run', async () => {
    const other = entryWith([output, written('web', 'a.web.webp')])
    expect(await check({ entry: other })).toMatchObject({ isKnown: true })
  })

  it('leaves the others of its source to make', async () => {
    const web = { ...thumb, preset: 'web', target: 'a.web.webp' }
    const { job: rest, result: none } = await check({ job: { renditions: [thumb, web] } })
    expect(rest).toMatchObject({
      isSame: true,
      settled: [unchanged],
      renditions: [{ preset: 'web', reason: 'new' }],
    })
    expect(none).toBeUndefined()
  })

  it('leaves the analyzers to run that have no findings yet', async () => {
    const analyze = ['entropy', 'thumbhash']
    expect((await check({ job: { analyze } })).job.analyze).toEqual(analyze)
    const analysed = entryWith([output], { analysis: { entropy: 3 } })
    const { job: rest, result: none } = await check({ job: { analyze }, entry: analysed })
    expect([rest.analyze, rest.renditions, none]).toEqual([['thumbhash'], [], undefined])
    expect(await check({ job: { analyze: ['entropy'] }, entry: analysed })).toMatchObject({
      job: { analyze: [] },
      isKnown: true,
    })
  })
})

describe('an output is made', () => {
  const transient = { ...corrupt, code: 'READ_FAILED', retryable: true } as const

  it.each<[string, string, State]>([
    ['new', 'its source is not in the manifest', { entry: undefined }],
    ['new', 'its preset has no output', { entry: entryWith([written('web', 'a.web.webp')]) }],
    ['recipe changed', 'its recipe changed', { job: { renditions: [{ ...thumb, recipe: 'r-2' }] } }],
    ['path changed', 'its path changed', { job: { renditions: [{ ...thumb, target: 'b.{ext}' }] } }],
    [
      'new',
      'another rendition has the path that it fits too',
      {
        entry: entryWith([written('thumb', 'a.thumb.webp', 50)]),
        job: { renditions: [thumb, { ...thumb, recipe: 'r-50' }] },
      },
    ],
    ['failed before', 'an earlier run failed as a whole', { entry: entryWith([], { error: corrupt }) }],
    [
      'failed before',
      'an earlier run failed for a reason that may have passed',
      {
        entry: entryWith([failedWith(transient)]),
      },
    ],
    [
      'source changed',
      'it was made from an older source',
      { entry: { ...entry, outputs: entry.outputs.map((one) => Object.assign({ stale: true }, one)) } },
    ],
    ['other versions', 'other versions have made it', { history: { outdated: true } }],
    ['output missing', 'its file is missing', { history: { sizesOf: async () => [undefined] } }],
    ['output changed', 'its file has another size', { sizes: { 'a.thumb.webp': 3608 } }],
    ['forced', 'all are', { history: { force: true } }],
  ])('again, "%s", if %s', async (reason, _, state) => {
    expect((await reasons(state))[0]).toBe(reason)
  })

  it.each<[string, ErrorRecord['code']]>([
    ['is damaged', 'CORRUPT_IMAGE'],
    ['does not allow its operations', 'INVALID_OPERATION'],
    ['does not fit into its bytes', 'TARGET_UNREACHABLE'],
  ])('no second time if its source %s', async (_, code) => {
    const broken = failedWith({ ...corrupt, code })
    const { result: settled, isKnown } = await check({ entry: entryWith([broken]) })
    expect(settled).toMatchObject({ status: 'failed', outputs: [broken] })
    expect(settled?.outputs[0]).not.toHaveProperty('status')
    expect(isKnown).toBeUndefined()
  })

  it.each<[string, Partial<Rendition>, OutputResult[], string | undefined]>([
    ['with its recipe', {}, [written('thumb', 'a.thumb.jpg', 2), output], 'a.thumb.webp'],
    ['with another recipe', { recipe: 'r-2' }, [output], 'a.thumb.webp'],
    ['of another preset', {}, [written('web', 'a.thumb.webp')], undefined],
    ['that failed', {}, [failed('thumb', 'a.thumb.webp')], undefined],
    ['elsewhere', { target: 'b.{ext}' }, [output], undefined],
    ['whose path is known', { target: 'a.thumb.webp', recipe: 'r-2' }, [output], undefined],
  ])('with the path before, if there was one %s', async (_, rendition, outputs, before) => {
    const state = { entry: entryWith(outputs), sizes: { 'a.thumb.webp': 1 } }
    const { job: rest } = await check({ ...state, job: { renditions: [{ ...thumb, ...rendition }] } })
    expect(rest.renditions.map((one) => one.before)).toEqual([before])
  })

  it('with the path before of a changed source too', async () => {
    const { job: rest } = await check({ seen: { ...seen, size: 8 } })
    expect(rest.renditions).toEqual([{ ...thumb, reason: 'source changed', before: 'a.thumb.webp' }])
  })
})

describe('a source', () => {
  const unknown = { seen: undefined }
  const { hash: _, ...header } = facts
  const unhashed = { ...entry, source: { path: 'a.png', ...header } }
  const other = { read: async () => Buffer.from('another') }
  const unreadable = { read: () => Promise.reject(new Error('gone')) }

  it.each<[string, State, unknown[]]>([
    ['is unchanged if its fingerprint is', {}, []],
    ['has changed if its size has', { seen: { ...seen, size: 8 } }, ['source changed']],
    ['is unchanged if its content is, without a fingerprint', unknown, []],
    ['is unchanged if its content is, with another date', { seen: { size: 9, modified: 'then' } }, []],
    ['has changed if its content has', { ...unknown, history: other }, ['source changed']],
    ['has changed if it cannot be read', { ...unknown, history: unreadable }, ['source changed']],
    ['has changed if its content was not hashed', { ...unknown, entry: unhashed }, ['source changed']],
    [
      'has not been known if it was not hashed because it failed',
      { ...unknown, entry: { ...unhashed, error: corrupt } },
      ['failed before'],
    ],
  ])('%s', async (__, state, expected) => {
    expect(await reasons(state)).toEqual(expected)
  })

  it('is not read if another size tells that it has changed', async () => {
    let reads = 0
    const read = async () => {
      reads++
      return CONTENT
    }
    const source = (size: number) => ({ source: { ...job.source, size } })
    const history = { read }
    expect(await reasons({ ...unknown, history, job: source(8) })).toEqual(['source changed'])
    expect(reads).toBe(0)
    // A store may not know the size.
    expect(await reasons({ ...unknown, history, job: source(0) })).toEqual([])
    expect(reads).toBe(1)
  })
})

describe('a source that failed', () => {
  const broken = { ...toEntry(failure('a.png', ['thumb'])), source: { path: 'a.png' } }
  const { limits, failOn } = job
  const conditions = toFingerprint({ ...failure('a.png', ['thumb']), job }, () => 'v1')

  it('fails again under the same conditions, without being decoded', async () => {
    const settled = [
      { action: 'failed', preset: 'thumb', path: thumb.target, recipe: 'r-100', error: corrupt },
    ]
    const rest = { ...job, renditions: [], settled }
    expect(await check({ entry: broken, seen: conditions })).toEqual({
      job: rest,
      result: { job: rest, status: 'failed', outputs: [], error: corrupt, ms: 0 },
    })
    const read = { ...broken, source: { path: 'a.png', ...facts } }
    expect((await check({ entry: read, seen: conditions })).result?.source).toEqual(facts)
  })

  it.each<[string, Partial<Job>, string]>([
    ['pixels', { limits: { ...limits, pixels: 2 } }, 'v1'],
    ['bytes', { limits: { ...limits, bytes: 2 } }, 'v1'],
    ['frames', { limits: { ...limits, frames: 2 } }, 'v1'],
    ['seconds', { limits: { ...limits, seconds: 2 } }, 'v1'],
    ['strictness', { failOn: failOn === 'none' ? 'error' : 'none' }, 'v1'],
    ['versions', {}, 'v2'],
  ])('is tried again with other %s', async (__, changed, tool) => {
    const state = { entry: broken, seen: conditions, job: changed, history: { tool: () => tool } }
    expect(await reasons(state)).toEqual(['failed before'])
  })
})

describe('toFingerprint', () => {
  const made: Result = { job, status: 'ready', outputs: [], ms: 1 }
  const tool = () => 'v1'

  it('has what the store knows of a source', () => {
    expect(toFingerprint(made, tool)).toStrictEqual(seen)
    const source = { ref: '/a.png', size: 9, modified: 'now', etag: '"x"', changed: 5 }
    const known = { size: 9, modified: 'now', etag: '"x"', changed: 5 }
    expect(toFingerprint({ ...made, job: { ...job, source } }, tool)).toStrictEqual(known)
    const bare = { ...made, job: { ...job, source: { ref: '/a.png', size: 9 } } }
    expect(toFingerprint(bare, tool)).toStrictEqual({ size: 9 })
  })

  it('has the conditions of a failure, unless that may pass by itself', () => {
    const failing = { ...made, error: corrupt }
    expect(toFingerprint(failing, tool)).toStrictEqual({ ...seen, failed: '1 1 1 1 error v1' })
    expect(toFingerprint({ ...made, error: { ...corrupt, retryable: true } }, tool)).toStrictEqual(seen)
  })
})

describe('checkUpToDate', () => {
  it('reads the sizes of many outputs at once, and returns the checks in order', async () => {
    const jobs = Array.from({ length: 1025 }, (_, at) => ({ ...job, id: String(at), path: `${at}.png` }))
    const asked: number[] = []
    const checks = await checkAll(jobs, {
      entryOf: (id) => (id === '7' ? undefined : entry),
      fingerprints: new Map(jobs.map(({ id }) => [id, seen])),
      sizesOf: async (paths) => {
        asked.push(paths.length)
        return paths.map(() => 3609)
      },
      read: async () => CONTENT,
      force: false,
      outdated: false,
      tool: () => 'v1',
    })
    expect(asked).toEqual([511, 512, 1])
    expect(checks.map((one) => one.job.path)).toEqual(jobs.map(({ path }) => path))
    expect(checks.filter(({ isKnown }) => isKnown !== true).map((one) => one.job.id)).toEqual(['7'])
  })

  it('asks for the sizes of outputs that may be unchanged only', async () => {
    const asked: string[] = []
    const listed = entryWith([
      output,
      written('thumb', 'old.webp', 2),
      written('web', 'a.web.webp'),
      failedWith(corrupt, 'b.webp'),
    ])
    const sizesOf = async (paths: readonly string[]) => {
      asked.push(...paths)
      return paths.map(() => 3609)
    }
    await check({ entry: listed, history: { sizesOf } })
    expect(asked).toEqual(['a.thumb.webp'])
  })
})
