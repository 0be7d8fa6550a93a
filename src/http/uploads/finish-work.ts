import type { ImageRecord, Records } from '../records/types.js'

/** Returns true if outputs of an image are still to be made. */
export function isUnfinished(record: ImageRecord | undefined): boolean {
  return record?.status === 'queued' || record?.status === 'processing'
}

/** Removes the note of work on an image, unless more was asked for in the meantime. */
export async function finishWork(id: string, records: Records): Promise<void> {
  await records.finish(id)
  if (isUnfinished(await records.get(id))) await records.begin(id)
}
