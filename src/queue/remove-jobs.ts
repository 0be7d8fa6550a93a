import type { OpenQueue } from './open-queue.js'
import { releaseFromParcels } from './parcel-keys.js'
import { isParcel } from './parcels.js'

/** Messages that are removed in one round trip. */
const CHUNK = 500
/** Milliseconds that a message waits for others to be removed with. */
const PATIENCE = 200

/** Removes messages from the queue. One in work stays. */
export async function removeMessages({ queue }: OpenQueue, ids: readonly string[]): Promise<void> {
  for (let from = 0; from < ids.length; from += CHUNK)
    await Promise.all(ids.slice(from, from + CHUNK).map((id) => queue.remove(id)))
}

/** Removes jobs from messages that have ended, and the messages in which none is left. */
export async function removeJobs(
  open: OpenQueue,
  jobsOf: ReadonlyMap<string, readonly string[]>,
): Promise<void> {
  const parcels = new Map([...jobsOf].filter(([message]) => isParcel(message)))
  const alone = [...jobsOf.keys()].filter((message) => !isParcel(message))
  await removeMessages(open, [...alone, ...(await releaseFromParcels(open, parcels))])
}

/** Removes jobs whose results were read, some at a time. */
export interface Remover {
  readonly add: (message: string, jobs: readonly string[]) => void
  /** Removes those that are left. */
  readonly flush: () => Promise<void>
}

export function createRemover(open: OpenQueue): Remover {
  let jobsOf = new Map<string, string[]>()
  let timer: NodeJS.Timeout | undefined
  const flush = async () => {
    clearTimeout(timer)
    timer = undefined
    const chunk = jobsOf
    jobsOf = new Map()
    // The rest is removed by its age.
    await removeJobs(open, chunk).catch(() => {})
  }
  return {
    add(message, jobs) {
      jobsOf.set(message, [...(jobsOf.get(message) ?? []), ...jobs])
      if (jobsOf.size >= CHUNK) void flush()
      else timer ??= setTimeout(() => void flush(), PATIENCE)
    },
    flush,
  }
}
