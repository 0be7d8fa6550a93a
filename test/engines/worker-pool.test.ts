import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createOutputClaims } from '../../src/plan/output-claims.js'
import type { Job, Result } from '../../src/jobs/types.js'
import { createWorkerPoolEngine, type WorkerPoolEngineOptions } from '../../src/engines/worker-pool.js'
import { result } from '../manifest/results.js'
import { describeEngine } from './contract.js'

const module = fileURLToPath(new URL('./worker.mjs', import.meta.url))
const executeHere = async (job: Job): Promise<Result> => ({ job, status: 'ready', outputs: [], ms: 0 })

// Runs the contract's `execute` in this process, while a worker waits for its reservation.
describeEngine('worker pool', ({ concurrency, execute }) =>
  createEngine({
    processes: 1,
    concurrency,
    claims: {
      reserve: async (_path, job) => void (await execute(job)),
      release: () => {},
      isExclusive: () => false,
    },
  }),
)

describe('worker pool engine', () => {
  let folder = ''
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'imgproc-processes-'))
  })
  afterEach(() => rm(folder, { recursive: true, force: true }))

  it('distributes jobs to its processes, which end with the run', async () => {
    const pids = new Set((await runJobs(makeJobs(20))).map(pidOf))
    expect(pids.size).toBe(2)
    await expect.poll(() => [...pids].filter(isRunning)).toEqual([])
  })

  it.each([
    ['crash', 'SIGSEGV'],
    ['exit', 'exit code 3'],
  ])('fails only the job that crashes its process: %s', async (behaviour, reason) => {
    const jobs = makeJobs(20, { 3: behaviour, 4: behaviour, 11: behaviour })
    const results = await runJobs(jobs)
    expect(results.map(({ job }) => job.path).toSorted()).toEqual(jobs.map(({ path }) => path))
    const failed = results.filter(({ error }) => error !== undefined)
    expect(failed.map(({ job }) => job.path).toSorted()).toEqual([3, 4, 11].map((at) => jobs[at]?.path))
    for (const { error, status, job } of failed) {
      expect(status).toBe('failed')
      expect(error).toMatchObject({ code: 'INTERNAL', retryable: true })
      expect(error?.message).toContain(`Making ${job.path} crashed its process twice (${reason})`)
    }
  })

  it('runs the jobs of a crashed process again, including one that crashes only once', async () => {
    const results = await runJobs(makeJobs(12, { 5: 'crash-once' }))
    expect(results).toHaveLength(12)
    // The first attempt's reservations remain valid.
    for (const { analysis, error } of results) {
      expect(error).toBeUndefined()
      expect(analysis).toMatchObject({ owner: null })
    }
  })

  it.each([undefined, 0, 1])('gives a path to the source that sorts first: %s crashes', async (crash) => {
    const names = ['a.jpeg', 'a.jpg', 'a.png', 'b.jpeg', 'b.jpg']
    const jobs = names.map((name, at) => ({
      ...result(`${name}/${crash === at ? 'crash-once' : 'plain'}.jpg`, []).job,
      renditions: [{ preset: 'thumb', target: `${name[0]}.{ext}`, ops: [], recipe: 'r' }],
    }))
    const { reserve, release } = createOutputClaims(jobs)
    const results = await runJobs(jobs, {
      claims: { reserve: (path, job) => reserve(`${path[0]}.jpg`, job), release, isExclusive: () => false },
    })
    const owners = new Map(results.map(({ job, analysis }) => [job, analysis?.['owner']]))
    const [first, , , fourth] = jobs.map(({ path }) => path)
    expect(jobs.map((job) => owners.get(job))).toEqual([null, first, first, null, fourth])
  })

  it('runs all jobs with a queue in each process, and sends no reserve request for exclusive paths', async () => {
    const jobs = makeJobs(60, { 7: 'crash', 9: 'twice' })
    const requested: string[] = []
    const claims = {
      async reserve(path: string) {
        requested.push(path)
        return undefined
      },
      release: () => {},
      isExclusive: ({ path }: Job) => !path.startsWith('30'),
    }
    const results = await runJobs(jobs, { claims, ahead: 12 })
    expect(results.map(({ job }) => job.path).toSorted()).toEqual(jobs.map(({ path }) => path))
    expect(results.flatMap(({ error, job }) => (error ? job.path : []))).toEqual([jobs[7]?.path])
    expect(requested).toEqual([jobs[30]?.path])
    // Two outputs of one job collide all the same.
    const twice = results.find(({ job }) => job === jobs[9])
    expect(twice?.analysis).toMatchObject({ owner: jobs[9]?.path })
  })

  it('starts none of the queued jobs of each process after an abort', async () => {
    const controller = new AbortController()
    const jobs = makeJobs(60, { 2: 'linger', 3: 'linger' })
    const started: string[] = []
    const claims = {
      async reserve(path: string) {
        started.push(path)
        if (started.length === 4) controller.abort()
        return undefined
      },
      release: () => {},
      isExclusive: () => false,
    }
    const engine = createEngine({ claims, ahead: 12, setup: { folder } })
    const results: Result[] = []
    for await (const each of engine.run(jobs, controller)) results.push(each)
    expect(results.map(({ job }) => job.path).toSorted()).toEqual(started.toSorted())
    expect(started.length).toBeLessThan(12)
  })

  it('runs jobs in this process if no worker can be started', async () => {
    const results = await runJobs(makeJobs(8), { setup: { fails: true } })
    expect(results.map(({ status }) => status)).toEqual(Array.from({ length: 8 }, () => 'ready'))
  })

  it('ignores Ctrl-C in workers', async () => {
    const results = await runJobs(makeJobs(6, { 1: 'interrupt', 2: 'interrupt' }))
    expect(results.flatMap(({ error }) => error ?? [])).toEqual([])
  })

  it('aborts jobs in work, and retries none that crash after that', async () => {
    const controller = new AbortController()
    const { signal } = controller
    const jobs = makeJobs(30, { 2: 'wait', 3: 'wait' })
    const claims = {
      async reserve(_path: string, { path }: Job) {
        if (path.startsWith('04')) controller.abort()
        return undefined
      },
      release: () => {},
      isExclusive: () => false,
    }
    const results = await runJobs(jobs, { processes: 1, claims, signal })
    expect(results.length).toBeLessThan(20)
    expect(results.map(({ job }) => job.path)).toEqual(expect.arrayContaining([jobs[2]?.path, jobs[3]?.path]))
  })

  it('leaves no worker process behind if its parent is killed', async () => {
    const jiti = createRequire(import.meta.url).resolve('jiti')
    const script = fileURLToPath(new URL('./wait.ts', import.meta.url))
    const loader = `require(${JSON.stringify(jiti)}).createJiti(process.argv[1]).import(process.argv[1])`
    const parent = spawn(process.execPath, ['--eval', loader, script], {
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    const [printed] = (await once(parent.stdout, 'data')) as [Buffer]
    const pid = Number(printed.toString())
    expect(isRunning(pid)).toBe(true)
    parent.kill('SIGKILL')
    await expect.poll(() => isRunning(pid)).toBe(false)
  })

  async function runJobs(
    jobs: readonly Job[],
    options: Partial<WorkerPoolEngineOptions> = {},
  ): Promise<Result[]> {
    const results: Result[] = []
    for await (const each of createEngine({ setup: { folder }, ...options }).run(jobs, options))
      results.push(each)
    return results
  }
})

function createEngine(options: Partial<WorkerPoolEngineOptions>) {
  return createWorkerPoolEngine({
    processes: 2,
    concurrency: 4,
    module,
    setup: undefined,
    claims: { reserve: async () => undefined, release: () => {}, isExclusive: () => false },
    execute: executeHere,
    ...options,
  })
}

/** Returns jobs whose names tell the worker how to behave, by their index. */
function makeJobs(count: number, behaviours: Readonly<Record<number, string>> = {}): Job[] {
  return Array.from({ length: count }, (_, at) => {
    return result(`${String(at).padStart(2, '0')}-${behaviours[at] ?? 'plain'}.jpg`, []).job
  })
}

function pidOf({ analysis }: Result): number {
  return Number(analysis?.['pid'])
}

function isRunning(pid: number): boolean {
  try {
    return process.kill(pid, 0)
  } catch {
    return false
  }
}
