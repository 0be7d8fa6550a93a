import { setTimeout as sleep } from 'node:timers/promises'
import { describe, expect, it, vi } from 'vitest'
import { ImgprocError, toRecord } from '../../../src/errors.js'
import type { ExecuteContext } from '../../../src/jobs/execute-job.js'
import type { Job, Result } from '../../../src/jobs/types.js'
import { createOutputClaims } from '../../../src/plan/output-claims.js'
import { enqueueJobs } from '../../../src/queue/enqueue.js'
import { queueId } from '../../../src/queue/job-message.js'
import type { OpenQueue } from '../../../src/queue/open-queue.js'
import { isParcel } from '../../../src/queue/parcels/pack-jobs.js'
import { createQueueEngine, type QueueEngineOptions } from '../../../src/queue/queue-engine.js'
import { readStatus } from '../../../src/queue/status/read-status.js'
import { result, written } from '../../manifest/results.js'
import { hasRedis, NEEDS_REDIS } from '../../support/redis.js'
import { collect, openTestQueue, startTestWorker, useRedis, workOf } from '../setup.js'

type Execute = (job: Job, context: Pick<ExecuteContext, 'reserve'>) => Promise<Result>

const redis = useRedis()
const ready: Execute = async (job) => ({ job, status: 'ready', outputs: [written('thumb', job.path)], ms: 1 })

/** Jobs of which `count` >= 64 share messages. */
function makeJobs(count: number): Job[] {
  return Array.from({ length: count }, (_, at) => result(`${String(at).padStart(3, '0')}.jpg`, []).job)
}

function run(open: OpenQueue, jobs: readonly Job[], options: QueueEngineOptions = {}, signal?: AbortSignal) {
  const engine = createQueueEngine(open, { shared: ['/'], sweepSeconds: 0.2, ...options })(workOf(jobs))
  return collect(engine.run(jobs, { signal }))
}

async function enqueue(open: OpenQueue, jobs: readonly Job[], force = false) {
  return enqueueJobs(open, jobs, createOutputClaims(jobs), { shared: ['/'], force })
}

async function messagesOf(open: OpenQueue): Promise<string[]> {
  return open.client.zrange(open.keyOf('prioritized'), '0', '-1')
}

/** Keys of the queue that name the parcels of jobs. */
async function keysOf(open: OpenQueue): Promise<string[]> {
  return open.client.keys(open.keyOf('in:*'))
}

function failing(code: 'READ_FAILED' | 'CORRUPT_IMAGE', isFailing: (job: Job) => boolean): Execute {
  const error = toRecord(new ImgprocError(code, 'It did not work.', { stage: 'read' }))
  return async (job, context) =>
    isFailing(job) ? { job, status: 'failed', outputs: [], error, ms: 1 } : ready(job, context)
}

