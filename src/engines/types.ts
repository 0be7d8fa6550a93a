import type { Job, Result } from '../jobs/types.js'

/** Decides where jobs run and how many at once. Does not know what a job does. */
export interface Engine {
  /** Runs jobs, starting them in order. Yields results as they complete. */
  run(jobs: AsyncIterable<Job> | Iterable<Job>, options?: EngineOptions): AsyncIterable<Result>
}

export interface EngineOptions {
  /** Keeps jobs from starting once it is aborted. Jobs in work are finished. */
  readonly signal?: AbortSignal | undefined
}
