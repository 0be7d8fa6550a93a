import { statusOf } from '../jobs/job-status.js'
import type { Job, Result } from '../jobs/types.js'
import { ImgprocError, toImgprocError, toRecord } from '../errors.js'
import type { JobMessage } from './worker-protocol.js'
import { startProcess, type End, type WorkerProcess } from './worker-process.js'

export interface WorkerOptions {
  /** What the process runs: a module, compiled or not, that exports a function `work` of the process. */
  readonly module: string
  /** Threads of a process. */
  readonly threads: number
  /** Jobs that a process makes at once. */
  readonly atOnce: number
  /** What the process prepares its work of: plain data. */
  readonly setup: unknown
  /** Takes an output path for a job; the source that has it already, if another does. */
  readonly reserve: (path: string, job: Job) => Promise<string | undefined>
  /** Whether nobody else can want what a job makes. */
  readonly isExclusive: (job: Job) => boolean
  /** Makes a job in this process, where no other can be started. */
  readonly execute: (job: Job) => Promise<Result>
  readonly signal?: AbortSignal | undefined
}

/** Makes jobs in a process of its own, which is replaced where it crashes. */
export interface Worker {
  /** Undefined where a halt came before the job was begun. */
  readonly execute: (job: Job) => Promise<Result | undefined>
  /** Begins nothing more. */
  readonly halt: () => void
  readonly close: () => void
}

/** Undefined of a job that wasn't begun. */
type Made = Result | undefined

/** A job that the process has. */
interface Task {
  readonly job: Job
  readonly settle: (result: Made | Promise<Made>) => void
  /** Whether it is made again after a crash, with nothing beside it. */
  readonly isRetry: boolean
  /** What its first attempt has claimed: the second has it already. */
  readonly claims: Map<string, Promise<string | undefined>>
}

/**
 * A worker. Where its process crashes, each job that it had is made once more, alone in a new process: so it shows
 * which one was to blame. That goes in the jobs' order, since one may wait for what an earlier one claims.
 */
export function createWorker(options: WorkerOptions): Worker {
  const { reserve, isExclusive, execute, signal } = options
  const tasks = new Map<number, Task>()
  let current: WorkerProcess | undefined
  let isUsable = true
  let lastId = 0
  const retries = createQueue()

  function make(job: Job, isRetry: boolean, claims: Task['claims']): Promise<Made> {
    // What has crashed a process before is kept out of this one.
    if (!isUsable && !isRetry) return execute(job)
    return new Promise((settle) => {
      const id = ++lastId
      tasks.set(id, { job, settle, isRetry, claims })
      current ??= start()
      current.tell({ id, job, isExclusive: isExclusive(job) })
    })
  }

  function start(): WorkerProcess {
    const started = startProcess({
      ...options,
      onReport: (report) => hear(report, tasks, started, reserve),
      onEnd(end) {
        current = undefined
        isUsable &&= end.wasReady
        const left = [...tasks.values()]
        tasks.clear()
        for (const task of left) pickUp(task, end)
      },
    })
    if (signal?.aborted === true) started.tell({ stop: true })
    return started
  }

  function pickUp({ job, settle, isRetry, claims }: Task, end: End): void {
    if (signal?.aborted === true) return settle(stopped(job))
    if (isRetry) return settle(crashed(job, end))
    if (!end.wasReady) return settle(execute(job))
    settle(retries.add(() => make(job, true, claims)))
  }

  const stop = () => current?.tell({ stop: true })
  signal?.addEventListener('abort', stop, { once: true })
  return {
    async execute(job) {
      await retries.drained()
      return make(job, false, new Map())
    },
    halt: () => current?.tell({ halt: true }),
    close() {
      signal?.removeEventListener('abort', stop)
      current?.kill()
    },
  }
}

/** Does one thing after the other. */
function createQueue() {
  let last: Promise<unknown> = Promise.resolve()
  return {
    add<T>(work: () => Promise<T>): Promise<T> {
      const done = last.then(work)
      last = done
      return done
    },
    /** Until there is nothing to do, also nothing that came while this waited. */
    async drained(): Promise<void> {
      for (let awaited; awaited !== last;) await (awaited = last)
    },
  }
}

function hear(
  report: JobMessage,
  tasks: Map<number, Task>,
  from: WorkerProcess,
  reserve: WorkerOptions['reserve'],
): void {
  const task = tasks.get(report.id)
  if (task === undefined) return
  if ('path' in report) return void answer(task, report, from, reserve)
  tasks.delete(report.id)
  task.settle('result' in report ? { ...report.result, job: task.job } : undefined)
}

/** Tells a process who has the path that it asks for. */
async function answer(
  { job, isRetry, claims }: Task,
  { question, path }: Extract<JobMessage, { path: string }>,
  { tell }: WorkerProcess,
  reserve: WorkerOptions['reserve'],
): Promise<void> {
  const before = isRetry ? claims.get(path) : undefined
  // Two outputs of one job that want one path are rivals too.
  if (isRetry) claims.delete(path)
  const claimed = before ?? reserve(path, job)
  if (!isRetry && !claims.has(path)) claims.set(path, claimed)
  try {
    tell({ question, owner: await claimed })
  } catch (error) {
    tell({ question, refused: toRecord(toImgprocError(error)) })
  }
}

function fail(job: Job, error: ImgprocError): Result {
  const outputs = [...(job.settled ?? [])]
  const record = toRecord(error)
  return { job, status: statusOf(outputs, record), outputs, error: record, ms: 0 }
}

/** Of a job that was kept from beginning. */
export function stopped(job: Job): Result {
  return fail(job, new ImgprocError('ABORTED', 'Stopped before it was through.'))
}

function crashed(job: Job, { reason }: End): Result {
  const { path } = job
  const memory = reason === 'SIGKILL' ? ', most likely for want of memory' : ''
  const message =
    `Making ${path} crashed its process twice (${reason})${memory}; the rest went on. ` +
    'Try again, with less beside it that takes memory, or save the image anew in another program.'
  return fail(job, new ImgprocError('INTERNAL', message, { stage: 'decode', path, retryable: true }))
}
