import { throwIfAborted } from '../../errors.js'
import { createId } from '../records/id.js'
import type { ImageRecord, OriginalFacts, Priority, Records } from '../records/types.js'
import { cleanFilename } from './clean-filename.js'
import type { ImageFiles } from './image-files.js'
import { readOriginalFacts, type HeaderOptions } from './read-original-facts.js'

/** A file that a client sent. */
export interface UploadedFile {
  readonly bytes: Uint8Array
  /** As the client named it. */
  readonly filename?: string | undefined
}

/** Wishes of the client for all files of a request. */
export interface UploadSettings {
  readonly presets: readonly string[]
  readonly priority: Priority
  /** Seconds to keep the image. @default for ever */
  readonly ttl?: number | undefined
  readonly deleteAfterDownload: boolean
}

/** A file in the store that has no record yet. */
export interface StoredOriginal {
  readonly id: string
  readonly filename: string
  readonly facts: OriginalFacts
}

export interface AcceptUploadOptions {
  readonly records: Records
  readonly files: ImageFiles
  readonly header: HeaderOptions
}

/**
 * Checks an upload and writes its original. A note of it is written before, so that a killed process leaves nothing for
 * long. If it throws, nothing is stored.
 *
 * @throws ImgprocError UNSUPPORTED_FORMAT, CORRUPT_IMAGE, TOO_MANY_PIXELS, TIMED_OUT, WRITE_FAILED, ACCESS_DENIED, ABORTED.
 */
export async function storeOriginal(
  { bytes, filename }: UploadedFile,
  { records, files, header }: AcceptUploadOptions,
  signal?: AbortSignal,
): Promise<StoredOriginal> {
  const facts = await readOriginalFacts(bytes, header)
  throwIfAborted(signal)
  const id = createId()
  const stored = { id, filename: cleanFilename(filename, facts.format), facts }
  try {
    await records.begin(id)
    await files.writeOriginal(id, bytes, facts.mime)
    return stored
  } catch (error) {
    await discardOriginals([stored], { records, files })
    throw error
  }
}

/** Writes the record of an original, from which on the image exists. If it throws, there is neither. */
export async function createRecord(
  { id, filename, facts }: StoredOriginal,
  { presets, priority, ttl, deleteAfterDownload }: UploadSettings,
  owner: string | undefined,
  { records }: Pick<AcceptUploadOptions, 'records'>,
): Promise<ImageRecord> {
  const now = Date.now()
  const record: ImageRecord = {
    id,
    filename,
    status: 'queued',
    createdAt: new Date(now).toISOString(),
    ...(ttl !== undefined && { expiresAt: new Date(now + ttl * 1000).toISOString() }),
    ...(deleteAfterDownload && { deleteAfterDownload }),
    ...(owner !== undefined && { owner }),
    priority,
    presets,
    original: facts,
    outputs: [],
  }
  await records.create(record)
  return record
}

/** Removes originals, and the records that were written for them. Errors are ignored: the sweeper tries it again. */
export async function discardOriginals(
  originals: readonly StoredOriginal[],
  { records, files }: Pick<AcceptUploadOptions, 'records' | 'files'>,
): Promise<void> {
  for (const { id } of originals) {
    try {
      await records.remove(id)
      await files.remove(id)
      await records.finish(id)
    } catch {
      // The note of it is still there.
    }
  }
}
