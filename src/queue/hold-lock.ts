import type { OpenQueue } from './open-queue.js'

/** Extends a lock that is still this worker's. No command of it needs memory. */
const EXTEND =
  "if redis.call('GET', KEYS[1]) == ARGV[1] then return redis.call('PEXPIRE', KEYS[1], ARGV[2]) end return 0"

/** Locks are extended so many times while they last: a command may be late. */
const TIMES = 4

/**
 * Holds the lock of a job in work, until the returned function is called. BullMQ sets it anew, which a full Redis refuses: the job
 * would be given to another worker, and count as one that has killed its worker.
 */
export function holdLock(
  { client, keyOf }: OpenQueue,
  id: string,
  token: string,
  lockMs: number,
): () => void {
  const extend = async () => client.eval(EXTEND, 1, keyOf(`${id}:lock`), token, lockMs)
  // Redis may be away: the next call tries again.
  const timer = setInterval(() => void extend().catch(() => {}), lockMs / TIMES)
  return () => clearInterval(timer)
}
