import { setTimeout as sleep } from 'node:timers/promises'
import { describe, expect, it, vi } from 'vitest'
import { ImgprocError, toRecord } from '../../src/errors.js'
import type { ExecuteContext } from '../../src/jobs/execute-job.js'
import type { Job, Result } from '../../src/jobs/types.js'
import { createOutputClaims } from '../../src/plan/output-claims.js'
import { enqueueJobs } from '../../src/queue/enqueue.js'
import { createMessage, queueId } from '../../src/queue/job-message.js'
import { createQueueEngine, type QueueEngineOptions } from '../../src/queue/queue-engine.js'
import { JOB_NAME, type OpenQueue } from '../../src/queue/open-queue.js'
import { readStatus } from '../../src/queue/status/read-status.js'
import { result, written } from '../manifest/results.js'
import { hasRedis, NEEDS_REDIS } from '../support/redis.js'
import { collect, openTestQueue, startTestWorker, useRedis, workOf } from './setup.js'

type Execute = (job: Job, context: Pick<ExecuteContext, 'reserve'>) => Promise<Result>

const redis = useRedis()
const ready: Execute = async (job) => ({ job, status: 'ready', outputs: [written('thumb', job.path)], ms: 1 })

function makeJobs(count: number, prefix = 'job'): Job[] {
  return Array.from(
    { length: count },
    (_, at) => result(`${prefix}-${String(at).padStart(3, '0')}.jpg`, []).job,
  )
}

function run(open: OpenQueue, jobs: readonly Job[], options: QueueEngineOptions = {}, work = workOf(jobs)) {
  return createQueueEngine(open, { shared: ['/'], sweepSeconds: 0.2, ...options })(work).run(jobs)
}

function failing(code: 'READ_FAILED' | 'CORRUPT_IMAGE'): Execute {
  const error = toRecord(new ImgprocError(code, 'It did not work.', { stage: 'read' }))
  return async (job) => ({ job, status: 'failed', outputs: [], error, ms: 1 })
}

