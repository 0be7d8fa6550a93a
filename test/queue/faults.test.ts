import { setTimeout as sleep } from 'node:timers/promises'
import { Redis } from 'ioredis'
import { describe, expect, it, onTestFinished, vi } from 'vitest'
import { ImgprocError, toRecord } from '../../src/errors.js'
import type { ExecuteContext } from '../../src/jobs/execute-job.js'
import type { Job, Result } from '../../src/jobs/types.js'
import { createOutputClaims } from '../../src/plan/output-claims.js'
import { enqueueJobs } from '../../src/queue/enqueue.js'
import { openQueue, type OpenQueue } from '../../src/queue/open-queue.js'
import { createQueueEngine } from '../../src/queue/queue-engine.js'
import { readStatus } from '../../src/queue/status/read-status.js'
import { result, written } from '../manifest/results.js'
import { hasRedis, NEEDS_REDIS, startRedis } from '../support/redis.js'
import { collect, nextName, openTestQueue, startTestWorker, useRedis, workOf } from './setup.js'

type Execute = (job: Job, context: Pick<ExecuteContext, 'reserve'>) => Promise<Result>

const redis = useRedis()
const ready: Execute = async (job) => ({ job, status: 'ready', outputs: [written('thumb', job.path)], ms: 1 })

function makeJobs(count: number): Job[] {
  return Array.from({ length: count }, (_, at) => result(`job-${at}.jpg`, []).job)
}

/** Jobs of which each two may want the same path. */
function makeRivals(count: number): Job[] {
  return makeJobs(count).map((job, at) => ({
    ...job,
    renditions: [{ preset: 'thumb', target: `${at >> 1}.{ext}`, ops: [], recipe: 'r' }],
  }))
}

/** Returns claims by which an output of another job stays, which the queue has to know. */
function claimsOf(jobs: readonly Job[]) {
  const settled = [{ ...written('thumb', '0.jpg'), action: 'unchanged' } as never]
  return createOutputClaims([...jobs, { ...result('kept.gif', []).job, settled }])
}

/** Runs jobs, and collects what the producer says. */
function run(open: OpenQueue, jobs: readonly Job[]) {
  const notices: string[] = []
  const onNotice = (text: string) => notices.push(text)
  const engine = createQueueEngine(open, { shared: ['/'], sweepSeconds: 0.2, onNotice })
  return { notices, results: collect(engine({ ...workOf(jobs), claims: claimsOf(jobs) }).run(jobs)) }
}

/** Leaves a server no room for any more, and gives it back. */
async function fill(open: OpenQueue) {
  await open.client.set('ballast', Buffer.alloc(12_000_000))
  // The buffers of the connection count as well, and shrink: the ballast alone has to be too much.
  await open.client.call('CONFIG', 'SET', 'maxmemory', '8mb')
  return {
    empty: async () => open.client.del('ballast'),
  }
}

describe.skipIf(!hasRedis)(`a full Redis${NEEDS_REDIS}`, () => {
  const open = async () => {
    const server = await startRedis()
    onTestFinished(() => server.stop())
    return openTestQueue(server.url)
  }

  it.each([
    ['jobs', makeJobs],
    ['jobs that may want the same path', makeRivals],
  ])('lets a run of %s wait, and go on when there is room again', async (_, make) => {
    const queue = await open()
    const room = await fill(queue)
    const execute = vi.fn<Execute>(ready)
    await startTestWorker(queue, { execute })
    const { notices, results } = run(queue, make(20))
    await expect
      .poll(() => notices)
      .toEqual([expect.stringMatching(/^Redis does not take jobs, waiting: .*OOM/)])
    await room.empty()
    expect(await results).toHaveLength(20)
    expect(execute).toHaveBeenCalledTimes(20)
    expect(notices.at(-1)).toBe('Redis is back')
  })

  it('lets enqueue wait, and say so', async () => {
    const queue = await open()
    const room = await fill(queue)
    const jobs = makeRivals(20)
    const notices: string[] = []
    const onNotice = (text: string) => notices.push(text)
    const adding = enqueueJobs(queue, jobs, claimsOf(jobs), { shared: ['/'], onNotice })
    await expect
      .poll(() => notices)
      .toEqual([expect.stringMatching(/^Redis does not take jobs, waiting: .*OOM/)])
    await room.empty()
    expect(await adding).toEqual({ queued: 20, known: 0 })
  })

  it('in the middle of a run loses nothing, and no job counts as one that killed its worker', async () => {
    const queue = await open()
    const started: string[] = []
    await startTestWorker(queue, {
      lockMs: 400,
      concurrency: 2,
      execute: async (job, context) => {
        started.push(job.path)
        await sleep(started.length <= 4 ? 1500 : 1)
        return ready(job, context)
      },
    })
    const { results } = run(queue, makeJobs(20))
    await expect.poll(() => started.length).toBe(2)
    const room = await fill(queue)
    await sleep(4000)
    await room.empty()
    const ended = await results
    expect(ended.map(({ status }) => status)).toEqual(Array(20).fill('ready'))
    expect(started.toSorted()).toEqual(
      makeJobs(20)
        .map(({ path }) => path)
        .toSorted(),
    )
    expect(await readStatus(queue)).toMatchObject({ waiting: 0, active: 0, failed: 0 })
  })
})

