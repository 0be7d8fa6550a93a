import pLimit from 'p-limit'
import { ImgprocError } from '../../errors.js'
import type { OrderedStore, WriteMeta } from '../../stores/types.js'
import { createKeyedLock } from './keyed-lock.js'
import { createRecordRefs, idOfRecordRef, idOfUnfinishedRef, parseExpiringRef } from './record-refs.js'
import type { ImageRecord, Records } from './types.js'

const JSON_FILE: WriteMeta = { contentType: 'application/json' }
const EMPTY = new TextEncoder().encode('{}\n')

/** Records of a page that are read at once. */
const READS = 16

/**
 * Creates records in a store: each is a small JSON document. Empty documents beside them list the records of an owner, those
 * that expire, and those in work, so that no question needs to read all. They are written before the record and removed
 * after it: one without a record says nothing.
 *
 * @param root folder or URL below which all documents are.
 */
export function createStoredRecords(store: OrderedStore, root: string): Records {
  const refs = createRecordRefs(root)
  const lock = createKeyedLock()

  const get = async (id: string): Promise<ImageRecord | undefined> => {
    const ref = refs.record(id)
    const bytes = await store.read(ref).catch((error: unknown) => {
      if (error instanceof ImgprocError && error.code === 'INPUT_NOT_FOUND') return undefined
      throw error
    })
    return bytes && parseRecord(bytes, ref)
  }
  const write = async (record: ImageRecord) => {
    await store.write(refs.record(record.id), Buffer.from(JSON.stringify(record)), JSON_FILE)
  }
  const note = async (ref: string) => {
    await store.write(ref, EMPTY, JSON_FILE)
  }
  const expiringRefs = ({ id, expiresAt }: ImageRecord) =>
    expiresAt === undefined ? [] : [refs.expiring(Date.parse(expiresAt), id)]
  const notesOf = (record: ImageRecord) => [
    ...(record.owner === undefined ? [] : [refs.owned(record.owner, record.id)]),
    ...expiringRefs(record),
  ]

  return {
    get,
    create: (record) =>
      lock(record.id, async () => {
        await Promise.all(notesOf(record).map(note))
        await write(record)
      }),
    update: (id, change) =>
      lock(id, async () => {
        const before = await get(id)
        if (before === undefined) return undefined
        const after = change(before)
        if (after.expiresAt !== before.expiresAt) await Promise.all(expiringRefs(after).map(note))
        await write(after)
        return after
      }),
    remove: (id) =>
      lock(id, async () => {
        const record = await get(id)
        if (record === undefined) return undefined
        await store.remove(refs.record(id))
        await Promise.all(notesOf(record).map((ref) => store.remove(ref)))
        return record
      }),
    async list({ owner, after, limit }) {
      const start =
        after === undefined ? undefined : owner === undefined ? refs.record(after) : refs.owned(owner, after)
      const ids: string[] = []
      // One more than the page tells whether another follows.
      for await (const { ref } of store.listInOrder(refs.list(owner), { after: start, limit: limit + 1 })) {
        ids.push(idOfRecordRef(ref))
      }
      const page = ids.slice(0, limit)
      const found = await pLimit(READS).map(page, (id) => get(id).catch(ignoreDamage))
      const records = found.filter((record) => record !== undefined)
      const last = page.at(-1)
      return { records, ...(ids.length > limit && last !== undefined && { next: last }) }
    },
    async listExpired(now, limit) {
      const expired: string[] = []
      for await (const { ref } of store.listInOrder(refs.expiringFolder)) {
        const { time, id } = parseExpiringRef(ref)
        if (time > now.getTime() || expired.length >= limit) break
        const record = await get(id).catch(ignoreDamage)
        if (record?.expiresAt !== undefined && Date.parse(record.expiresAt) <= now.getTime()) expired.push(id)
        // The record is gone, or expires at another time.
        else await store.remove(ref)
      }
      return expired
    },
    begin: (id) => note(refs.unfinished(id)),
    finish: (id) => store.remove(refs.unfinished(id)),
    async *listUnfinished() {
      for await (const { ref } of store.listInOrder(refs.unfinishedFolder)) yield idOfUnfinishedRef(ref)
    },
  }
}

function parseRecord(bytes: Uint8Array, ref: string): ImageRecord {
  try {
    return JSON.parse(Buffer.from(bytes).toString()) as ImageRecord // written by this file
  } catch (cause) {
    const message = `The record ${JSON.stringify(ref)} is damaged: it is no JSON. Remove it, or restore it from a backup.`
    throw new ImgprocError('READ_FAILED', message, { stage: 'read', path: ref, retryable: false, cause })
  }
}

/** A power failure may have damaged one record. The others have to be listed all the same. */
function ignoreDamage(error: unknown): undefined {
  if (error instanceof ImgprocError && error.code === 'READ_FAILED' && !error.retryable) return undefined
  throw error
}
