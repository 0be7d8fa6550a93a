import { startSweeper, type Sweeper } from '../expiry/sweeper.js'
import { sweepExpired } from '../expiry/sweep-expired.js'
import type { ImageRecord } from '../records/types.js'
import { askForOutputs } from './ask-for-outputs.js'
import { makeOutputs, type MakeOutputsOptions } from './make-outputs.js'
import { recoverUnfinished, removeAbandoned } from './recover.js'
import { removeImage } from './remove-image.js'
import { toStorageError } from './storage-error.js'
import type { Caller, Images } from './types.js'
import { checkPresets, uploadImages, type UploadImagesOptions } from './upload-images.js'
import { findVisible, hasExpired, ownerSeenBy } from './visibility.js'
import { waitAtMost } from './wait-at-most.js'
import { createWorkQueue, type WorkQueue } from './work-queue.js'

export interface ImagesOptions extends MakeOutputsOptions, UploadImagesOptions {
  /** Images that may wait for work. */
  readonly queue: number
  /** Other servers have the same records: what they leave is taken up again and again, and not only at the start. */
  readonly hasOtherServers: boolean
  /** Called for errors of work that no request waits for. */
  readonly onError: (error: unknown) => void
}

/** Seconds between two sweeps for expired images. */
const SWEEP_SECONDS = 60

/** Creates the service of uploads. */
export function createImages(options: ImagesOptions): Images {
  const { records, files, config, executor, onError } = options
  const work = (id: string) => makeOutputs(id, options)
  const queue = createWorkQueue({ concurrency: executor.concurrency, size: options.queue, work, onError })
  const sweep = createSweep(queue, options)
  let sweeper: Sweeper | undefined
  const find = (id: string, caller: Caller) => findVisible(id, caller, records)
  /** Adds images to the queue, which keeps a place for the first of them meanwhile. */
  const enqueue = async (make: () => Promise<readonly ImageRecord[]>) => {
    const leave = queue.enter()
    try {
      const made = await make()
      for (const { id, priority } of made) queue.add(id, priority)
      return made
    } finally {
      leave()
    }
  }
  return {
    find,
    upload: (parts, caller) => enqueue(() => uploadImages(parts, caller, options)),
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
      const record = await find(id, caller)
      checkPresets(presets, config)
      const [changed = record] = await enqueue(async () => [await askForOutputs(id, presets, records)])
      return changed
    },
    waiting: () => queue.waiting(),
    idle: () => queue.idle(),
    wait: (id, seconds, signal) => waitAtMost(queue.settled(id), seconds, signal),
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
      sweeper ??= startSweeper({ sweep, seconds: SWEEP_SECONDS, onError })
    },
    async stop() {
      await Promise.all([executor.stop(), queue.stop(), sweeper?.stop()])
      await records.close()
    },
  }
}

/** Creates the sweep, which takes up what killed processes have left, and removes what has expired. */
function createSweep(
  queue: WorkQueue,
  { records, files, hasOtherServers }: ImagesOptions,
): () => Promise<void> {
  let isRecovered = false
  return async () => {
    // The store may not have been there when the server started.
    if (!isRecovered || hasOtherServers) await recoverUnfinished(queue, { records, files })
    isRecovered = true
    const now = new Date()
    await sweepExpired(records, (id) => removeImage(id, { records, files, queue }), now)
    await removeAbandoned(now, { records, files })
  }
}
