import { ImgprocError, toImgprocError } from '../errors.js'
import type { EngineWork } from '../engines/types.js'
import type { Job, Result } from '../jobs/types.js'
import { createChannel, type Channel } from './channel.js'
import { createFailedResult, queueId } from './job-message.js'
import type { OpenQueue } from './open-queue.js'
import { checkPlaces, type SharedFolders } from './places.js'
import { createQueueEngine } from './queue-engine.js'

/** Jobs of a server that are in the queue at once. */
const DEFAULT_AHEAD = 1000

/** Priorities in the queue, where 1 goes first and runs have 100. */
const PRIORITIES = { high: 1, normal: 10, low: 1000 } as const

export interface QueueExecutorOptions {
  /** Folders that all machines see under the same absolute path. @default none, so that only remote places are allowed */
  readonly shared?: SharedFolders | undefined
  /** Jobs in the queue at once, at most. @default 1000 */
  readonly ahead?: number | undefined
  /** Called with a sentence when Redis is waited for, once until it is back. */
  readonly onNotice?: ((text: string) => void) | undefined
}

/** Executes single jobs by the workers of a queue. */
export interface QueueExecutor {
  /** Jobs that it takes at once. */
  readonly concurrency: number
  /**
   * Executes a job. Never rejects: a failure is in the result. ABORTED says that the executor has stopped, and
   * QUEUE_UNAVAILABLE that no worker could take the job.
   *
   * @param priority `high` goes before `normal`, and both before runs; `low` goes after them.
   */
  readonly execute: (job: Job, priority: keyof typeof PRIORITIES) => Promise<Result>
  /** Takes the jobs that wait out of the queue. Those in work go on in their workers; their results wait for the next server. */
  readonly stop: () => Promise<void>
}

/**
 * Creates an executor for the option `executor` of `createHandler`: workers make the outputs of uploads.
 *
 * @example
 * ```ts
 * import { createHandler } from 'imgproc/http'
 * import { createQueueExecutor, openQueue } from 'imgproc/queue'
 * const queue = await openQueue('redis://localhost:6379')
 * const handler = createHandler({ store: 's3://shop/images', redis: queue.client, executor: createQueueExecutor(queue) })
 * await handler.close()
 * await queue.close()
 * ```
 */
export function createQueueExecutor(open: OpenQueue, options: QueueExecutorOptions = {}): QueueExecutor {
  const { shared = [], ahead = DEFAULT_AHEAD, onNotice } = options
  const stopping = new AbortController()
  const lanes = new Map<number, Lane>()
  const laneOf = (priority: number): Lane => {
    const known = lanes.get(priority)
    if (known !== undefined && !known.hasEnded()) return known
    const engine = createQueueEngine(open, { shared, ahead, inParcel: 1, priority, onNotice })(ANY_WORK)
    const lane = createLane((jobs) => engine.run(jobs, { signal: stopping.signal }))
    lanes.set(priority, lane)
    return lane
  }
  return {
    concurrency: ahead,
    async execute(job, priority) {
      try {
        checkPlaces(job, shared)
        if (stopping.signal.aborted) throw createStoppedError()
        return await laneOf(PRIORITIES[priority]).execute(job)
      } catch (error) {
        return { ...createFailedResult(job, toImgprocError(error, { path: job.path })), job }
      }
    },
    async stop() {
      stopping.abort()
      await Promise.all([...lanes.values()].map((lane) => lane.end()))
    },
  }
}

/**
 * The work of jobs that come one by one. Their paths are their own, and a result that a killed server has left in the queue
 * is as good as a new one.
 */
const ANY_WORK: EngineWork = {
  jobs: [],
  claims: {
    reserve: async () => undefined,
    release: () => {},
    isExclusive: () => true,
    earlierRivals: () => [],
    taken: () => [],
  },
  isCurrent: async () => true,
}

/** Jobs of one priority, as a run without an end. */
interface Lane {
  readonly execute: (job: Job) => Promise<Result>
  readonly hasEnded: () => boolean
  readonly end: () => Promise<void>
}

function createLane(run: (jobs: AsyncIterable<Job>) => AsyncIterable<Result>): Lane {
  const jobs = createChannel<Job>()
  const waiting = new Map<string, Waiting>()
  let isOver = false
  const deliver = async () => {
    for await (const result of run(valuesOf(jobs))) {
      const id = queueId(result.job)
      waiting.get(id)?.resolve(result)
      waiting.delete(id)
    }
  }
  const ended = deliver()
    .then(createStoppedError, (error: unknown) => error)
    .then((error) => {
      isOver = true
      for (const { reject } of waiting.values()) reject(error)
    })
  return {
    execute(job) {
      const id = queueId(job)
      const same = waiting.get(id)
      if (same !== undefined) return same.result
      const added = createWaiting()
      waiting.set(id, added)
      jobs.push(job)
      return added.result
    },
    hasEnded: () => isOver,
    async end() {
      jobs.end()
      await ended
    },
  }
}

async function* valuesOf<T>(channel: Channel<T>): AsyncGenerator<T> {
  for (let value = await channel.next(); value !== undefined; value = await channel.next()) yield value
}

interface Waiting {
  readonly result: Promise<Result>
  readonly resolve: (result: Result) => void
  readonly reject: (error: unknown) => void
}

function createWaiting(): Waiting {
  let resolve: Waiting['resolve'] = () => {}
  let reject: Waiting['reject'] = () => {}
  const result = new Promise<Result>((onResult, onError) => {
    resolve = onResult
    reject = onError
  })
  return { result, resolve, reject }
}

function createStoppedError(): ImgprocError {
  return new ImgprocError('ABORTED', 'The server stops. Another one, or its next start, goes on.', {
    stage: 'usage',
  })
}
