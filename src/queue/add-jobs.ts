import type { JobsOptions } from 'bullmq'
import { createMessage } from './job-message.js'
import { JOB_NAME, KEEP_SECONDS, type OpenQueue } from './open-queue.js'
import { holdInParcels } from './parcels/parcel-keys.js'
import type { Shipment } from './parcels/pack-jobs.js'
import type { ClaimPublisher } from './shared-claims.js'

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
const JITTER = 0.5

/** Failures that are kept, at most. */
const KEEP_FAILURES = 10_000

/** Fills in the defaults. */
export function withAddDefaults({ priority, attempts }: GivenAddOptions): AddOptions {
  return { priority: priority ?? DEFAULT_PRIORITY, attempts: attempts ?? DEFAULT_ATTEMPTS }
}

/**
 * Adds messages in their order, in one round trip. One that is in the queue already stays as it is.
 *
 * @param isWanted asked right before they are sent. Of messages that failed to be added together, some may have been added, made and
 * gathered since. @default all are
 */
export async function addShipments(
  open: OpenQueue,
  shipments: readonly Shipment[],
  claims: ClaimPublisher,
  options: AddOptions,
  isWanted: (shipment: Shipment) => boolean = () => true,
): Promise<void> {
  const entries = []
  for (const shipment of shipments) {
    const { id, tickets } = shipment
    const [first] = tickets
    if (first === undefined) continue
    const published = tickets.length === 1 ? await claims.publish(first.job) : undefined
    const data = createMessage(tickets, published)
    entries.push({ shipment, entry: { name: JOB_NAME, data, opts: toJobOptions(id, options) } as const })
  }
  const wanted = entries.filter(({ shipment }) => isWanted(shipment))
  // One connection keeps their order.
  await Promise.all([
    holdInParcels(
      open,
      wanted.map(({ shipment }) => shipment),
    ),
    open.queue.addBulk(wanted.map(({ entry }) => entry)),
  ])
}

/** Returns the options of a message for BullMQ. */
export function toJobOptions(id: string, { priority, attempts }: AddOptions): JobsOptions {
  return {
    jobId: id,
    priority,
    attempts,
    backoff: { type: 'exponential', delay: FIRST_RETRY, jitter: JITTER },
    removeOnComplete: { age: KEEP_SECONDS },
    removeOnFail: { age: KEEP_SECONDS, count: KEEP_FAILURES },
    // The result says all; a stack would be that of this package.
    stackTraceLimit: 0,
  }
}

/** Returns the options of a job whose first attempt, in a parcel, has failed in a way that may pass. */
export function toRetryOptions(id: string, options: AddOptions): JobsOptions {
  return {
    ...toJobOptions(id, { ...options, attempts: Math.max(1, options.attempts - 1) }),
    delay: Math.round(FIRST_RETRY * (1 - JITTER * Math.random())),
    backoff: { type: 'exponential', delay: FIRST_RETRY * 2, jitter: JITTER },
  }
}
