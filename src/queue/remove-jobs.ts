import { chunksOf } from '../utils/chunks-of.js'
import type { OpenQueue } from './open-queue.js'
import { releaseFromParcels } from './parcels/parcel-keys.js'
import { isParcel } from './parcels/pack-jobs.js'

/** Messages that are removed in one round trip. */
const CHUNK = 500
/** Milliseconds that a message waits for others to be removed with. */
const PATIENCE = 200

/** Removes messages from the queue. One in work stays. Returns those that are gone. */
async function removeMessages({ queue }: OpenQueue, ids: readonly string[]): Promise<string[]> {
  const gone: string[] = []
  const remove = async (id: string) => {
    if ((await queue.remove(id)) === 1) gone.push(id)
  }
  for (const chunk of chunksOf(ids, CHUNK)) await Promise.all(chunk.map(remove))
  return gone
}

/** Takes messages that wait out of the queue, with the keys of their jobs. */
export async function withdrawMessages(
  open: OpenQueue,
  jobsOf: ReadonlyMap<string, readonly string[]>,
): Promise<void> {
  const gone = await removeMessages(open, [...jobsOf.keys()])
  const parcels = gone.filter(isParcel).map((message) => [message, jobsOf.get(message) ?? []] as const)
  await releaseFromParcels(open, new Map(parcels))
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
