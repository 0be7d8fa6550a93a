import type { ImageRecord, Records } from '../records/types.js'
import type { ImageFiles } from './image-files.js'
import type { WorkQueue } from './work-queue.js'

export interface RemoveImageOptions {
  readonly records: Records
  readonly files: ImageFiles
  readonly queue: WorkQueue
}

/**
 * Removes an image: first its record, so that nothing names files that are gone. Returns the record, or undefined if there
 * was none. If the process is killed, a later sweep removes the rest.
 */
export async function removeImage(
  id: string,
  { records, files, queue }: RemoveImageOptions,
): Promise<ImageRecord | undefined> {
  await records.begin(id)
  const record = await records.remove(id)
  const isInWork = queue.drop(id)
  await files.remove(id)
  // Work in progress may write outputs yet. It removes them when it finds no record.
  if (!isInWork) await records.finish(id)
  return record
}