describe.skipIf(!hasRedis)(`a clock that jumps${NEEDS_REDIS}`, () => {
  const HOURS = 3 * 3_600_000

  /** Sets the clock of this process, of worker and producer, by some milliseconds. */
  const setClock = (offset: number) => {
    const real = performance.timeOrigin + performance.now()
    const started = performance.now()
    vi.spyOn(Date, 'now').mockImplementation(() => Math.round(real + offset + performance.now() - started))
    onTestFinished(() => void vi.restoreAllMocks())
  }

  it.each([
    ['ahead', HOURS, 0],
    ['back', 0, -HOURS],
  ])('%s loses no job, and makes none late that is to be tried again', async (_, before, after) => {
    const open = await openTestQueue(redis().url)
    setClock(before)
    const attempts = new Map<string, number>()
    const error = toRecord(new ImgprocError('READ_FAILED', 'It did not work.', { stage: 'read' }))
    await startTestWorker(open, {
      lockMs: 1000,
      execute: async (job, context) => {
        const count = (attempts.get(job.path) ?? 0) + 1
        attempts.set(job.path, count)
        if (count === 1 && job.path === 'job-0.jpg')
          return { job, status: 'failed', outputs: [], error, ms: 1 }
        await sleep(20)
        return ready(job, context)
      },
    })
    const { results } = run(open, makeJobs(30))
    await expect.poll(() => attempts.get('job-0.jpg')).toBe(1)
    await expect.poll(() => open.queue.getDelayedCount()).toBe(1)
    setClock(after)
    expect((await results).map(({ status }) => status)).toEqual(Array(30).fill('ready'))
    expect([...attempts.values()].toSorted((a, b) => a - b)).toEqual([...Array(29).fill(1), 2])
  })
})

describe.skipIf(!hasRedis)(`a cluster of three nodes${NEEDS_REDIS}`, () => {
  it('holds a queue', async () => {
    const cluster = ['--cluster-enabled', 'yes', '--cluster-announce-ip', '127.0.0.1']
    const servers = await Promise.all([0, 1, 2].map(async () => startRedis(cluster)))
    const admins = servers.map(({ port }) => new Redis(port, '127.0.0.1'))
    onTestFinished(async () => {
      for (const admin of admins) admin.disconnect()
      await Promise.all(servers.map(async (server) => server.stop()))
    })
    const [first] = admins
    for (const [at, admin] of admins.entries()) {
      const from = Math.ceil((16384 / 3) * at)
      await admin.call('CLUSTER', 'ADDSLOTSRANGE', from, Math.ceil((16384 / 3) * (at + 1)) - 1)
      await first?.call('CLUSTER', 'MEET', '127.0.0.1', servers[at]?.port ?? 0)
    }
    const state = async () => Promise.all(admins.map(async (admin) => admin.call('CLUSTER', 'INFO')))
    await expect
      .poll(state, { timeout: 15_000 })
      .toEqual(Array(3).fill(expect.stringMatching(/cluster_state:ok[^]*cluster_known_nodes:3/)))
    const open = await openQueue(
      { nodes: servers.map(({ port }) => ({ host: '127.0.0.1', port })) },
      nextName(),
    )
    onTestFinished(() => open.close())
    await startTestWorker(open, { execute: ready })
    expect(await run(open, makeRivals(30)).results).toHaveLength(30)
  })
})
