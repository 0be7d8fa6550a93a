import type { OpenQueue } from './open-queue.js'

/**
 * Milliseconds that a job may wait for its next attempt: far more than the last of ten attempts does. One that is to wait longer
 * got its time from a clock that was wrong.
 */
const LONGEST_WAIT = 15 * 60_000
/** Delayed jobs that are looked at, those that wait longest. */
const CHUNK = 1000
/** BullMQ keeps the due time in the upper bits of a score, so that jobs of the same millisecond stay in their order. */
const SCORES_PER_MILLISECOND = 0x1000

/**
 * Takes up jobs that are to be tried again much too late. The due time of such a job comes from the clock of the worker that
 * failed: if that clock was ahead, or that of all others is set back, hours may pass, though nothing else of the queue depends on
 * clocks. Locks and rates are counted by the server.
 *
 * @returns the jobs that were taken up.
 */
export async function promoteMisdated({ client, queue, keyOf }: OpenQueue): Promise<number> {
  const latest = (Date.now() + LONGEST_WAIT) * SCORES_PER_MILLISECOND
  const ids = await client.zrevrangebyscore(keyOf('delayed'), '+inf', latest, 'LIMIT', 0, CHUNK)
  for (const id of ids) {
    const job = await queue.getJob(id)
    // It may have been taken up in the meantime.
    await job?.promote().catch(() => {})
  }
  return ids.length
}
