import type { OpenQueue } from '../open-queue.js'

/** Script: counts jobs, also those of this and of the last minute. Begins with what a full Redis allows. */
const COUNT = `
redis.call('PERSIST', KEYS[1])
local minute = math.floor(redis.call('TIME')[1] / 60)
local before = tonumber(redis.call('HGET', KEYS[1], 'minute') or 0)
if before ~= minute then
  local last = before == minute - 1 and redis.call('HGET', KEYS[1], 'current') or 0
  redis.call('HSET', KEYS[1], 'minute', minute, 'last', last, 'current', 0)
end
redis.call('HINCRBY', KEYS[1], 'current', ARGV[1])
redis.call('HINCRBY', KEYS[1], 'done', ARGV[1])`

const nameOf = ({ keyOf }: OpenQueue) => keyOf('counts')

/** Counts jobs that have ended well. BullMQ would count messages. */
export async function countDone(open: OpenQueue, count: number): Promise<void> {
  // Nothing but the status depends on it.
  if (count > 0) await open.client.eval(COUNT, 1, nameOf(open), count).catch(() => {})
}

/** Jobs that have ended well. */
export interface DoneCounts {
  readonly done: number
  /** Those of the last whole minute, by the clock of the server. */
  readonly lastMinute: number
}

/** Reads the counts of jobs that have ended well. */
export async function readDoneCounts(open: OpenQueue): Promise<DoneCounts> {
  const [seconds] = await open.client.time()
  const values = await open.client.hmget(nameOf(open), 'done', 'minute', 'current', 'last')
  const [done = 0, minute = 0, current = 0, last = 0] = values.map((value) => Number(value ?? 0))
  const age = Math.floor(Number(seconds) / 60) - minute
  return { done, lastMinute: age <= 0 ? last : age === 1 ? current : 0 }
}
