import { resolvePreset } from '../../config/presets.js'
import { ImgprocError, throwIfAborted } from '../../errors.js'
import { startSweeper, type Sweeper } from '../expiry/sweeper.js'
import { sweepExpired } from '../expiry/sweep-expired.js'
import { isId } from '../records/id.js'
import type { ImageRecord, Records } from '../records/types.js'
import { parseUploadSettings, type SettingDefaults, type SettingField } from '../request/upload-settings.js'
import { createRecord, discardOriginals, storeOriginal, type StoredOriginal } from './accept-upload.js'
import { makeOutputs, type MakeOutputsOptions } from './make-outputs.js'
import type { HeaderOptions } from './read-original-facts.js'
import { recoverUnfinished, removeAbandoned } from './recover.js'
import { removeImage } from './remove-image.js'
import { toStorageError } from './storage-error.js'
import type { Caller, Images } from './types.js'
import { createWorkQueue } from './work-queue.js'

export interface ImagesOptions extends MakeOutputsOptions {
  readonly records: Records
  readonly header: HeaderOptions
  readonly defaults: SettingDefaults
  /** Images in work at once. */
  readonly concurrency: number
  /** Images that may wait for work. */
  readonly queue: number
  /** Called for errors of work that no request waits for. */
  readonly onError: (error: unknown) => void
  /** Seconds between two sweeps for expired images. @default 60 */
  readonly sweepSeconds?: number | undefined
}

/** Creates the service of uploads. */
export function createImages(options: ImagesOptions): Images {
  const { records, files, header, defaults, config, onError, sweepSeconds = 60 } = options
  const queue = createWorkQueue({
    concurrency: options.concurrency,
    size: options.queue,
    work: (id) => makeOutputs(id, options),
    onError,
  })
  let sweeper: Sweeper | undefined

  const find = async (id: string, caller: Caller): Promise<ImageRecord> => {
    const record = isId(id) ? await records.get(id) : undefined
    if (record === undefined || !isVisible(record, caller)) throw createNoImageError(id)
    if (hasExpired(record)) throw createExpiredError(id)
    return record
  }
  const checkPresets = (names: readonly string[]) => {
    for (const name of names) resolvePreset(name, config)
  }
  let isRecovered = false
  const sweep = async () => {
    // The store may not have been there when the server started.
    if (!isRecovered) await recoverUnfinished(queue, { records, files })
    isRecovered = true
    const now = new Date()
    await sweepExpired(records, (id) => removeImage(id, { records, files, queue }), now)
    await removeAbandoned(now, { records, files })
  }

  return {
    find,
    async upload(parts, { token, signal }) {
      const leave = queue.enter()
      const originals: StoredOriginal[] = []
      const fields: SettingField[] = []
      try {
        for await (const part of parts) {
          if (part.kind === 'field') fields.push(part)
          else originals.push(await storeOriginal(part.file, { records, files, header }, signal))
        }
        if (originals.length === 0) throw createNothingSentError()
        const settings = parseUploadSettings(fields, defaults)
        checkPresets(settings.presets)
        throwIfAborted(signal)
        const created: ImageRecord[] = []
        for (const original of originals)
          created.push(await createRecord(original, settings, token?.id, { records }))
        for (const { id, priority } of created) queue.add(id, priority)
        return created
      } catch (error) {
        await discardOriginals(originals, { records, files })
        throw toStorageError(error)
      } finally {
        leave()
      }
    },
    async list({ after, limit }, caller) {
      const page = await records.list({ owner: ownerSeenBy(caller), after, limit })
      return { ...page, records: page.records.filter((record) => !hasExpired(record)) }
    },
    async remove(id, caller) {
      const record = await find(id, caller)
      const removed = await removeImage(id, { records, files, queue }).catch((error: unknown) => {
        throw toStorageError(error)
      })
      return removed ?? record
    },
    async addOutputs(id, presets, caller) {
      const { priority } = await find(id, caller)
      checkPresets(presets)
      const leave = queue.enter()
      try {
        await records.begin(id)
        const record = await records.update(id, (one) => ({
          ...one,
          status: 'queued',
          presets: [...new Set([...one.presets, ...presets])],
        }))
        if (record === undefined) {
          await records.finish(id)
          throw createNoImageError(id)
        }
        queue.add(id, priority)
        return record
      } catch (error) {
        throw toStorageError(error)
      } finally {
        leave()
      }
    },
    waiting: () => queue.waiting(),
    async wait(id, seconds, signal) {
      let end = () => {}
      const ended = new Promise<void>((resolve) => (end = resolve))
      const timer = setTimeout(end, seconds * 1000)
      signal?.addEventListener('abort', end, { once: true })
      await Promise.race([queue.settled(id), ended])
      signal?.removeEventListener('abort', end)
      clearTimeout(timer)
    },
    async downloaded({ id, deleteAfterDownload }) {
      if (deleteAfterDownload !== true) return
      // Others that download it at this moment get the rest. The sweeper removes it.
      await records.update(id, (record) => ({ ...record, expiresAt: new Date().toISOString() }))
    },
    async readOriginal(id, caller) {
      const { filename } = await find(id, caller)
      return { bytes: await files.store.read(files.original(id), { signal: caller.signal }), filename }
    },
    start() {
      sweeper ??= startSweeper({ sweep, seconds: sweepSeconds, onError })
    },
    async stop() {
      await Promise.all([queue.stop(), sweeper?.stop()])
    },
  }
}

/** Returns the owner whose images a caller sees; undefined for all. */
function ownerSeenBy({ token }: Caller): string | undefined {
  return token === undefined || token.scopes.includes('admin') ? undefined : token.id
}

function isVisible({ owner }: ImageRecord, caller: Caller): boolean {
  const seen = ownerSeenBy(caller)
  return seen === undefined || seen === owner
}

function hasExpired({ expiresAt }: ImageRecord): boolean {
  return expiresAt !== undefined && Date.parse(expiresAt) <= Date.now()
}

function createNoImageError(id: string): ImgprocError {
  const message = `There is no image ${JSON.stringify(id.slice(0, 100))}. Take the id from the answer to its upload, or from GET /v1/images.`
  return new ImgprocError('INPUT_NOT_FOUND', message, { stage: 'read' })
}

function createExpiredError(id: string): ImgprocError {
  const message = `The image ${id} has expired and is removed. Upload it again.`
  return new ImgprocError('EXPIRED', message, { stage: 'read' })
}

function createNothingSentError(): ImgprocError {
  const message =
    'The request holds no image. Send a form with a file named image, JSON with type and data, or the bytes as the body.'
  return new ImgprocError('INVALID_USAGE', message, { stage: 'usage' })
}
