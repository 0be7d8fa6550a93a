import { randomUUID } from 'node:crypto'
import { createKeyedLock } from './keyed-lock.js'
import { createSender, type RedisClient, type SendCommand } from './redis-client.js'
import { createNotes } from './redis-notes.js'
import type { ImageRecord, ListRecordsOptions, RecordPage, Records } from './types.js'

export interface RedisRecordsOptions {
  /** Begins the names of all keys. In a cluster it holds a tag in braces, so that all keys are in one slot. */
  readonly prefix: string
  /** Milliseconds after which a server without a sign of life counts as ended. @default 30000 */
  readonly lifeMs?: number | undefined
}

/**
 * Replaces a record and its places in the lists, if it is still the one that was read. KEYS: the record, those that expire,
 * and the lists that it is in. ARGV: its id, the text that was read, the new text or nothing to remove it, and the time of
 * its end or nothing.
 */
const REPLACE = `
if (redis.call('GET', KEYS[1]) or '') ~= ARGV[2] then return 0 end
redis.call('ZREM', KEYS[2], ARGV[1])
if ARGV[3] == '' then
  redis.call('DEL', KEYS[1])
  for at = 3, #KEYS do redis.call('ZREM', KEYS[at], ARGV[1]) end
else
  redis.call('SET', KEYS[1], ARGV[3])
  for at = 3, #KEYS do redis.call('ZADD', KEYS[at], 0, ARGV[1]) end
  if ARGV[4] ~= '' then redis.call('ZADD', KEYS[2], ARGV[4], ARGV[1]) end
end
return 1`

/** A record as text, and what was made of it. */
interface Found {
  readonly text: string
  readonly record: ImageRecord
}

/**
 * Creates records in Redis, for servers behind one balancer: a change of one is a change of all. Lists are sorted sets whose
 * members sort by their id, which begins with the time.
 */
export function createRedisRecords(client: RedisClient, options: RedisRecordsOptions): Records {
  const { prefix, lifeMs = 30_000 } = options
  const send = createSender(client)
  const lock = createKeyedLock()
  const notes = createNotes(send, { prefix, lifeMs, server: randomUUID() })
  const keyOf = (id: string) => `${prefix}:record:${id}`
  const listOf = (owner: string | undefined) =>
    owner === undefined ? `${prefix}:all` : `${prefix}:owner:${owner}`
  const expiring = `${prefix}:expiring`

  const find = async (id: string): Promise<Found | undefined> => {
    const text = (await send('GET', keyOf(id))) as string | null // as GET answers
    return text === null ? undefined : { text, record: parse(text) }
  }
  const replace = async (id: string, before: Found | undefined, after: ImageRecord | undefined) => {
    const { owner, expiresAt } = after ?? before?.record ?? {}
    const lists = owner === undefined ? [listOf(undefined)] : [listOf(undefined), listOf(owner)]
    const keys = [keyOf(id), expiring, ...lists]
    const time = expiresAt === undefined ? '' : Date.parse(expiresAt)
    const texts = [before?.text ?? '', after === undefined ? '' : JSON.stringify(after)]
    return (await send('EVAL', REPLACE, keys.length, ...keys, id, ...texts, time)) === 1
  }
  /** Changes a record until no other server has changed it in between. */
  const change = (id: string, make: (record: ImageRecord) => ImageRecord | undefined) =>
    // Changes of this server wait for each other here, so that they do not try in vain.
    lock(id, async () => {
      for (;;) {
        const before = await find(id)
        if (before === undefined) return undefined
        const after = make(before.record)
        if (await replace(id, before, after)) return { before: before.record, after }
      }
    })
  return {
    ...notes,
    get: async (id) => (await find(id))?.record,
    create: async (record) => void (await replace(record.id, undefined, record)),
    update: async (id, make) => (await change(id, make))?.after,
    remove: async (id) => (await change(id, () => undefined))?.before,
    list: (asked) => listPage(send, asked, { list: listOf(asked.owner), keyOf }),
    listExpired: async (now, limit) =>
      // By time, then by id, as ZRANGEBYSCORE answers.
      (await send('ZRANGEBYSCORE', expiring, '-inf', now.getTime(), 'LIMIT', 0, limit)) as string[],
  }
}

async function listPage(
  send: SendCommand,
  { after, limit }: ListRecordsOptions,
  { list, keyOf }: { readonly list: string; readonly keyOf: (id: string) => string },
): Promise<RecordPage> {
  const from = after === undefined ? '+' : `(${after}`
  // One more than the page tells whether another follows.
  const ids = (await send('ZREVRANGEBYLEX', list, from, '-', 'LIMIT', 0, limit + 1)) as string[] // as it answers
  const page = ids.slice(0, limit)
  const last = page.at(-1)
  if (last === undefined) return { records: [] }
  const texts = (await send('MGET', ...page.map(keyOf))) as (string | null)[] // as MGET answers
  // Some may have been removed since.
  const records = texts.flatMap((text) => (text === null ? [] : parse(text)))
  return { records, ...(ids.length > limit && { next: last }) }
}

function parse(text: string): ImageRecord {
  return JSON.parse(text) as ImageRecord // written by this file
}
