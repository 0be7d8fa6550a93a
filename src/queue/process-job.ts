import type { Job as QueuedJob } from 'bullmq'
import { ImgprocError, toImgprocError, type ErrorRecord } from '../errors.js'
import type { ExecuteContext } from '../jobs/execute-job.js'
import type { Job, Result } from '../jobs/types.js'
import { isRemote } from '../paths/location.js'
import { asRecord } from '../utils/parse-json.js'
import {
  createFailedResult,
  readMessage,
  toResultMessage,
  type JobMessage,
  type ResultMessage,
  type ResultsMessage,
} from './job-message.js'
import type { JOB_NAME, OpenQueue } from './open-queue.js'
import { countDone } from './status/done-counts.js'
import { errorsOf } from './errors-of.js'
import { holdLock } from './hold-lock.js'
import { isParcel, sizeOf } from './parcels/pack-jobs.js'
import { checkPlaces, type SharedFolders } from './places.js'
import { processParcel } from './parcels/process-parcel.js'
import { createReservation } from './shared-claims.js'
import type { Solo } from './solo.js'

type Queued = QueuedJob<JobMessage, ResultsMessage, typeof JOB_NAME>

/** Times that a job may lose its worker before it runs alone; the next loss fails it. */
export const LOSSES_BEFORE_ALONE = 2

/** Milliseconds after which a message is taken again that waits for the path of another one, or for room in Redis. */
const RETRY_DELAY = 1000

/** A job that has ended in a worker. */
export interface JobEnd {
  readonly status: Result['status']
  readonly seconds: number
}

export interface ProcessorOptions {
  /** Executes a job. Never rejects. */
  readonly execute: (job: Job, context: Pick<ExecuteContext, 'reserve'>) => Promise<Result>
  /** Folders that all machines see. Jobs may read and write no other ones. */
  readonly shared: SharedFolders
  readonly onEnd?: ((end: JobEnd) => void) | undefined
}

interface Options extends ProcessorOptions {
  /** Milliseconds without a sign of life after which a message is given to another worker. */
  readonly lockMs: number
  /** Makes one job of each parcel, and puts the others back: the worker's rate counts messages. */
  readonly onePerMessage: boolean
  /** Called before a job that reads or writes over a network. */
  readonly onRemote: () => void
}

/** Executes what BullMQ hands to a worker. */
export interface Processor {
  readonly process: (queued: Queued, token?: string) => Promise<ResultsMessage>
  /** Jobs in work, with those that wait in a parcel. */
  readonly active: () => number
  /** Begins no more jobs of parcels: they are put back. */
  readonly stop: () => void
}

