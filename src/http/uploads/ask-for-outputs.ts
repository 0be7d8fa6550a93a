import type { ImageRecord, Records } from '../records/types.js'
import { toStorageError } from './storage-error.js'
import { createNoImageError } from './visibility.js'

/** Adds presets to the record of an image, which then waits for work again. Throws INPUT_NOT_FOUND, STORE_FULL, WRITE_FAILED. */
export async function askForOutputs(
  id: string,
  presets: readonly string[],
  records: Records,
): Promise<ImageRecord> {
  try {
    await records.begin(id)
    const record = await records.update(id, (one) => ({
      ...one,
      status: 'queued',
      presets: [...new Set([...one.presets, ...presets])],
    }))
    if (record !== undefined) return record
    await records.finish(id)
  } catch (error) {
    throw toStorageError(error)
  }
  throw createNoImageError(id)
}
