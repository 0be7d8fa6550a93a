import type { OpenQueue } from './open-queue.js'

/** A job that has failed for good. */
export interface DeadJob {
  readonly id: string
  /** Path of its source. */
  readonly path: string
  readonly error: string
  readonly attempts: number
}

/** Numbers of the jobs in a queue, and of its workers. */
export interface QueueStatus {
  readonly queue: string
  /** Jobs that wait for a worker. */
  readonly waiting: number
  readonly active: number
  /** Jobs that are tried again later. */
  readonly delayed: number
  /** Jobs that have ended well, since the queue was created. */
  readonly done: number
  /** Failed jobs that are kept: the last of a week. */
  readonly failed: number
  /** Results that wait for a run to gather them. */
  readonly ungathered: number
  /** Jobs a second, over the last whole minute. */
  readonly rate: number
  readonly workers: number
  /** The last failures. */
  readonly dead: readonly DeadJob[]
}

/** Failures that are listed. */
const MAX_DEAD = 10
const MINUTE = 60
/** BullMQ's words for a job that has lost its workers. */
const STALLED = /^job stalled more than allowable limit$/

/**
 * Asks a queue for its status. Takes little memory, however much is in the queue.
 *
 * @example
 * ```ts
 * const { waiting, rate } = await readStatus(queue)
 * ```
 */
export async function readStatus({ name, queue }: OpenQueue): Promise<QueueStatus> {
  const counts = await queue.getJobCounts('wait', 'prioritized', 'active', 'delayed', 'completed', 'failed')
  const count = (state: string) => counts[state] ?? 0
  const metrics = await queue.getMetrics('completed', 0, 0)
  const dead = await queue.getFailed(0, MAX_DEAD - 1)
  return {
    queue: name,
    waiting: count('wait') + count('prioritized'),
    active: count('active'),
    delayed: count('delayed'),
    done: metrics.meta.count,
    failed: count('failed'),
    ungathered: count('completed'),
    rate: (metrics.data[0] ?? 0) / MINUTE,
    workers: await queue.getWorkersCount(),
    dead: dead.map(({ id = '', data, failedReason, attemptsMade }) => ({
      id,
      path: data.job.path,
      error: failedReason.replace(
        STALLED,
        'Its worker has ended three times, the last time with no other image beside it.',
      ),
      attempts: attemptsMade,
    })),
  }
}
