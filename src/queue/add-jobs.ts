import type { Job } from '../jobs/types.js'
import { createMessage } from './job-message.js'
import { JOB_NAME, type OpenQueue } from './open-queue.js'
import type { ClaimPublisher } from './shared-claims.js'

/** A job with its id in the queue. */
export interface Ticket {
  readonly id: string
  readonly job: Job
}

export interface AddOptions {
  /** 1 goes first. */
  readonly priority: number
  /** Attempts at a job whose failure may pass. */
  readonly attempts: number
}

/** `AddOptions` before the defaults: priority 100 and 4 attempts. */
export type GivenAddOptions = { readonly [Name in keyof AddOptions]?: AddOptions[Name] | undefined }

/** Priority of a run, unless another is given. */
const DEFAULT_PRIORITY = 100
const DEFAULT_ATTEMPTS = 4

/** Milliseconds before the second attempt; each further wait is twice as long. */
const FIRST_RETRY = 1000

/** Results of `enqueue` wait for a run that gathers them, and failures are there to be read, for a week. */
const KEEP_SECONDS = 7 * 86_400
/** Failures that are kept, at most. */
const KEEP_FAILURES = 10_000

/** Fills in the defaults. */
export function withAddDefaults({ priority, attempts }: GivenAddOptions): AddOptions {
  return { priority: priority ?? DEFAULT_PRIORITY, attempts: attempts ?? DEFAULT_ATTEMPTS }
}

/** Adds jobs in their order, in one round trip. A job that is in the queue already stays as it is. */
export async function addJobs(
  { queue }: OpenQueue,
  tickets: readonly Ticket[],
  claims: ClaimPublisher,
  { priority, attempts }: AddOptions,
): Promise<void> {
  const entries = []
  for (const { id, job } of tickets) {
    const opts = {
      jobId: id,
      priority,
      attempts,
      backoff: { type: 'exponential', delay: FIRST_RETRY, jitter: 0.5 },
      removeOnComplete: { age: KEEP_SECONDS },
      removeOnFail: { age: KEEP_SECONDS, count: KEEP_FAILURES },
      // The result says all; a stack would be that of this package.
      stackTraceLimit: 0,
    }
    entries.push({ name: JOB_NAME, data: createMessage(job, await claims.publish(job)), opts } as const)
  }
  await queue.addBulk(entries)
}
