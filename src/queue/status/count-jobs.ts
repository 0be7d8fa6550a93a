import type { OpenQueue } from '../open-queue.js'
import { countReleased } from '../parcels/parcel-keys.js'
import { isParcel, sizeOf } from '../parcels/pack-jobs.js'

/** Ids that are read in one round trip. */
const CHUNK = 1000

/** Jobs of a queue by their states, also those in parcels. */
export interface JobCounts {
  readonly waiting: number
  readonly active: number
  readonly delayed: number
  /** Jobs that have ended well, and whose results nobody has gathered. */
  readonly ungathered: number
}

/** Counts the jobs of a queue, by the ids of its messages. A queue in work changes meanwhile. */
export async function countJobs(open: OpenQueue): Promise<JobCounts> {
  const { client, keyOf } = open
  const list = (name: string) => (from: number, to: number) => client.lrange(keyOf(name), from, to)
  const set = (name: string) => (from: number, to: number) =>
    client.zrange(keyOf(name), String(from), String(to))
  const sum = async (read: Read) => countIn(read, (ids) => ids.reduce((count, id) => count + sizeOf(id), 0))
  return {
    waiting: (await sum(list('wait'))) + (await sum(set('prioritized'))),
    active: await sum(list('active')),
    delayed: await sum(set('delayed')),
    ungathered:
      (await sum(set('completed'))) -
      (await countIn(set('completed'), async (ids) => countReleased(open, ids.filter(isParcel)))),
  }
}

type Read = (from: number, to: number) => Promise<string[]>

async function countIn(
  read: Read,
  count: (ids: readonly string[]) => number | Promise<number>,
): Promise<number> {
  let total = 0
  for (let from = 0; ; from += CHUNK) {
    const ids = await read(from, from + CHUNK - 1)
    total += await count(ids)
    if (ids.length < CHUNK) return total
  }
}