describe.skipIf(!hasRedis)(`a queue${NEEDS_REDIS}`, () => {
  it('returns the results of workers in other connections, and leaves nothing behind', async () => {
    const open = await openTestQueue(redis().url)
    await startTestWorker(open, { execute: ready })
    const jobs = makeJobs(50)
    const results = await collect(run(open, jobs))
    expect(new Set(results.map(({ job }) => job))).toEqual(new Set(jobs))
    expect(results[0]?.outputs).toEqual([written('thumb', results[0]!.job.path)])
    expect(await readStatus(open)).toMatchObject({ waiting: 0, active: 0, failed: 0, ungathered: 0 })
  })

  it('makes the same work once, also for two runs', async () => {
    const open = await openTestQueue(redis().url)
    const execute = vi.fn<Execute>(async (job, context) => {
      await sleep(20)
      return ready(job, context)
    })
    const jobs = makeJobs(10)
    const both = [collect(run(open, jobs)), collect(run(open, jobs))]
    await expect.poll(() => open.queue.getPrioritizedCount()).toBe(10)
    await startTestWorker(open, { execute })
    expect((await Promise.all(both)).map((results) => results.length)).toEqual([10, 10])
    expect(execute).toHaveBeenCalledTimes(10)
  })

  it('tries a failure that may pass again, and no other', async () => {
    const open = await openTestQueue(redis().url)
    let attempts = 0
    const [job] = makeJobs(1)
    const execute: Execute = async (each, context) =>
      ++attempts < 3 ? failing('READ_FAILED')(each, context) : ready(each, context)
    const worker = await startTestWorker(open, { execute })
    expect(await collect(run(open, [job!]))).toMatchObject([{ status: 'ready' }])
    expect(attempts).toBe(3)
    await worker.drain(5)

    const corrupt = vi.fn<Execute>(failing('CORRUPT_IMAGE'))
    await startTestWorker(open, { execute: corrupt })
    const [failed] = await collect(run(open, makeJobs(1, 'corrupt')))
    expect(failed).toMatchObject({
      status: 'failed',
      error: { code: 'CORRUPT_IMAGE', message: 'It did not work.' },
    })
    expect(corrupt).toHaveBeenCalledTimes(1)
  })

  it('lists jobs that have failed for good, and tries them again in the next run', async () => {
    const open = await openTestQueue(redis().url)
    const execute = vi.fn<Execute>(failing('CORRUPT_IMAGE'))
    await startTestWorker(open, { execute })
    const jobs = makeJobs(1)
    await collect(run(open, jobs))
    expect(await readStatus(open)).toMatchObject({
      failed: 1,
      dead: [{ path: 'job-000.jpg', error: 'CORRUPT_IMAGE It did not work.', attempts: 1 }],
    })
    await collect(run(open, jobs))
    expect(execute).toHaveBeenCalledTimes(2)
  })

  it('gives up on a failure that may pass after its attempts', async () => {
    const open = await openTestQueue(redis().url)
    const execute = vi.fn<Execute>(failing('READ_FAILED'))
    await startTestWorker(open, { execute })
    const results = await collect(run(open, makeJobs(1), { attempts: 2 }))
    expect(results).toMatchObject([{ status: 'failed', error: { code: 'READ_FAILED' } }])
    expect(execute).toHaveBeenCalledTimes(2)
  })

  it('starts jobs with a smaller priority number first', async () => {
    const open = await openTestQueue(redis().url)
    const order: string[] = []
    const batch = collect(run(open, makeJobs(5, 'batch')))
    await expect.poll(() => open.queue.getPrioritizedCount()).toBe(5)
    const single = collect(run(open, makeJobs(1, 'single'), { priority: 1 }))
    await expect.poll(() => open.queue.getPrioritizedCount()).toBe(6)
    await startTestWorker(open, {
      concurrency: 1,
      execute: async (job, context) => {
        order.push(job.path)
        return ready(job, context)
      },
    })
    await Promise.all([batch, single])
    expect(order[0]).toBe('single-000.jpg')
    expect(order).toHaveLength(6)
  })

  it('has no more jobs in Redis than wanted ahead', async () => {
    const open = await openTestQueue(redis().url)
    const jobs = makeJobs(40)
    let most = 0
    await startTestWorker(open, {
      execute: async (job, context) => {
        const counts = await open.queue.getJobCounts('prioritized', 'active')
        most = Math.max(most, (counts['prioritized'] ?? 0) + (counts['active'] ?? 0))
        return ready(job, context)
      },
    })
    expect(await collect(run(open, jobs, { ahead: 8 }))).toHaveLength(40)
    expect(most).toBeLessThanOrEqual(8)
    expect(most).toBeGreaterThan(1)
  })

  it('takes the results of a run that was killed, unless the outputs are gone or made anew', async () => {
    const open = await openTestQueue(redis().url)
    const execute = vi.fn<Execute>(ready)
    const jobs = makeJobs(4)
    await enqueueJobs(open, jobs, createOutputClaims(jobs), { shared: ['/'] })
    await startTestWorker(open, { execute })
    await expect.poll(() => open.queue.getCompletedCount()).toBe(4)
    const isCurrent = async ({ job }: Result) => job !== jobs[2]
    const results = await collect(run(open, jobs, {}, { ...workOf(jobs), isCurrent }))
    expect(results).toHaveLength(4)
    expect(execute).toHaveBeenCalledTimes(5)
    expect(execute.mock.lastCall?.[0].path).toBe('job-002.jpg')

    await enqueueJobs(open, jobs, createOutputClaims(jobs), { shared: ['/'] })
    await expect.poll(() => open.queue.getCompletedCount()).toBe(4)
    await collect(run(open, jobs, { force: true }))
    expect(execute).toHaveBeenCalledTimes(13)
  })

  it('knows jobs that are added twice', async () => {
    const open = await openTestQueue(redis().url)
    const jobs = makeJobs(3)
    const claims = createOutputClaims(jobs)
    expect(await enqueueJobs(open, jobs.slice(1), claims, { shared: ['/'] })).toEqual({ queued: 2, known: 0 })
    expect(await enqueueJobs(open, jobs, claims, { shared: ['/'] })).toEqual({ queued: 1, known: 2 })
  })

  it('adds nothing if one job has a place that others do not see', async () => {
    const open = await openTestQueue(redis().url)
    const jobs = makeJobs(3)
    expect(() => run(open, jobs, { shared: ['/src'] })).toThrow('--shared /out')
    await expect(enqueueJobs(open, jobs, createOutputClaims(jobs), { shared: [] })).rejects.toThrow(
      '--shared /src',
    )
    expect(await readStatus(open)).toMatchObject({ waiting: 0 })
  })

  it('refuses jobs of another version, and of places that the worker does not share', async () => {
    const open = await openTestQueue(redis().url)
    const execute = vi.fn<Execute>(ready)
    await startTestWorker(open, { execute, shared: ['/out'] })
    const jobs = makeJobs(1)
    const results = await collect(run(open, jobs, { attempts: 1 }))
    expect(results).toMatchObject([
      {
        status: 'failed',
        error: {
          code: 'QUEUE_UNAVAILABLE',
          retryable: true,
          message: expect.stringContaining('--shared /src'),
        },
      },
    ])
    const old = { ...createMessage([{ id: 'job-old', job: jobs[0]! }]), format: 99 }
    await open.queue.add(JOB_NAME, old, { jobId: 'job-old' })
    await expect.poll(async () => (await readStatus(open)).failed).toBe(2)
    const { dead } = await readStatus(open)
    expect(dead[0]?.error).toMatch(
      /^QUEUE_UNAVAILABLE A worker refuses the job: .*messages of version 99.*messages of version 3/,
    )
    expect(execute).not.toHaveBeenCalled()
  })

  it('gives a path to the source that sorts first, whichever is faster', async () => {
    const open = await openTestQueue(redis().url)
    const names = ['a.jpeg', 'a.jpg', 'b.jpeg', 'b.jpg']
    const jobs = names.map((name) => ({
      ...result(name, []).job,
      renditions: [{ preset: 'thumb', target: `${name[0]}.{ext}`, ops: [], recipe: 'r' }],
    }))
    await startTestWorker(open, {
      execute: async (job, { reserve }) => {
        await sleep(job.path.endsWith('.jpeg') ? 60 : 0)
        const owner = await reserve(`${job.path[0]}.jpg`, job)
        return { job, status: 'skipped', outputs: [], analysis: { owner: owner ?? null }, ms: 1 }
      },
    })
    const results = await collect(run(open, jobs))
    const owners = new Map(results.map(({ job, analysis }) => [job, analysis?.['owner']]))
    expect(jobs.map((job) => owners.get(job))).toEqual([null, 'a.jpeg', null, 'b.jpeg'])
    expect(await open.client.keys('*claims*')).toEqual([])
  })

  it('lets no output replace an input, or an output that stays', async () => {
    const open = await openTestQueue(redis().url)
    const job = (path: string, settled?: Job['settled']): Job => ({
      ...result(path, []).job,
      source: { ref: `/out/${path}`, size: 1 },
      renditions: [{ preset: 'thumb', target: `${path[0]}.{ext}`, ops: [], recipe: 'r' }],
      ...(settled && { settled }),
    })
    const jobs = [job('a.jpg'), job('b.png')]
    const kept = job('c.gif', [{ ...written('thumb', 'b.jpg'), action: 'unchanged' } as never])
    const claims = createOutputClaims([...jobs, kept])
    await startTestWorker(open, {
      execute: async (each, { reserve }) => {
        const owner = await reserve(`${each.path[0]}.jpg`, each).catch((error: ImgprocError) => error.code)
        return { job: each, status: 'skipped', outputs: [], analysis: { owner: owner ?? null }, ms: 1 }
      },
    })
    const results = await collect(run(open, jobs, {}, { ...workOf(jobs), claims }))
    const owners = new Map(results.map(({ job: each, analysis }) => [each.path, analysis?.['owner']]))
    expect(owners).toEqual(
      new Map([
        ['a.jpg', 'OUTPUT_OVERWRITES_INPUT'],
        ['b.png', 'c.gif'],
      ]),
    )
  })

  it('adds jobs again that Redis has lost, and takes results whose event was lost', async () => {
    const open = await openTestQueue(redis().url)
    const jobs = makeJobs(3)
    const pending = collect(run(open, jobs))
    await expect.poll(() => open.queue.getPrioritizedCount()).toBe(3)
    await open.queue.remove(queueId(jobs[1]!))
    await expect.poll(() => open.queue.getPrioritizedCount()).toBe(3)
    await startTestWorker(open, { execute: ready })
    expect(await pending).toHaveLength(3)
  })
})
