import type { Records } from '../records/types.js'

/** Images that are looked up at once. */
const BATCH = 100

/**
 * Removes all images that have expired. Reads no others: records are noted by the time of their end. A kill of the process
 * leaves the rest to the next sweep.
 */
export async function sweepExpired(
  records: Records,
  remove: (id: string) => Promise<unknown>,
  now: Date,
): Promise<void> {
  for (;;) {
    const expired = await records.listExpired(now, BATCH)
    for (const id of expired) await remove(id)
    if (expired.length < BATCH) return
  }
}
