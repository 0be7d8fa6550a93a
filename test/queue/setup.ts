import { afterAll, beforeAll, onTestFinished } from 'vitest'
import { createOutputClaims } from '../../src/plan/output-claims.js'
import type { EngineWork } from '../../src/engines/types.js'
import type { Job, Result } from '../../src/jobs/types.js'
import { openQueue, type OpenQueue } from '../../src/queue/open-queue.js'
import { startQueueWorker, type QueueWorkerOptions } from '../../src/queue/queue-worker.js'
import { hasRedis, startRedis, type RedisServer } from '../support/redis.js'

let names = 0

/** Returns a name that no other queue of this process has. */
export function nextName(): string {
  return `test-${process.pid}-${++names}`
}

/** Starts one Redis for all tests of a file. */
export function useRedis(args: readonly string[] = []): () => RedisServer {
  let server: RedisServer | undefined
  beforeAll(async () => {
    if (hasRedis) server = await startRedis(args)
  })
  afterAll(() => server?.stop())
  return () => {
    if (server === undefined) throw new Error('redis-server is not installed')
    return server
  }
}

/** Opens a queue that is closed with the test. */
export async function openTestQueue(url: string, name: string = nextName()): Promise<OpenQueue> {
  const open = await openQueue(url, name)
  onTestFinished(() => open.close())
  return open
}

/** Starts a worker that is drained with the test. Its jobs may use any place below `/`. */
export async function startTestWorker(
  open: OpenQueue,
  options: Pick<QueueWorkerOptions, 'execute'> & Partial<QueueWorkerOptions>,
) {
  const worker = await startQueueWorker(open, { shared: ['/'], concurrency: 4, ...options })
  let isDrained = false
  const drain = async (seconds: number) => {
    isDrained = true
    return worker.drain(seconds)
  }
  onTestFinished(async () => {
    if (!isDrained) await worker.drain(5)
  })
  return { ...worker, drain }
}

/** Returns the run's part of an engine, for jobs whose paths differ. */
export function workOf(jobs: readonly Job[] = []): EngineWork {
  return { jobs, claims: createOutputClaims(jobs), isCurrent: async () => true }
}

export async function collect(results: AsyncIterable<Result>): Promise<Result[]> {
  const list: Result[] = []
  for await (const each of results) list.push(each)
  return list
}
