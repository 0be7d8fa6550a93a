import type { OutputClaims } from '../plan/output-claims.js'
import type { Job, Result } from '../jobs/types.js'
import type { Engine } from './types.js'
import { createInProcessEngine } from './in-process.js'
import { createWorker, stopped } from './worker.js'

export interface WorkerPoolEngineOptions {
  /** Worker processes. */
  readonly processes: number
  /** Jobs in work at once, in all of them together. */
  readonly concurrency: number
  /** Jobs that each of them has waiting, so that it hears of several at once. @default 0 */
  readonly ahead?: number
  /** What they run: a module, compiled or not, that exports `work`, which calls `serveJobs` with its process. */
  readonly module: string
  /** What they make jobs with: plain data, which `serveJobs` hands on. */
  readonly setup: unknown
  /** Decided here, since jobs in several processes may want one path. */
  readonly claims: OutputClaims
  /** Makes a job in this process, where no other can be started. */
  readonly execute: (job: Job) => Promise<Result>
  /** Reaches what is in work; that of `run` only keeps jobs from beginning. */
  readonly signal?: AbortSignal | undefined
}

/** Threads beside those that process images. */
const FILE_THREADS = 2

/**
 * Runs jobs in worker processes: small images take about as long in JavaScript, of which a process has one thread, as
 * in sharp. The processes end with the run. Results come as they are done.
 *
 * A process that crashes fails the one image that crashes it again when it is made by itself.
 */
export function createWorkerPoolEngine(options: WorkerPoolEngineOptions): Engine {
  const { processes, concurrency, ahead = 0, claims } = options
  const { reserve, isExclusive } = claims
  return {
    async *run(jobs, { signal } = {}) {
      const workers = shareOut(concurrency, processes).map((atOnce) => ({
        ...createWorker({ ...options, reserve, isExclusive, atOnce, threads: atOnce + FILE_THREADS }),
        inWork: new Set<Promise<unknown>>(),
      }))
      let isOver = false
      const unbegun = new Set<Job>()
      const execute = async (job: Job) => {
        const made = isOver || signal?.aborted === true ? undefined : await hand(job)
        claims.release(job)
        if (made === undefined) unbegun.add(job)
        return made ?? stopped(job)
      }
      // When its turn has come, and to the worker that has the fewest: so all are busy to the end.
      const hand = async (job: Job) => {
        const { inWork, ...worker } = workers.reduce((least, each) =>
          each.inWork.size < least.inWork.size ? each : least,
        )
        const made = worker.execute(job)
        inWork.add(made)
        return made.finally(() => inWork.delete(made))
      }
      const halt = () => workers.forEach((worker) => worker.halt())
      signal?.addEventListener('abort', halt, { once: true })
      const engine = createInProcessEngine({ concurrency: concurrency + ahead * processes, execute })
      try {
        for await (const result of engine.run(jobs, { signal })) if (!unbegun.has(result.job)) yield result
      } finally {
        // Where nobody wants the rest, there is something in work.
        isOver = true
        signal?.removeEventListener('abort', halt)
        halt()
        await Promise.allSettled(workers.flatMap(({ inWork }) => [...inWork]))
        for (const worker of workers) worker.close()
      }
    },
  }
}

/** A number in parts that differ by one at most. */
function shareOut(whole: number, parts: number): number[] {
  return Array.from({ length: parts }, (_, part) => Math.floor((whole + part) / parts))
}
