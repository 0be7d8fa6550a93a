import pLimit from 'p-limit'
import type { OrderedStore } from '../../stores/types.js'
import { createKeyedLock } from './keyed-lock.js'
import { createRecordDocuments, type RecordDocuments } from './record-documents.js'
import {
  createRecordRefs,
  idOfRecordRef,
  idOfUnfinishedRef,
  parseExpiringRef,
  type RecordRefs,
} from './record-refs.js'
import type { ListRecordsOptions, RecordPage, Records } from './types.js'

/** Records of a page that are read at once. */
const READS = 16

/** The parts of stored records. */
interface Place {
  readonly store: OrderedStore
  readonly refs: RecordRefs
  readonly documents: RecordDocuments
}

/**
 * Creates records in a store: each is a small JSON document. Empty documents beside them list the records of an owner, those
 * that expire, and those in work, so that no question needs to read all. They are written before the record and removed
 * after it: one without a record says nothing.
 *
 * @param root folder or URL below which all documents are.
 */
export function createStoredRecords(store: OrderedStore, root: string): Records {
  const refs = createRecordRefs(root)
  const documents = createRecordDocuments(store, refs)
  const { get, write, note, notesOf } = documents
  const lock = createKeyedLock()
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
        const [old, current] = [notesOf(before), notesOf(after)]
        await Promise.all(current.filter((ref) => !old.includes(ref)).map(note))
        await write(after)
        await Promise.all(old.filter((ref) => !current.includes(ref)).map((ref) => store.remove(ref)))
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
    list: (options) => listPage({ store, refs, documents }, options),
    listExpired: (now, limit) => listExpired({ store, refs, documents }, now.getTime(), limit),
    begin: (id) => note(refs.unfinished(id)),
    finish: (id) => store.remove(refs.unfinished(id)),
    async *listUnfinished() {
      for await (const { ref } of store.listInOrder(refs.unfinishedFolder)) yield idOfUnfinishedRef(ref)
    },
    close: async () => {},
  }
}

async function listPage(
  { store, refs, documents }: Place,
  { owner, after, limit }: ListRecordsOptions,
): Promise<RecordPage> {
  const refOf = (id: string) => (owner === undefined ? refs.record(id) : refs.owned(owner, id))
  const ids: string[] = []
  // One more than the page tells whether another follows.
  const part = { after: after && refOf(after), limit: limit + 1 }
  for await (const { ref } of store.listInOrder(refs.list(owner), part)) ids.push(idOfRecordRef(ref))
  const page = ids.slice(0, limit)
  const found = await pLimit(READS).map(page, (id) => documents.getIntact(id))
  const records = found.filter((record) => record !== undefined)
  const last = page.at(-1)
  return { records, ...(ids.length > limit && last !== undefined && { next: last }) }
}

async function listExpired({ store, refs, documents }: Place, now: number, limit: number): Promise<string[]> {
  const expired: string[] = []
  for await (const { ref } of store.listInOrder(refs.expiringFolder)) {
    const { time, id } = parseExpiringRef(ref)
    if (time > now || expired.length >= limit) break
    const record = await documents.getIntact(id)
    if (record?.expiresAt !== undefined && Date.parse(record.expiresAt) <= now) expired.push(id)
    // The record is gone, or expires at another time.
    else await store.remove(ref)
  }
  return expired
}
