import type { Job as QueuedJob } from 'bullmq'
import { ImgprocError, toImgprocError, type ErrorRecord } from '../errors.js'
import type { ExecuteContext } from '../jobs/execute-job.js'
import type { Job, Result } from '../jobs/types.js'
import { isRemote } from '../paths/location.js'
import {
  createFailedResult,
  readMessage,
  toResultMessage,
  type JobMessage,
  type ResultMessage,
} from './job-message.js'
import type { JOB_NAME, OpenQueue } from './open-queue.js'
import { holdLock } from './hold-lock.js'
import { checkPlaces, type SharedFolders } from './places.js'
import { createReservation } from './shared-claims.js'
import type { Solo } from './solo.js'

type Queued = QueuedJob<JobMessage, ResultMessage, typeof JOB_NAME>

/** Times that a job may lose its worker before it runs alone; the next loss fails it. */
export const LOSSES_BEFORE_ALONE = 2

/** Milliseconds after which a job that waits for another one's path is taken again. */
const RIVAL_DELAY = 1000

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
  /** Milliseconds without a sign of life after which a job is given to another worker. */
  readonly lockMs: number
  /** Called before a job that reads or writes over a network. */
  readonly onRemote: () => void
}

/** Executes what BullMQ hands to a worker. */
export interface Processor {
  readonly process: (queued: Queued, token?: string) => Promise<ResultMessage>
  /** Jobs in work. */
  readonly active: () => number
}

/** Creates the processor of a worker. */
export function createProcessor(open: OpenQueue, solo: Solo, options: Options): Processor {
  const { DelayedError, WaitingError } = open.libraries.bullmq
  let active = 0
  const attempt = async (queued: Queued, token: string | undefined): Promise<ResultMessage> => {
    const message = readJob(queued, options.shared)
    if (message instanceof ImgprocError) return end(queued, createFailedResult({}, message))
    const { job } = message
    if (isRemote(job.source.ref) || isRemote(job.out)) options.onRemote()
    const { reserve, hasGivenUp } = createReservation(open, message)
    const isAlone = queued.stalledCounter >= LOSSES_BEFORE_ALONE
    const done = await solo.run(isAlone, () => options.execute(job, { reserve }))
    if (done === undefined) {
      await queued.moveToWait(token)
      throw new WaitingError()
    }
    if (hasGivenUp()) {
      await queued.moveToDelayed(Date.now() + RIVAL_DELAY, token)
      throw new DelayedError()
    }
    return end(queued, toResultMessage(done.value))
  }
  /** Ends a job: its failure is kept where the producer and the status find it. */
  const end = async (queued: Queued, result: ResultMessage): Promise<ResultMessage> => {
    const errors = errorsOf(result)
    const [first] = errors
    const isLast = queued.attemptsMade + 1 >= (queued.opts.attempts ?? 1)
    if (first !== undefined && !isLast && errors.some(({ retryable }) => retryable))
      throw new Error(describe(first))
    options.onEnd?.({ status: result.status, seconds: result.ms / 1000 })
    if (first === undefined) return result
    await queued.updateProgress({ result })
    throw new open.libraries.bullmq.UnrecoverableError(describe(first))
  }
  return {
    active: () => active,
    async process(queued, token) {
      active++
      const { id } = queued
      const release =
        id === undefined || token === undefined ? () => {} : holdLock(open, id, token, options.lockMs)
      try {
        return await attempt(queued, token)
      } finally {
        release()
        active--
      }
    },
  }
}

/** Returns the message of a job, or the error for which it is refused. */
function readJob(queued: Queued, shared: SharedFolders): JobMessage | ImgprocError {
  try {
    const message = readMessage(queued.data)
    checkPlaces(message.job, shared)
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

function errorsOf({ error, outputs, analysisErrors = [] }: ResultMessage): ErrorRecord[] {
  const failed = outputs.flatMap((output) => (output.action === 'failed' ? output.error : []))
  return [...(error === undefined ? [] : [error]), ...failed, ...analysisErrors.map((one) => one.error)]
}

/** Returns the error that the failed jobs of the queue are listed with. */
function describe({ code, message }: ErrorRecord): string {
  return `${code} ${message}`
}
