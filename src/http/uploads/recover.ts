import { timeOfId } from '../records/id.js'
import type { Records } from '../records/types.js'
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
    await files.sweep(id)
    const record = await records.get(id)
    if (record === undefined) continue
    if (isUnfinished(record)) queue.add(id, record.priority)
    else await finishWork(id, records)
  }
}

/** Removes the files of uploads that never got a record, and of images whose removal was cut off. */
export async function removeAbandoned(now: Date, { records, files }: RecoverOptions): Promise<void> {
  for await (const id of records.listUnfinished()) {
    // Ids sort by their time: the rest is younger.
    if (now.getTime() - timeOfId(id) < GIVEN_UP_AFTER) return
    if ((await records.get(id)) !== undefined) continue
    await files.remove(id)
    await records.finish(id)
  }
}
