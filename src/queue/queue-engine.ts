import type { CreateEngine } from '../engines/types.js'
import { withAddDefaults, type GivenAddOptions } from './add-jobs.js'
import type { OpenQueue } from './open-queue.js'
import { MOST_IN_PARCEL } from './parcels/pack-jobs.js'
import { checkPlaces, type SharedFolders } from './places.js'
import { startRun } from './queue-run.js'

/** Jobs that a run has in the queue at once: seconds of work for dozens of machines, in few megabytes. */
const DEFAULT_AHEAD = 10_000
/** Seconds between two looks at jobs from which nothing has been heard. */
const DEFAULT_SWEEP_SECONDS = 5

export interface QueueEngineOptions extends GivenAddOptions {
  /** Folders that all machines see under the same absolute path. @default none, so that only remote places are allowed */
  readonly shared?: SharedFolders | undefined
  /** Jobs in the queue at once, at most, and results that wait to be read. @default 10000 */
  readonly ahead?: number | undefined
  /** Small jobs that travel in one message, at most. They end together; 1 lets each end by itself. @default 8 */
  readonly inParcel?: number | undefined
  /** Seconds between two looks at jobs from which nothing has been heard. @default 5 */
  readonly sweepSeconds?: number | undefined
  /** Makes outputs again that a job of an earlier run has made. @default false */
  readonly force?: boolean | undefined
  /** Called with a sentence when the run waits for Redis, once until it goes on. */
  readonly onNotice?: ((text: string) => void) | undefined
}

/**
 * Returns the engine of a queue: its jobs run in the workers of other processes and machines. A run that is stopped takes
 * its waiting jobs out of the queue. If it is killed, the workers go on, and a run with the same jobs takes the results.
 *
 * @throws ImgprocError INVALID_USAGE from the returned function, if a job has a place that not all machines see.
 * @example
 * ```ts
 * const queue = await openQueue('redis://localhost:6379')
 * await run({ inputs: 's3://shop/originals/**', preset: 'thumb', out: 's3://shop/img', engine: createQueueEngine(queue) })
 * await queue.close()
 * ```
 */
export function createQueueEngine(open: OpenQueue, options: QueueEngineOptions = {}): CreateEngine {
  const { ahead = DEFAULT_AHEAD, sweepSeconds = DEFAULT_SWEEP_SECONDS, force = false, onNotice } = options
  const { inParcel = MOST_IN_PARCEL } = options
  const add = withAddDefaults(options)
  return (work) => {
    for (const job of work.jobs) checkPlaces(job, options.shared ?? [])
    return {
      async *run(jobs, { signal } = {}) {
        if (signal?.aborted === true) return
        const run = await startRun({
          open,
          work,
          add,
          ahead,
          inParcel,
          sweepSeconds,
          force,
          onNotice,
          signal,
        })
        try {
          run.feed(jobs)
          for (let result = await run.next(); result !== undefined; result = await run.next()) yield result
        } finally {
          await run.end()
        }
      },
    }
  }
}
