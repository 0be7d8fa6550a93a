import { setTimeout as sleep } from 'node:timers/promises'
import { describe, expect, it, onTestFinished } from 'vitest'
import type { Job, Result } from '../../src/jobs/types.js'
import type { OpenQueue } from '../../src/queue/open-queue.js'
import { createQueueExecutor, type QueueExecutor } from '../../src/queue/queue-executor.js'
import { result, written } from '../manifest/results.js'
import { hasRedis, NEEDS_REDIS } from '../support/redis.js'
import { openTestQueue, startTestWorker, useRedis } from './setup.js'

const redis = useRedis()
const ready = async (job: Job): Promise<Result> => ({
  job,
  status: 'ready',
  outputs: [written('thumb', job.path)],
  ms: 1,
})
const makeJob = (name: string): Job => result(name, []).job

function open(queue: OpenQueue): QueueExecutor {
  const executor = createQueueExecutor(queue, { shared: ['/'] })
  onTestFinished(() => executor.stop())
  return executor
}

describe.skipIf(!hasRedis)(`the executor of a queue${NEEDS_REDIS}`, () => {
  it('executes jobs that come one by one, of any priority', async () => {
    const queue = await openTestQueue(redis().url)
    await startTestWorker(queue, { execute: ready })
    const executor = open(queue)
    for (const priority of ['low', 'high', 'normal', 'low'] as const) {
      const job = makeJob(`${priority}.jpg`)
      expect(await executor.execute(job, priority)).toEqual(await ready(job))
    }
  })

  it('gives the most urgent to a worker first', async () => {
    const queue = await openTestQueue(redis().url)
    const executor = open(queue)
    const order: string[] = []
    const all = (['low', 'normal', 'high'] as const).map((priority) =>
      executor.execute(makeJob(`${priority}.jpg`), priority),
    )
    await expect.poll(() => queue.queue.getPrioritizedCount()).toBe(3)
    const execute = async (job: Job) => {
      order.push(job.path)
      return ready(job)
    }
    await startTestWorker(queue, { execute, concurrency: 1 })
    await Promise.all(all)
    expect(order).toEqual(['high.jpg', 'normal.jpg', 'low.jpg'])
  })

  it('executes a job that is asked for twice once', async () => {
    const queue = await openTestQueue(redis().url)
    let calls = 0
    const executor = open(queue)
    const both = [executor.execute(makeJob('a.jpg'), 'normal'), executor.execute(makeJob('a.jpg'), 'normal')]
    const execute = async (job: Job) => {
      calls++
      return ready(job)
    }
    await startTestWorker(queue, { execute })
    expect((await Promise.all(both)).map(({ status }) => status)).toEqual(['ready', 'ready'])
    expect(calls).toBe(1)
  })

  it('refuses a place that other machines do not see', async () => {
    const queue = await openTestQueue(redis().url)
    const executor = createQueueExecutor(queue)
    const { status, error } = await executor.execute(makeJob('a.jpg'), 'normal')
    expect(status).toBe('failed')
    expect(error?.code).toBe('INVALID_USAGE')
  })

  it('ends what waits with ABORTED when it stops, and takes it out of the queue', async () => {
    const queue = await openTestQueue(redis().url)
    const executor = createQueueExecutor(queue, { shared: ['/'] })
    const waiting = executor.execute(makeJob('a.jpg'), 'normal')
    await expect.poll(() => queue.queue.getPrioritizedCount()).toBe(1)
    await executor.stop()
    expect((await waiting).error?.code).toBe('ABORTED')
    expect((await executor.execute(makeJob('b.jpg'), 'normal')).error?.code).toBe('ABORTED')
    expect(await queue.queue.getPrioritizedCount()).toBe(0)
  })

  it('waits for what is in work when it stops', async () => {
    const queue = await openTestQueue(redis().url)
    const state = { hasBegun: false }
    const execute = async (job: Job) => {
      state.hasBegun = true
      await sleep(300)
      return ready(job)
    }
    await startTestWorker(queue, { execute })
    const executor = createQueueExecutor(queue, { shared: ['/'] })
    const working = executor.execute(makeJob('a.jpg'), 'normal')
    await expect.poll(() => state.hasBegun).toBe(true)
    await executor.stop()
    expect((await working).status).toBe('ready')
  })
})
