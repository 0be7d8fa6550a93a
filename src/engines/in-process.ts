import pLimit from 'p-limit'
import type { Job, Result } from '../jobs/types.js'
import type { Engine } from './types.js'

export interface InProcessEngineOptions {
  /** Jobs in work at once. */
  readonly concurrency: number
  /** Bytes that the sources of jobs in work may have together; one larger than that runs alone. @default no limit */
  readonly bytes?: number | undefined
  readonly execute: (job: Job) => Promise<Result>
}

/** What a source is taken for whose size nobody knows before it is read. */
const UNKNOWN_SIZE = 4 * 1024 * 1024

/** Runs jobs in this process, several at once: sharp works in threads. Results come as they are done. */
export function createInProcessEngine({
  concurrency,
  bytes = Infinity,
  execute,
}: InProcessEngineOptions): Engine {
  return {
    async *run(jobs, { signal } = {}) {
      const limit = pLimit(concurrency)
      const running = new Map<Job, Promise<Result>>()
      let held = 0
      const next = async () => {
        const result = await Promise.race(running.values())
        running.delete(result.job)
        held -= sizeOf(result.job)
        return result
      }
      for await (const job of jobs) {
        while (running.size > 0 && held + sizeOf(job) > bytes) yield await next()
        if (signal?.aborted === true) break
        running.set(job, limit(execute, job))
        held += sizeOf(job)
        // Twice what is in work: a slot that gets free finds its next job waiting.
        while (running.size >= concurrency * 2) yield await next()
      }
      while (running.size > 0) yield await next()
    },
  }
}

function sizeOf({ source: { size } }: Job): number {
  return size === 0 ? UNKNOWN_SIZE : size
}
