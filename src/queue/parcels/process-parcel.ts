import type { Job as QueuedJob } from 'bullmq'
import type { Job, Result } from '../../jobs/types.js'
import { toJobOptions, toRetryOptions } from '../add-jobs.js'
import { countDone } from '../status/done-counts.js'
import { errorsOf } from '../errors-of.js'
import {
  MOVED,
  toResultMessage,
  type JobMessage,
  type ResultMessage,
  type ResultsMessage,
} from '../job-message.js'
import { JOB_NAME, type OpenQueue } from '../open-queue.js'
import { closeParcel, findMessages } from './parcel-keys.js'
import { isPassing } from '../redis/persist.js'

type Queued = QueuedJob<JobMessage, ResultsMessage, typeof JOB_NAME>

interface ParcelOptions {
  /** Makes a job. Resolves to undefined if it has to be put back. */
  readonly make: (job: Job) => Promise<Result | undefined>
  /** Asked before each job with the number of those that were made. If it returns true, the others are put back. */
  readonly isOver: (made: number) => boolean
  /** Called with each result that the parcel delivers. */
  readonly onEnd: (result: ResultMessage) => void
}

/** A job that leaves its parcel. */
interface Leaving {
  readonly id: string
  readonly hasFailed: boolean
}

/**
 * Makes the jobs of a parcel one after the other. It delivers only results without an error: any other job becomes a message of
 * its own, with attempts and delays as if it had never been in a parcel.
 *
 * @returns undefined if Redis is full. Then nothing has ended: the parcel has to be processed again, and its slot is free for those that
 * make room.
 */
export async function processParcel(
  open: OpenQueue,
  queued: Queued,
  jobs: JobMessage['jobs'],
  options: ParcelOptions,
): Promise<ResultsMessage | undefined> {
  const { id = '' } = queued
  const results = new Map<string, ResultMessage>()
  const leaving: Leaving[] = []
  const own = await findOwn(open, id, Object.keys(jobs))
  for (const job of own) {
    const made = options.isOver(results.size + leaving.length)
      ? undefined
      : await options.make(jobs[job] as Job) // one of its keys
    const result = made && toResultMessage(made)
    const errors = result === undefined ? [] : errorsOf(result)
    if (result === undefined || errors.length > 0)
      leaving.push({ id: job, hasFailed: errors.some(({ retryable }) => retryable) })
    else results.set(job, result)
  }
  try {
    await sendAlone(open, queued, leaving)
  } catch (error) {
    if (isPassing(error)) return undefined
    throw error
  }
  const moved = Object.keys(jobs).filter((job) => !results.has(job))
  await Promise.all([
    closeParcel(open, { id, done: [...results.keys()], moved }),
    countDone(open, results.size),
  ])
  for (const result of results.values()) options.onEnd(result)
  // Nobody has anything to gather.
  if (results.size === 0) queued.opts.removeOnComplete = true
  return Object.fromEntries(Object.keys(jobs).map((job) => [job, results.get(job) ?? MOVED]))
}

/** Returns the jobs that are in no other message: another producer may have sent them as well, or they have left the parcel before. */
async function findOwn(open: OpenQueue, id: string, jobs: readonly string[]): Promise<string[]> {
  const messages = await findMessages(open, jobs)
  return jobs.filter((_, at) => messages[at] === undefined || messages[at] === id)
}

/** Adds jobs of a parcel as messages of their own. */
async function sendAlone(
  { queue }: OpenQueue,
  { data, opts }: Queued,
  leaving: readonly Leaving[],
): Promise<void> {
  if (leaving.length === 0) return
  const { priority = 0, attempts = 1 } = opts
  await queue.addBulk(
    leaving.map(({ id, hasFailed }) => ({
      name: JOB_NAME,
      // As it was sent.
      data: { ...data, jobs: { [id]: data.jobs[id] as Job } },
      opts: (hasFailed ? toRetryOptions : toJobOptions)(id, { priority, attempts }),
    })),
  )
}
