import type { OutputClaims } from '../plan/output-claims.js'
import type { Job, Result } from '../jobs/types.js'
import type { Engine } from './types.js'
import { createInProcessEngine } from './in-process.js'
import { createWorker, createAbortedResult } from './worker.js'

export interface WorkerPoolEngineOptions {
  /** Worker processes. */
  readonly processes: number
  /** Jobs in work at once, in all processes together. */
  readonly concurrency: number
  /** Jobs that wait in each process, so that messages are sent in batches. @default 0 */
  readonly ahead?: number
  /** Images that are decoded at once, in all processes together. @default all jobs in work */
  readonly slots?: number
  /** Total size of the sources in work and waiting, in bytes. @default Infinity */
  readonly bytes?: number | undefined
  /** The module that workers run. Exports `work`, which calls `serveJobs` with its process. */
  readonly module: string
  /** Plain data from which `serveJobs` prepares a worker. */
  readonly setup: unknown
  /** Kept in this process, since jobs in several processes may want the same path. */
  readonly claims: OutputClaims
  /** Runs a job in this process, if no other can be started. */
  readonly execute: (job: Job) => Promise<Result>
  /** Called when one of several renditions of a job is encoded. */
  readonly onRendition?: ((job: Job) => void) | undefined
  /** Aborts jobs in work. The signal of `run` only keeps jobs from starting. */
  readonly signal?: AbortSignal | undefined
}

/** Threads of a process beside those that process images. */
const FILE_THREADS = 2

/**
 * Creates an engine that runs jobs in worker processes: small images take about as long in JavaScript, which has one
 * thread a process, as in sharp. The processes end with the run. Yields results as they complete.
 *
 * If a process crashes, its jobs are run again one by one. Only the job that crashes again fails.
 */
export function createWorkerPoolEngine(options: WorkerPoolEngineOptions): Engine {
  const { processes, concurrency: total, ahead = 0, slots = total, bytes, claims } = options
  const { reserve, isExclusive } = claims
  return {
    async *run(jobs, { signal } = {}) {
      const workers = divide(total, processes).map((concurrency) => ({
        ...createWorker({
          ...options,
          reserve,
          isExclusive,
          concurrency,
          threads: Math.ceil(slots / processes) + FILE_THREADS,
        }),
        inWork: new Set<Promise<unknown>>(),
      }))
      let isOver = false
      const notStarted = new Set<Job>()
      const execute = async (job: Job) => {
        const result = isOver || signal?.aborted === true ? undefined : await assign(job)
        claims.release(job)
        if (result === undefined) notStarted.add(job)
        return result ?? createAbortedResult(job)
      }
      // Assigned only when a slot is free, and to the worker with the fewest jobs, so that all are busy to the end.
      const assign = async (job: Job) => {
        const { inWork, ...worker } = workers.reduce((least, each) =>
          each.inWork.size < least.inWork.size ? each : least,
        )
        const result = worker.execute(job)
        inWork.add(result)
        return result.finally(() => inWork.delete(result))
      }
      const halt = () => workers.forEach((worker) => worker.halt())
      signal?.addEventListener('abort', halt, { once: true })
      const engine = createInProcessEngine({ concurrency: total + ahead * processes, bytes, execute })
      try {
        for await (const result of engine.run(jobs, { signal })) if (!notStarted.has(result.job)) yield result
      } finally {
        // If the consumer stopped iterating, jobs are still in work.
        isOver = true
        signal?.removeEventListener('abort', halt)
        halt()
        await Promise.allSettled(workers.flatMap(({ inWork }) => [...inWork]))
        for (const worker of workers) worker.close()
      }
    },
  }
}

/** Divides a number into parts that differ by at most one. */
function divide(total: number, parts: number): number[] {
  return Array.from({ length: parts }, (_, part) => Math.floor((total + part) / parts))
}
