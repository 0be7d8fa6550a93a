import { asRecord } from '../../utils/parse-json.js'
import { countJobs } from './count-jobs.js'
import { readDoneCounts } from './done-counts.js'
import type { JobMessage } from '../job-message.js'
import type { OpenQueue } from '../open-queue.js'

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
export async function readStatus(open: OpenQueue): Promise<QueueStatus> {
  const { name, queue } = open
  const counts = await countJobs(open)
  const { done, lastMinute } = await readDoneCounts(open)
  const dead = await queue.getFailed(0, MAX_DEAD - 1)
  return {
    queue: name,
    ...counts,
    done,
    failed: await queue.getFailedCount(),
    rate: lastMinute / MINUTE,
    workers: await queue.getWorkersCount(),
    dead: dead.map(({ id = '', data, failedReason, attemptsMade }) => ({
      id,
      path: describePaths(data),
      error: failedReason.replace(
        STALLED,
        'Its worker has ended three times, the last time with no other image beside it.',
      ),
      attempts: attemptsMade,
    })),
  }
}

/** Returns the path of the source of a message. Jobs of another version may lie elsewhere. */
function describePaths(data: JobMessage): string {
  const [first] = Object.values(asRecord(asRecord(data)['jobs']))
  const { path } = asRecord(first)
  return typeof path === 'string' ? path : ''
}
