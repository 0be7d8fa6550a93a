import { afterAll } from 'vitest'
import type { Engine } from '../../src/engines/types.js'
import { openQueue } from '../../src/queue/open-queue.js'
import { createQueueEngine } from '../../src/queue/queue-engine.js'
import { startQueueWorker } from '../../src/queue/queue-worker.js'
import { describeEngine, type EngineSetup } from '../engines/contract.js'
import { hasRedis } from '../support/redis.js'
import { nextName, useRedis } from './setup.js'

const redis = useRedis()
const closers: (() => Promise<unknown>)[] = []

// Registered after that of the server, and so called before.
afterAll(async () => {
  for (const close of closers.toReversed()) await close()
})

if (hasRedis) describeEngine('queue', createEngine)

/** Creates an engine and the worker of its queue, at the first run. */
function createEngine({ concurrency, execute }: EngineSetup): Engine {
  let opened: Promise<Engine> | undefined
  const open = async (): Promise<Engine> => {
    const queue = await openQueue(redis().url, nextName())
    const worker = await startQueueWorker(queue, { concurrency, execute, shared: ['/'] })
    closers.push(
      () => queue.close(),
      () => worker.drain(5),
    )
    // The claims of the jobs do not matter here: they have no outputs.
    const claims = {
      isExclusive: () => true,
      reserve: async () => undefined,
      release() {},
      earlierRivals: () => [],
      taken: () => [],
    }
    return createQueueEngine(queue, { ahead: concurrency * 2, sweepSeconds: 0.5, shared: ['/'] })({
      jobs: [],
      claims,
      isCurrent: async () => true,
    })
  }
  return {
    async *run(jobs, options) {
      yield* (await (opened ??= open())).run(jobs, options)
    },
  }
}
