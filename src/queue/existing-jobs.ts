import { parseJson, asRecord } from '../utils/parse-json.js'
import { MOVED } from './job-message.js'
import type { OpenQueue } from './open-queue.js'
import { findMessages } from './parcels/parcel-keys.js'
import { isParcel } from './parcels/pack-jobs.js'

/** State of a job in Redis. */
export type Existing =
  | { readonly kind: 'absent' }
  | { readonly kind: 'pending'; readonly message: string }
  | {
      readonly kind: 'done'
      /** Id of the message that holds the result. */
      readonly message: string
      readonly hasFailed: boolean
      /** The result as it lies there; undefined if the job killed its workers. */
      readonly result: unknown
    }

const FIELDS = ['timestamp', 'finishedOn', 'failedReason', 'returnvalue', 'progress'] as const

type Values = readonly (string | null)[]

/** Looks up jobs by their ids, alone or in parcels, in two round trips. Returns their states in the same order. */
export async function lookUp(open: OpenQueue, ids: readonly string[]): Promise<Existing[]> {
  const messages = await findMessages(open, ids)
  const found = [...new Set(messages.filter((message) => message !== undefined))]
  const states = new Map((await readMessages(open, found)).map((read, at) => [found[at], read]))
  return ids.map((id, at): Existing => {
    const message = messages[at]
    return message === undefined ? { kind: 'absent' } : stateOf(id, message, states.get(message))
  })
}

/** A message in Redis: its results, if it has ended, by the ids of jobs. */
type Read = 'absent' | 'pending' | { readonly hasFailed: boolean; readonly results: unknown }

async function readMessages({ client, keyOf }: OpenQueue, messages: readonly string[]): Promise<Read[]> {
  if (messages.length === 0) return []
  const pipeline = client.pipeline()
  for (const message of messages) pipeline.hmget(keyOf(message), ...FIELDS)
  const replies = (await pipeline.exec()) ?? []
  return replies.map(([error, reply]) => {
    if (error !== null) throw error
    return toRead(reply as Values) // of HMGET
  })
}

function toRead([timestamp, finishedOn, failedReason, returned, progress]: Values): Read {
  if (typeof timestamp !== 'string') return 'absent'
  if (typeof finishedOn !== 'string') return 'pending'
  const hasFailed = typeof failedReason === 'string' && typeof returned !== 'string'
  return { hasFailed, results: parseJson((hasFailed ? progress : returned) ?? '') }
}

function stateOf(id: string, message: string, read: Read | undefined): Existing {
  if (read === undefined || read === 'absent') return { kind: 'absent' }
  if (read === 'pending') return { kind: 'pending', message }
  const result = asRecord(read.results)[id]
  // A parcel that has failed as a whole says nothing about its jobs.
  if (isParcel(message) && (read.hasFailed || result === undefined || result === MOVED))
    return { kind: 'absent' }
  return { kind: 'done', message, hasFailed: read.hasFailed, result }
}
