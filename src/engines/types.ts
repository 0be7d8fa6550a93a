import type { Job, Result } from '../jobs/types.js'

/** Decides where and how many at once; knows nothing of what a job does. */
export interface Engine {
  run(jobs: AsyncIterable<Job> | Iterable<Job>, options?: EngineOptions): AsyncIterable<Result>
}

export interface EngineOptions {
  readonly signal?: AbortSignal | undefined
}
