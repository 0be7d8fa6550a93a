import pLimit from 'p-limit'
import type { Job, Result } from '../jobs/types.js'
import type { Engine } from './types.js'

export interface InProcessEngineOptions {
  /** Jobs in work at once, at most. */
  readonly concurrency: number
  /** Total size of the sources in work, in bytes. A larger source runs alone. @default Infinity */
  readonly bytes?: number | undefined
  readonly execute: (job: Job) => Promise<Result>
}

/** Assumed bytes of a source whose size is unknown until it is read. */
const UNKNOWN_SIZE = 4 * 1024 * 1024

/** Creates an engine that runs jobs in this process; sharp works in threads. Yields results as they complete. */
export function createInProcessEngine({
  concurrency,
  bytes = Infinity,
  execute,
}: InProcessEngineOptions): Engine {
  return {
    async *run(jobs, { signal } = {}) {
      const limit = pLimit(concurrency)
      const running = new Map<Job, Promise<Result>>()
      let heldBytes = 0
      const nextResult = async () => {
        const result = await Promise.race(running.values())
        running.delete(result.job)
        heldBytes -= sizeOf(result.job)
        return result
      }
      for await (const job of jobs) {
        while (running.size > 0 && heldBytes + sizeOf(job) > bytes) yield await nextResult()
        if (signal?.aborted === true) break
        running.set(job, limit(execute, job))
        heldBytes += sizeOf(job)
        // Queues as many jobs as are in work, so that a free slot finds its next job waiting.
        while (running.size >= concurrency * 2) yield await nextResult()
      }
      while (running.size > 0) yield await nextResult()
    },
  }
}

function sizeOf({ source: { size } }: Job): number {
  return size === 0 ? UNKNOWN_SIZE : size
}