describe.skipIf(!hasRedis)(`parcels in a queue${NEEDS_REDIS}`, () => {
  it('bring each job its own result, and leave nothing behind', async () => {
    const open = await openTestQueue(redis().url)
    const jobs = makeJobs(200)
    const results = run(open, jobs)
    await expect.poll(async () => (await messagesOf(open)).length).toBe(34)
    expect(await readStatus(open)).toMatchObject({ waiting: 200, active: 0, ungathered: 0 })
    const execute = vi.fn<Execute>(ready)
    await startTestWorker(open, { execute })
    const ended = await results
    expect(new Set(ended.map(({ job }) => job))).toEqual(new Set(jobs))
    for (const { job, outputs } of ended) expect(outputs).toEqual([written('thumb', job.path)])
    expect(execute).toHaveBeenCalledTimes(200)
    expect(await readStatus(open)).toMatchObject({ waiting: 0, active: 0, ungathered: 0, done: 200 })
    expect(await keysOf(open)).toEqual([])
  })

  it('count as the images in them while they are in work, and when they wait to be gathered', async () => {
    const open = await openTestQueue(redis().url)
    let release = () => {}
    const held = new Promise<void>((resolve) => {
      release = resolve
    })
    await enqueue(open, makeJobs(200))
    const worker = await startTestWorker(open, {
      concurrency: 2,
      execute: async (job, context) => {
        await held
        return ready(job, context)
      },
    })
    await expect.poll(() => readStatus(open)).toMatchObject({ waiting: 188, active: 12, done: 0 })
    expect(worker.active()).toBe(12)
    release()
    await expect
      .poll(() => readStatus(open))
      .toMatchObject({ waiting: 0, active: 0, ungathered: 200, done: 200 })
  })

  it('do not let the same work be queued twice, whatever else is beside it', async () => {
    const open = await openTestQueue(redis().url)
    const jobs = makeJobs(300)
    expect(await enqueue(open, jobs.slice(0, 200))).toEqual({ queued: 200, known: 0 })
    expect(await enqueue(open, jobs.slice(100))).toEqual({ queued: 100, known: 100 })
    const execute = vi.fn<Execute>(ready)
    const both = [run(open, jobs.slice(0, 150)), run(open, jobs.slice(50))]
    await startTestWorker(open, { execute })
    expect((await Promise.all(both)).map(({ length }) => length)).toEqual([150, 250])
    expect(execute).toHaveBeenCalledTimes(300)
  })

  it('are made once if two producers send the same jobs at the same time, in other parcels', async () => {
    const open = await openTestQueue(redis().url)
    const jobs = makeJobs(300)
    const execute = vi.fn<Execute>(ready)
    // Both look for the jobs before one of them adds any.
    const both = [run(open, jobs), run(open, jobs.slice(3))]
    await expect.poll(async () => (await readStatus(open)).waiting).toBeGreaterThanOrEqual(300)
    await startTestWorker(open, { execute })
    expect((await Promise.all(both)).map(({ length }) => length)).toEqual([300, 297])
    expect(new Set(execute.mock.calls.map(([job]) => job.path)).size).toBe(300)
    expect(execute).toHaveBeenCalledTimes(300)
  })

  it('let a picture that fails leave as a message of its own', async () => {
    const open = await openTestQueue(redis().url)
    const calls = new Map<string, number>()
    const isBad = ({ path }: Job) => path === '007.jpg'
    const execute: Execute = async (job, context) => {
      calls.set(job.path, (calls.get(job.path) ?? 0) + 1)
      return failing('CORRUPT_IMAGE', isBad)(job, context)
    }
    await startTestWorker(open, { execute })
    const results = await run(open, makeJobs(200))
    expect(results.filter(({ status }) => status === 'ready')).toHaveLength(199)
    expect(results.find(({ status }) => status === 'failed')).toMatchObject({
      job: { path: '007.jpg' },
      error: { code: 'CORRUPT_IMAGE' },
    })
    expect([...calls.values()].reduce((sum, count) => sum + count)).toBe(201)
    expect(await readStatus(open)).toMatchObject({
      failed: 1,
      done: 199,
      ungathered: 0,
      dead: [{ id: queueId(makeJobs(8)[7]!), path: '007.jpg', error: 'CORRUPT_IMAGE It did not work.' }],
    })
  })

  it('let a failure that may pass be tried again, as often as one that was alone', async () => {
    const open = await openTestQueue(redis().url)
    const execute = vi.fn<Execute>(failing('READ_FAILED', ({ path }) => path === '007.jpg'))
    await startTestWorker(open, { execute })
    const results = await run(open, makeJobs(64), { attempts: 3 })
    expect(results.filter(({ status }) => status === 'failed')).toHaveLength(1)
    expect(execute).toHaveBeenCalledTimes(63 + 3)
  })

  it('are taken apart after they have lost their worker', { timeout: 30_000 }, async () => {
    const open = await openTestQueue(redis().url)
    await enqueue(open, makeJobs(64))
    const parcels = await messagesOf(open)
    expect(parcels).toHaveLength(32)
    const lost = await startTestWorker(open, {
      concurrency: 1,
      lockMs: 400,
      execute: () => new Promise<never>(() => {}),
    })
    await expect.poll(async () => (await readStatus(open)).active).toBe(2)
    // Its lock is taken away, as if it had not been heard of.
    const first = parcels[0]!
    const stolen = setInterval(() => void open.client.del(open.keyOf(`${first}:lock`)), 20)
    const alone: string[] = []
    const spy = vi.spyOn(open.queue, 'addBulk').mockImplementation(async (entries) => {
      alone.push(...entries.map(({ opts }) => opts?.jobId ?? ''))
      spy.mockRestore()
      return open.queue.addBulk(entries)
    })
    await startTestWorker(open, { lockMs: 400, execute: ready })
    await expect.poll(() => alone, { timeout: 15_000 }).toHaveLength(2)
    clearInterval(stolen)
    await expect
      .poll(() => readStatus(open), { timeout: 15_000 })
      .toMatchObject({ waiting: 0, ungathered: 64 })
    expect(alone.some(isParcel)).toBe(false)
    await expect.poll(async () => open.client.exists(open.keyOf(first))).toBe(0)
    await lost.drain(0)
  })

  it('give a worker with a rate one image each, before those that are put back', async () => {
    const open = await openTestQueue(redis().url)
    const jobs = makeJobs(64)
    await enqueue(open, jobs)
    const order: string[] = []
    await startTestWorker(open, {
      rate: 1000,
      concurrency: 1,
      execute: async (job, context) => {
        order.push(job.path)
        return ready(job, context)
      },
    })
    await expect.poll(() => readStatus(open)).toMatchObject({ ungathered: 64, done: 64 })
    const paths = jobs.map(({ path }) => path)
    const isFirst = (_: string, at: number) => at % 2 === 0
    expect(order).toEqual([...paths.filter(isFirst), ...paths.filter((path, at) => !isFirst(path, at))])
  })

  it('are put back by a worker that drains, after the image in work', async () => {
    const open = await openTestQueue(redis().url)
    const execute = vi.fn<Execute>(async (job, context) => {
      await sleep(200)
      return ready(job, context)
    })
    await enqueue(open, makeJobs(200))
    const worker = await startTestWorker(open, { concurrency: 1, execute })
    await expect.poll(() => execute.mock.calls.length).toBe(1)
    expect(await worker.drain(5)).toBe(true)
    expect(execute).toHaveBeenCalledTimes(1)
    expect(await readStatus(open)).toMatchObject({ waiting: 199, active: 0, ungathered: 1 })
    expect((await messagesOf(open)).filter((id) => !isParcel(id))).toHaveLength(5)
  })

  it('stay if a run that is stopped shares them with another producer', async () => {
    const open = await openTestQueue(redis().url)
    const jobs = makeJobs(200)
    await enqueue(open, jobs)
    // All of the first 16 parcels, and half of another.
    const stopping = new AbortController()
    const results = run(open, jobs.slice(0, 99), {}, stopping.signal)
    await sleep(500)
    stopping.abort()
    expect(await results).toEqual([])
    expect(await readStatus(open)).toMatchObject({ waiting: 104 })
    const execute = vi.fn<Execute>(ready)
    await startTestWorker(open, { execute })
    await expect.poll(() => readStatus(open)).toMatchObject({ waiting: 0, ungathered: 104 })
    expect(await run(open, jobs.slice(99))).toHaveLength(101)
    expect(execute).toHaveBeenCalledTimes(104)
    // Three that nobody has gathered.
    expect(await readStatus(open)).toMatchObject({ ungathered: 3 })
    expect(await run(open, jobs.slice(96, 99))).toHaveLength(3)
    expect(await readStatus(open)).toMatchObject({ ungathered: 0 })
    expect(await keysOf(open)).toEqual([])
  })

  it('that were lost with their keys are found missing, and their jobs added again', async () => {
    const open = await openTestQueue(redis().url)
    const results = run(open, makeJobs(64))
    await expect.poll(async () => (await messagesOf(open)).length).toBe(32)
    const [first, second] = await messagesOf(open)
    await open.queue.remove(first!)
    await open.client.del(...(await keysOf(open)))
    await open.queue.remove(second!)
    await expect.poll(async () => (await messagesOf(open)).length).toBeGreaterThan(32)
    await startTestWorker(open, { execute: ready })
    expect(await results).toHaveLength(64)
  })

  it('that are made again by force replace the results of before', async () => {
    const open = await openTestQueue(redis().url)
    const jobs = makeJobs(200)
    const execute = vi.fn<Execute>(ready)
    await enqueue(open, jobs)
    await startTestWorker(open, { execute })
    await expect.poll(() => readStatus(open)).toMatchObject({ ungathered: 200 })
    expect(await enqueue(open, jobs, true)).toEqual({ queued: 200, known: 0 })
    await expect.poll(() => readStatus(open)).toMatchObject({ ungathered: 200, done: 400 })
    expect(await run(open, jobs, { force: true })).toHaveLength(200)
    expect(execute).toHaveBeenCalledTimes(600)
    expect(await readStatus(open)).toMatchObject({ ungathered: 0 })
  })

  it('fail image by image if they are of another version', async () => {
    const open = await openTestQueue(redis().url)
    await enqueue(open, makeJobs(64))
    for (const id of await messagesOf(open)) {
      const data: object = JSON.parse((await open.client.hget(open.keyOf(id), 'data')) ?? '{}')
      await open.client.hset(open.keyOf(id), 'data', JSON.stringify({ ...data, format: 99 }))
    }
    const execute = vi.fn<Execute>(ready)
    await startTestWorker(open, { execute })
    await expect.poll(() => readStatus(open)).toMatchObject({ waiting: 0, active: 0, delayed: 64 })
    expect(execute).not.toHaveBeenCalled()
  })
})
