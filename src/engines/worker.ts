import { statusOf } from '../jobs/job-status.js'
import type { Job, Result } from '../jobs/types.js'
import { ImgprocError, toImgprocError, toRecord } from '../errors.js'
import type { JobMessage } from './worker-protocol.js'
import { startProcess, type ProcessEnd, type WorkerProcess } from './worker-process.js'

export interface WorkerOptions {
  /** The module to run. Exports a function `work` that takes the process. */
  readonly module: string
  /** Threads of the process. */
  readonly threads: number
  /** Jobs in work at once. */
  readonly concurrency: number
  /** Plain data from which the process prepares its work. */
  readonly setup: unknown
  /** Reserves an output path for a job. Returns the source that has it, or undefined if it was free. */
  readonly reserve: (path: string, job: Job) => Promise<string | undefined>
  /** Returns true if no other job can want the same paths. */
  readonly isExclusive: (job: Job) => boolean
  /** Runs a job in this process, if no other can be started. */
  readonly execute: (job: Job) => Promise<Result>
  /** Called when one of several renditions of a job is encoded. */
  readonly onRendition?: ((job: Job) => void) | undefined
  readonly signal?: AbortSignal | undefined
}

/** Runs jobs in a process of its own, which is replaced if it crashes. */
export interface Worker {
  /** Runs a job. Returns undefined if a halt came before it started. */
  readonly execute: (job: Job) => Promise<Result | undefined>
  /** Starts no more jobs. */
  readonly halt: () => void
  readonly close: () => void
}

/** Undefined for a job that was not started. */
type Outcome = Result | undefined

/** A job that the process has. */
interface Task {
  readonly job: Job
  readonly settle: (outcome: Outcome | Promise<Outcome>) => void
  /** True if it runs again after a crash, with no other job beside it. */
  readonly isRetry: boolean
  /** Paths that its first attempt has reserved, which the second attempt gets without a request. */
  readonly reserved: Map<string, Promise<string | undefined>>
}

/**
 * Creates a worker. If its process crashes, each of its jobs runs once more, alone in a new process, which shows the job
 * that caused the crash. They run in their order, since a job may wait for paths that an earlier one reserves.
 */
export function createWorker(options: WorkerOptions): Worker {
  const { isExclusive, execute, signal } = options
  const tasks = new Map<number, Task>()
  let current: WorkerProcess | undefined
  let isUsable = true
  let lastId = 0
  const retries = createQueue()

  function runJob(job: Job, isRetry: boolean, reserved: Task['reserved']): Promise<Outcome> {
    // A retry never runs in this process, since it may have caused the crash.
    if (!isUsable && !isRetry) return execute(job)
    return new Promise((settle) => {
      const id = ++lastId
      tasks.set(id, { job, settle, isRetry, reserved })
      current ??= start()
      current.send({ id, job, isExclusive: isExclusive(job) })
    })
  }

  function start(): WorkerProcess {
    const started = startProcess({
      ...options,
      onMessage: (message) => handleMessage(message, tasks, started, options),
      onEnd(end) {
        current = undefined
        isUsable &&= end.wasReady
        const interrupted = [...tasks.values()]
        tasks.clear()
        for (const task of interrupted) recoverTask(task, end)
      },
    })
    if (signal?.aborted === true) started.send({ abort: true })
    return started
  }

  function recoverTask({ job, settle, isRetry, reserved }: Task, end: ProcessEnd): void {
    if (signal?.aborted === true) return settle(createAbortedResult(job))
    if (isRetry) return settle(createCrashResult(job, end))
    if (!end.wasReady) return settle(execute(job))
    settle(retries.add(() => runJob(job, true, reserved)))
  }

  const abort = () => current?.send({ abort: true })
  signal?.addEventListener('abort', abort, { once: true })
  return {
    async execute(job) {
      await retries.drained()
      return runJob(job, false, new Map())
    },
    halt: () => current?.send({ halt: true }),
    close() {
      signal?.removeEventListener('abort', abort)
      current?.kill()
    },
  }
}

/** Creates a queue that does one thing after another. */
function createQueue() {
  let last: Promise<unknown> = Promise.resolve()
  return {
    add<T>(work: () => Promise<T>): Promise<T> {
      const done = last.then(work)
      last = done
      return done
    },
    /** Resolves when the queue is empty, including work that was added in the meantime. */
    async drained(): Promise<void> {
      for (let awaited; awaited !== last;) await (awaited = last)
    },
  }
}

function handleMessage(
  message: JobMessage,
  tasks: Map<number, Task>,
  from: WorkerProcess,
  { reserve, onRendition }: WorkerOptions,
): void {
  const task = tasks.get(message.id)
  if (task === undefined) return
  if ('rendition' in message) return onRendition?.(task.job)
  if ('path' in message) return void respond(task, message, from, reserve)
  tasks.delete(message.id)
  task.settle('result' in message ? { ...message.result, job: task.job } : undefined)
}

/** Responds to a request to reserve a path. */
async function respond(
  { job, isRetry, reserved }: Task,
  { requestId, path }: Extract<JobMessage, { path: string }>,
  { send }: WorkerProcess,
  reserve: WorkerOptions['reserve'],
): Promise<void> {
  const before = isRetry ? reserved.get(path) : undefined
  // Used once: a second output of the same job with this path is a collision.
  if (isRetry) reserved.delete(path)
  const reservation = before ?? reserve(path, job)
  if (!isRetry && !reserved.has(path)) reserved.set(path, reservation)
  try {
    send({ requestId, owner: await reservation })
  } catch (error) {
    send({ requestId, error: toRecord(toImgprocError(error)) })
  }
}

function createFailedResult(job: Job, error: ImgprocError): Result {
  const outputs = [...(job.settled ?? [])]
  const record = toRecord(error)
  return { job, status: statusOf(outputs, record), outputs, error: record, ms: 0 }
}

/** Creates the result of a job that an abort kept from starting. */
export function createAbortedResult(job: Job): Result {
  return createFailedResult(job, new ImgprocError('ABORTED', 'Cancelled.'))
}

function createCrashResult(job: Job, { reason }: ProcessEnd): Result {
  const { path } = job
  const cause = reason === 'SIGKILL' ? ', most likely because memory ran out' : ''
  const message =
    `Making ${path} crashed its process twice (${reason})${cause}; the other images were not affected. ` +
    'Close other programs that use much memory and try again, or save the image again with another program.'
  return createFailedResult(
    job,
    new ImgprocError('INTERNAL', message, { stage: 'decode', path, retryable: true }),
  )
}
