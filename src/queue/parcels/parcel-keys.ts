import { KEEP_SECONDS, type OpenQueue } from '../open-queue.js'
import { isParcel, sizeOf, type Shipment } from './pack-jobs.js'

/** Seconds that the key of a job in a parcel is kept: longer than the parcel's results. */
const KEEP_KEYS = KEEP_SECONDS + 86_400

/** Field of a parcel in Redis: its jobs that are gathered, or that have become messages of their own. */
const RELEASED = 'released'

/** Script: names the parcels of jobs. Arguments are seconds, and then a job and its parcel in turn. */
const HOLD = `
for at = 2, #ARGV, 2 do redis.call('SET', KEYS[1] .. ARGV[at], ARGV[at + 1], 'EX', ARGV[1]) end`

/** Script: returns the message of each job. A key whose message is gone counts as none. */
const FIND = `
local found = {}
for at, id in ipairs(ARGV) do
  local message = id
  if redis.call('EXISTS', KEYS[1] .. id) == 0 then
    message = redis.call('GET', KEYS[2] .. id)
    if message and redis.call('EXISTS', KEYS[1] .. message) == 0 then message = false end
  end
  found[at] = message or ''
end
return found`

/** Script: lets a parcel go of jobs. Returns those that are left in it. Begins with what a full Redis allows. */
const RELEASE = `
local released = 0
for at = 3, #ARGV do
  local key = KEYS[2] .. ARGV[at]
  if redis.call('GET', key) == ARGV[1] then released = released + redis.call('DEL', key) end
end
if redis.call('EXISTS', KEYS[1]) == 0 then return 0 end
if released == 0 then return tonumber(ARGV[2]) - tonumber(redis.call('HGET', KEYS[1], '${RELEASED}') or 0) end
return tonumber(ARGV[2]) - redis.call('HINCRBY', KEYS[1], '${RELEASED}', released)`

const inKey = ({ keyOf }: OpenQueue) => keyOf('in:')

/** Writes down which jobs are in which parcels. Has to be sent before the parcels. */
export async function holdInParcels(open: OpenQueue, shipments: readonly Shipment[]): Promise<void> {
  const pairs = shipments.flatMap(({ id, tickets }) =>
    isParcel(id) ? tickets.flatMap((ticket) => [ticket.id, id]) : [],
  )
  if (pairs.length > 0) await open.client.eval(HOLD, 1, inKey(open), KEEP_KEYS, ...pairs)
}

/** Returns the ids of the messages that jobs are in, in their order; undefined for a job that is in none. */
export async function findMessages(open: OpenQueue, ids: readonly string[]): Promise<(string | undefined)[]> {
  if (ids.length === 0) return []
  const found = await open.client.eval(FIND, 2, open.keyOf(''), inKey(open), ...ids)
  return (found as string[]).map((message) => (message === '' ? undefined : message)) // of the script
}

/** Lets parcels go of jobs that were gathered. Returns those that are empty now. */
export async function releaseFromParcels(
  open: OpenQueue,
  parcels: ReadonlyMap<string, readonly string[]>,
): Promise<string[]> {
  const empty: string[] = []
  const release = async (parcel: string, ids: readonly string[]) => {
    const left = await open.client.eval(
      RELEASE,
      2,
      open.keyOf(parcel),
      inKey(open),
      parcel,
      sizeOf(parcel),
      ...ids,
    )
    if (Number(left) <= 0) empty.push(parcel)
  }
  await Promise.all([...parcels].map(async ([parcel, ids]) => release(parcel, ids)))
  return empty
}

/** Returns the jobs of parcels that are gathered, or that have become messages of their own. */
export async function countReleased(
  { client, keyOf }: OpenQueue,
  parcels: readonly string[],
): Promise<number> {
  if (parcels.length === 0) return 0
  const pipeline = client.pipeline()
  for (const parcel of parcels) pipeline.hget(keyOf(parcel), RELEASED)
  const replies = (await pipeline.exec()) ?? []
  return replies.reduce((sum, [, reply]) => sum + Number(reply ?? 0), 0)
}

/** Script: keeps the keys of jobs as long as their results, and releases jobs that are made elsewhere. */
const CLOSE = `
local left = tonumber(ARGV[2])
for at = 4, 3 + left do
  local key = KEYS[2] .. ARGV[at]
  if redis.call('GET', key) == ARGV[1] then redis.call('DEL', key) end
end
for at = 4 + left, #ARGV do redis.call('EXPIRE', KEYS[2] .. ARGV[at], ARGV[3]) end
if left > 0 and redis.call('EXISTS', KEYS[1]) == 1 then redis.call('HINCRBY', KEYS[1], '${RELEASED}', left) end`

interface ClosedParcel {
  readonly id: string
  /** Jobs whose results are in the parcel. */
  readonly done: readonly string[]
  /** Jobs that are made elsewhere. */
  readonly moved: readonly string[]
}

/** Writes down what has become of the jobs of a parcel, before it ends. */
export async function closeParcel(open: OpenQueue, { id, done, moved }: ClosedParcel): Promise<void> {
  const args = [id, moved.length, KEEP_KEYS, ...moved, ...done]
  // The results say the same. Without it, the count of results to gather is too high, or a job is made twice.
  await open.client.eval(CLOSE, 2, open.keyOf(id), inKey(open), ...args).catch(() => {})
}
