import type { PlannedClaims } from '../plan/output-claims.js'
import type { JobList } from '../plan/types.js'
import { chunksOf } from '../utils/chunks-of.js'
import { addShipments, withAddDefaults, type GivenAddOptions } from './add-jobs.js'
import { lookUp } from './existing-jobs.js'
import { queueId } from './job-message.js'
import type { OpenQueue } from './open-queue.js'
import { MOST_IN_PARCEL, packJobs, type Ticket } from './parcels/pack-jobs.js'
import { persistAloud } from './redis/persist.js'
import { checkPlaces, type SharedFolders } from './places.js'
import { removeJobs } from './remove-jobs.js'
import { createClaimPublisher } from './shared-claims.js'

/** Jobs that are added in one round trip. */
const CHUNK = 500

export interface EnqueueOptions extends GivenAddOptions {
  /** Folders that all machines see under the same absolute path. @default none */
  readonly shared?: SharedFolders | undefined
  /** Adds jobs again that have ended, but whose results no run has gathered. @default false */
  readonly force?: boolean | undefined
  /** Called with a sentence when Redis is away or full, and when it is back. */
  readonly onNotice?: ((text: string) => void) | undefined
}

/** Counts of jobs. */
export interface Enqueued {
  readonly queued: number
  /** Jobs that were in the queue already, or that have ended and whose results no run has gathered. */
  readonly known: number
}

/**
 * Adds jobs to a queue without waiting for their results. A run with the same jobs gathers them.
 *
 * @throws ImgprocError INVALID_USAGE if a job has a place that not all machines see; then none is added.
 */
export async function enqueueJobs(
  open: OpenQueue,
  jobs: JobList,
  claims: PlannedClaims,
  options: EnqueueOptions = {},
): Promise<Enqueued> {
  for (const job of jobs) checkPlaces(job, options.shared ?? [])
  const publisher = await createClaimPublisher(open, claims)
  let queued = 0
  for (const chunk of chunksOf(jobs, CHUNK)) {
    const tickets = chunk.map((job) => ({ id: queueId(job), job }))
    const fresh = await persistAloud(
      () => leaveOutKnown(open, tickets, options.force === true),
      options.onNotice,
    )
    const shipments = packJobs(fresh, { most: MOST_IN_PARCEL, isExclusive: publisher.isExclusive })
    await persistAloud(
      () => addShipments(open, shipments, publisher, withAddDefaults(options)),
      options.onNotice,
    )
    queued += fresh.length
  }
  return { queued, known: jobs.length - queued }
}

/** Returns the jobs that are to be added, after removing what is left of them. */
async function leaveOutKnown(open: OpenQueue, tickets: readonly Ticket[], force: boolean): Promise<Ticket[]> {
  const states = await lookUp(
    open,
    tickets.map(({ id }) => id),
  )
  const old = new Map<string, string[]>()
  const fresh = tickets.filter(({ id }, at) => {
    const state = states[at]
    if (state?.kind !== 'done') return state?.kind === 'absent'
    if (!force && !state.hasFailed) return false
    old.set(state.message, [...(old.get(state.message) ?? []), id])
    return true
  })
  await removeJobs(open, old)
  return fresh
}
