import { executeJob, type ExecuteContext } from '../../jobs/execute-job.js'
import type { Job, Result } from '../../jobs/types.js'
import { reserveWithin } from '../../plan/output-claims.js'
import type { Priority } from '../records/types.js'

/** Makes the outputs of uploads: in this process, or in workers on other machines. */
export interface Executor {
  /** Jobs that it takes at once. */
  readonly concurrency: number
  /**
   * Executes a job. Never rejects: a failure is in the result. ABORTED says that the executor stops, and QUEUE_UNAVAILABLE
   * that no worker could take the job; then it has to be executed again later.
   */
  readonly execute: (job: Job, priority: Priority) => Promise<Result>
  /** Takes no more jobs. Those that have not begun end with ABORTED. */
  readonly stop: () => Promise<void>
}

/**
 * Creates the executor of this process. Its jobs in progress are finished.
 *
 * @param context returns everything that a job needs now but the reservation of paths.
 */
export function createLocalExecutor(
  concurrency: number,
  context: () => Omit<ExecuteContext, 'reserve'>,
): Executor {
  return {
    concurrency,
    execute: (job) => executeJob(job, { ...context(), reserve: reserveWithin(job) }),
    stop: async () => {},
  }
}
