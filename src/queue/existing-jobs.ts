import { parseJson, asRecord } from '../utils/parse-json.js'
import type { OpenQueue } from './open-queue.js'

/** State of a job in Redis. */
export type Existing =
  | { readonly kind: 'absent' | 'pending' }
  /** The result as it lies there; undefined if the job killed its workers. */
  | { readonly kind: 'done'; readonly hasFailed: boolean; readonly result: unknown }

const FIELDS = ['timestamp', 'finishedOn', 'failedReason', 'returnvalue', 'progress'] as const

/** Looks up jobs by their ids, in one round trip. Returns their states in the same order. */
export async function lookUp({ client, keyOf }: OpenQueue, ids: readonly string[]): Promise<Existing[]> {
  const pipeline = client.pipeline()
  for (const id of ids) pipeline.hmget(keyOf(id), ...FIELDS)
  const replies = (await pipeline.exec()) ?? []
  return replies.map(([error, reply]) => {
    if (error !== null) throw error
    return toExisting(reply as readonly (string | null)[]) // of HMGET
  })
}

function toExisting(values: readonly (string | null)[]): Existing {
  const [timestamp, finishedOn, failedReason, returned, progress] = values
  if (typeof timestamp !== 'string') return { kind: 'absent' }
  if (typeof finishedOn !== 'string') return { kind: 'pending' }
  const hasFailed = typeof failedReason === 'string' && typeof returned !== 'string'
  const result = hasFailed ? asRecord(parseJson(progress ?? ''))['result'] : parseJson(returned ?? '')
  return { kind: 'done', hasFailed, result }
}