/** Creates the processor of a worker. */
export function createProcessor(open: OpenQueue, solo: Solo, options: Options): Processor {
  const active = new Map<Queued, number>()
  const state = { isStopped: false }
  const attempt = async (queued: Queued, token: string | undefined): Promise<ResultsMessage> => {
    const message = readJobs(queued, options.shared)
    const isMany = isParcel(queued.id ?? '')
    if (message instanceof ImgprocError && !(isMany && hasJobs(queued)))
      return endMessage(open, queued, createFailedResult({}, message), options.onEnd)
    // Those of a parcel that is refused are refused each by itself.
    return isMany
      ? attemptAll(queued, message instanceof ImgprocError ? undefined : message, token)
      : attemptOne(queued, message as JobMessage, token) // no error, see above
  }
  const attemptOne = async (queued: Queued, { jobs, claims }: JobMessage, token: string | undefined) => {
    const [job] = Object.values(jobs) as [Job] // checked by the schema
    const { reserve, hasGivenUp } = createReservation(open, job, claims)
    const isAlone = queued.stalledCounter >= LOSSES_BEFORE_ALONE
    noteRemote(job)
    const done = await solo.run(isAlone, () => options.execute(job, { reserve }))
    if (done === undefined) return putBack(open, queued, token)
    if (hasGivenUp()) return postpone(open, queued, token)
    return endMessage(open, queued, toResultMessage(done.value), options.onEnd)
  }
  const attemptAll = async (queued: Queued, message: JobMessage | undefined, token: string | undefined) => {
    const isLost = queued.stalledCounter > 0 || message === undefined
    const results = await processParcel(open, queued, message?.jobs ?? queued.data.jobs, {
      isOver: (made) => isLost || state.isStopped || (options.onePerMessage && made > 0),
      async make(job) {
        const { reserve } = createReservation(open, job)
        noteRemote(job)
        const done = await solo.run(false, () => options.execute(job, { reserve }))
        active.set(queued, (active.get(queued) ?? 1) - 1)
        return done?.value
      },
      onEnd: ({ status, ms }) => options.onEnd?.({ status, seconds: ms / 1000 }),
    })
    return results ?? postpone(open, queued, token)
  }
  const noteRemote = (job: Job) => {
    if (isRemote(job.source.ref) || isRemote(job.out)) options.onRemote()
  }
  return {
    active: () => [...active.values()].reduce((sum, count) => sum + count, 0),
    stop: () => (state.isStopped = true),
    async process(queued, token) {
      const { id } = queued
      active.set(queued, sizeOf(id ?? ''))
      const release =
        id === undefined || token === undefined ? () => {} : holdLock(open, id, token, options.lockMs)
      try {
        return await attempt(queued, token)
      } finally {
        release()
        active.delete(queued)
      }
    },
  }
}

async function putBack({ libraries }: OpenQueue, queued: Queued, token: string | undefined): Promise<never> {
  await queued.moveToWait(token)
  throw new libraries.bullmq.WaitingError()
}

async function postpone({ libraries }: OpenQueue, queued: Queued, token: string | undefined): Promise<never> {
  await queued.moveToDelayed(Date.now() + RETRY_DELAY, token)
  throw new libraries.bullmq.DelayedError()
}

/**
 * Ends a message of one job: its failure is kept where the producer and the status find it. Throws for BullMQ if the job has failed.
 */
async function endMessage(
  open: OpenQueue,
  queued: Queued,
  result: ResultMessage,
  onEnd: ProcessorOptions['onEnd'],
): Promise<ResultsMessage> {
  const errors = errorsOf(result)
  const [first] = errors
  const isLast = queued.attemptsMade + 1 >= (queued.opts.attempts ?? 1)
  if (first !== undefined && !isLast && errors.some(({ retryable }) => retryable))
    throw new Error(describe(first))
  onEnd?.({ status: result.status, seconds: result.ms / 1000 })
  const results = { [queued.id ?? '']: result }
  if (first === undefined) {
    await countDone(open, 1)
    return results
  }
  await queued.updateProgress(results)
  throw new open.libraries.bullmq.UnrecoverableError(describe(first))
}

/** Returns true if a message that is refused has jobs all the same, as those of other versions do. */
function hasJobs({ data }: Queued): boolean {
  return Object.keys(asRecord(asRecord(data)['jobs'])).length > 0
}

/** Returns a message, or the error for which it is refused. */
function readJobs(queued: Queued, shared: SharedFolders): JobMessage | ImgprocError {
  try {
    const message = readMessage(queued.data)
    for (const job of Object.values(message.jobs)) checkPlaces(job, shared)
    return message
  } catch (caught) {
    const { message, stage, cause } = toImgprocError(caught)
    // Another worker, or this one after a change, may do it: the manifest must not take it for a fault of the image.
    return new ImgprocError('QUEUE_UNAVAILABLE', `A worker refuses the job: ${message}`, {
      stage,
      cause,
      retryable: true,
    })
  }
}

/** Returns the error that the failed jobs of the queue are listed with. */
function describe({ code, message }: ErrorRecord): string {
  return `${code} ${message}`
}
