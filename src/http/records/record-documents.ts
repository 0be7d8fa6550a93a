import { ImgprocError } from '../../errors.js'
import type { Store, WriteMeta } from '../../stores/types.js'
import type { RecordRefs } from './record-refs.js'
import type { ImageRecord } from './types.js'

const JSON_FILE: WriteMeta = { contentType: 'application/json' }
const EMPTY = new TextEncoder().encode('{}\n')

/** Documents of records in a store. */
export interface RecordDocuments {
  /** Returns undefined if there is none. Throws READ_FAILED if it is damaged. */
  readonly get: (id: string) => Promise<ImageRecord | undefined>
  /** Does the same, and returns undefined for a damaged one: the others have to be listed all the same. */
  readonly getIntact: (id: string) => Promise<ImageRecord | undefined>
  readonly write: (record: ImageRecord) => Promise<void>
  /** Writes an empty document. */
  readonly note: (ref: string) => Promise<void>
  /** Returns the refs of the notes on a record. */
  readonly notesOf: (record: ImageRecord) => readonly string[]
}

/** Creates the documents of a store. */
export function createRecordDocuments(store: Store, refs: RecordRefs): RecordDocuments {
  const get = async (id: string): Promise<ImageRecord | undefined> => {
    const ref = refs.record(id)
    const bytes = await store.read(ref).catch((error: unknown) => {
      if (error instanceof ImgprocError && error.code === 'INPUT_NOT_FOUND') return undefined
      throw error
    })
    return bytes && parseRecord(bytes, ref)
  }
  return {
    get,
    getIntact: (id) => get(id).catch(ignoreDamage),
    async write(record) {
      await store.write(refs.record(record.id), Buffer.from(JSON.stringify(record)), JSON_FILE)
    },
    async note(ref) {
      await store.write(ref, EMPTY, JSON_FILE)
    },
    notesOf: ({ id, owner, expiresAt }) => [
      ...(owner === undefined ? [] : [refs.owned(owner, id)]),
      ...(expiresAt === undefined ? [] : [refs.expiring(Date.parse(expiresAt), id)]),
    ],
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
