import type { Worker } from 'bullmq'
import { duplicate } from './redis/redis-client.js'
import type { JobMessage, ResultsMessage } from './job-message.js'
import { PREFIX, type JOB_NAME, type OpenQueue } from './open-queue.js'
import { createProcessor, LOSSES_BEFORE_ALONE, type ProcessorOptions } from './process-job.js'
import { MAX_DELAY } from '../utils/time-limit.js'
import { promoteMisdated } from './promote-misdated.js'
import { createSolo } from './solo.js'

export interface QueueWorkerOptions extends ProcessorOptions {
  /** Messages in work at once: jobs, or parcels whose jobs are made one after the other. */
  readonly concurrency: number
  /** The same once a job reads or writes over a network. @default concurrency */
  readonly remoteConcurrency?: number | undefined
  /** Jobs that all workers of the queue together start in a second. @default no limit */
  readonly rate?: number | undefined
  /** Milliseconds without a sign of life after which a job is given to another worker. @default 15000 */
  readonly lockMs?: number | undefined
  /** Called with errors of the connection. */
  readonly onError?: ((error: Error) => void) | undefined
}

/** A worker of a queue. */
export interface QueueWorker {
  /** Jobs in work. */
  readonly active: () => number
  /** Takes no more jobs. Resolves to true when those in work have ended, or to false after some seconds. */
  readonly drain: (seconds: number) => Promise<boolean>
}

/**
 * Starts a worker, which takes jobs until it is drained. A job whose failure may pass is tried again later, with growing
 * delays. A job that has lost two workers runs alone: if it ends that one too, it fails. A parcel that has lost its worker is
 * taken apart.
 */
export async function startQueueWorker(open: OpenQueue, options: QueueWorkerOptions): Promise<QueueWorker> {
  const { concurrency, remoteConcurrency = concurrency, lockMs = 15_000, rate, onError } = options
  const { bullmq } = open.libraries
  const connection = duplicate(open.client)
  const solo = createSolo({ pause: () => void worker.pause(true), resume: () => void worker.resume() })
  const processor = createProcessor(open, solo, {
    ...options,
    lockMs,
    onePerMessage: rate !== undefined,
    onRemote: () => (worker.concurrency = remoteConcurrency),
  })
  const worker: Worker<JobMessage, ResultsMessage, typeof JOB_NAME> = new bullmq.Worker(
    open.name,
    processor.process,
    {
      connection,
      prefix: PREFIX,
      concurrency,
      lockDuration: lockMs,
      stalledInterval: lockMs / 2,
      maxStalledCount: LOSSES_BEFORE_ALONE,
      ...(rate !== undefined && { limiter: { max: rate, duration: 1000 } }),
    },
  )
  worker.on('error', (error) => onError?.(error))
  await worker.waitUntilReady()
  // Redis may be away: the next look finds what this one would have.
  const looking = setInterval(() => void promoteMisdated(open).catch(() => {}), lockMs)
  return {
    active: processor.active,
    async drain(seconds) {
      clearInterval(looking)
      processor.stop()
      const isDrained = await inSeconds(worker.close(), seconds)
      connection.disconnect()
      return isDrained
    },
  }
}

/** Resolves to false if it takes longer. */
async function inSeconds(work: Promise<void>, seconds: number): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<false>((resolve) => {
    timer = setTimeout(() => resolve(false), Math.min(seconds * 1000, MAX_DELAY))
  })
  const isDone = await Promise.race([work.then(() => true), late])
  clearTimeout(timer)
  return isDone
}
