import pLimit from 'p-limit'
import type { Engine, Job, Result } from '../core/types.js'

export interface LocalEngineOptions {
  /** Jobs in work at once. */
  readonly concurrency: number
  readonly execute: (job: Job) => Promise<Result>
}

/** Runs jobs in this process, several at once: sharp works in threads. Results come as they are done. */
export function createLocalEngine({ concurrency, execute }: LocalEngineOptions): Engine {
  return {
    async *run(jobs, { signal } = {}) {
      const limit = pLimit(concurrency)
      const running = new Map<Job, Promise<Result>>()
      const next = async () => {
        const result = await Promise.race(running.values())
        running.delete(result.job)
        return result
      }
      for await (const job of jobs) {
        if (signal?.aborted === true) break
        running.set(job, limit(execute, job))
        // Twice what is in work: a slot that gets free finds its next job waiting.
        while (running.size >= concurrency * 2) yield await next()
      }
      while (running.size > 0) yield await next()
    },
  }
}
