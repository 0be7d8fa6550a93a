import type { Job, Result } from '../jobs/types.js'
import type { PlannedClaims } from '../plan/output-claims.js'
import type { JobList } from '../plan/types.js'

/** Decides where jobs run and how many at once. Does not know what a job does. */
export interface Engine {
  /** Runs jobs, starting them in order. Yields results as they complete. */
  run(jobs: AsyncIterable<Job> | Iterable<Job>, options?: EngineOptions): AsyncIterable<Result>
}

export interface EngineOptions {
  /** Keeps jobs from starting once it is aborted. Jobs in work are finished. */
  readonly signal?: AbortSignal | undefined
}

/** The part of a run that an engine outside of this process needs. */
export interface EngineWork {
  /** The jobs that `run` will be called with. */
  readonly jobs: JobList
  readonly claims: PlannedClaims
  /** Returns true if the outputs of a result of an earlier run are still there, so that it may be taken. */
  readonly isCurrent: (result: Result) => Promise<boolean>
}

/** Creates the engine of a run. */
export type CreateEngine = (work: EngineWork) => Engine
