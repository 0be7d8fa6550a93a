import { ImgprocError } from '../../errors.js'
import { timeOfId } from '../records/id.js'
import type { ImageRecord, Records } from '../records/types.js'
import { finishWork, isUnfinished } from './finish-work.js'
import type { ImageFiles } from './image-files.js'
import type { WorkQueue } from './work-queue.js'

/** Milliseconds after which an upload without a record was given up: another server may still receive younger ones. */
const GIVEN_UP_AFTER = 60 * 60 * 1000

export interface RecoverOptions {
  readonly records: Records
  readonly files: ImageFiles
}

/**
 * Takes up what a killed process has left: images that waited or were in work are worked on again, and temp files beside
 * them are removed.
 */
export async function recoverUnfinished(queue: WorkQueue, { records, files }: RecoverOptions): Promise<void> {
  for await (const id of records.listUnfinished()) {
    // It is in work here.
    if (queue.has(id)) continue
    await files.sweep(id)
    const record = await findRecord(id, records)
    if (record === undefined || record === 'damaged') continue
    if (isUnfinished(record)) queue.add(id, record.priority)
    else await finishWork(id, records)
  }
}

/** Removes the files of uploads that never got a record, and of images whose removal was cut off. */
export async function removeAbandoned(now: Date, { records, files }: RecoverOptions): Promise<void> {
  for await (const id of records.listUnfinished()) {
    // Ids sort by their time: the rest is younger.
    if (now.getTime() - timeOfId(id) < GIVEN_UP_AFTER) return
    if ((await findRecord(id, records)) !== undefined) continue
    await files.remove(id)
    await records.finish(id)
  }
}

/** Finds a record. One that is damaged keeps its files, since it may be restored, and must not stop work on the others. */
async function findRecord(id: string, records: Records): Promise<ImageRecord | 'damaged' | undefined> {
  try {
    return await records.get(id)
  } catch (error) {
    if (error instanceof ImgprocError && error.code === 'READ_FAILED' && !error.retryable) return 'damaged'
    throw error
  }
}
