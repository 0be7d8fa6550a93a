import type { Logger } from 'pino'
import { toImgprocError } from '../../errors.js'
import { builtInAnalyzers, loadAnalyzers } from '../../analyzers/load-analyzers.js'
import { modelsInUse } from '../../analyzers/vision/models-in-use.js'
import { listPresets, type PresetSource } from '../../config/presets.js'
import { createBuffers } from '../../image/buffer-pool.js'
import { allOps } from '../../plan/expand-presets.js'
import { analyzersOf } from '../../plan/needed-analyzers.js'
import type { OrderedStore } from '../../stores/types.js'
import type { Machine } from '../renditions/machine.js'
import { redact } from '../observe/log.js'
import { redisPrefix } from '../records/redis-client.js'
import { createRedisRecords } from '../records/redis-records.js'
import { createStoredRecords } from '../records/stored-records.js'
import { createByteBudget } from '../request/byte-budget.js'
import { readUploadBody } from '../request/upload-body.js'
import type { ResolvedOptions } from '../types.js'
import { createImages } from './create-images.js'
import { createLocalExecutor } from './executor.js'
import { createImageFiles } from './image-files.js'
import { createUrlReader } from './read-url.js'
import type { Uploads } from './types.js'

/** Memory for bodies of uploads: that of so many of the largest files. */
const LARGEST_AT_ONCE = 4
/** Uploads that may wait for memory. */
const MAX_WAITING = 200

/** Creates uploads in the store of a server. Throws INVALID_CONFIG if an analyzer cannot be loaded. */
export async function createUploads(
  store: OrderedStore,
  options: ResolvedOptions,
  machine: Machine,
  log?: Logger,
): Promise<Uploads> {
  const { executor, redis } = options
  const { root, limits: most, failOn, concurrency, analyzers: own, uploads } = options
  const { maxBytes, analyze: named, queue } = uploads
  const analyze = named ?? [...builtInAnalyzers.map(({ name }) => name), ...Object.keys(own)]
  const config = { presets: options.presets as PresetSource['presets'] }
  // Findings that presets need are made for the uploads that they are asked for.
  const needed = listPresets(config).flatMap(({ preset }) => analyzersOf({ ...preset, ops: allOps(preset) }))
  const loaded = await loadAnalyzers([...analyze, ...needed], own, root)
  const analyzers = new Map(loaded.map((analyzer) => [analyzer.name, analyzer]))
  const limits = { ...most, bytes: maxBytes }
  const files = createImageFiles(store, options.store)
  const budget = createByteBudget(maxBytes * LARGEST_AT_ONCE, MAX_WAITING)
  const readUrl = createUrlReader({ allowPrivate: uploads.privateUrls, maxBytes })
  const shared = { ...machine, input: store, output: store, analyzers, buffers: createBuffers() }
  const images = createImages({
    records:
      redis === undefined
        ? createStoredRecords(store, options.store)
        : createRedisRecords(redis, { prefix: redisPrefix(options.store) }),
    hasOtherServers: redis !== undefined,
    files,
    config,
    analyze: [...new Set(analyze)],
    models: modelsInUse(own),
    limits,
    failOn,
    header: { limits, failOn, decoders: machine.decoders },
    executor:
      executor ??
      createLocalExecutor(concurrency, () => ({ ...shared, availableMemory: machine.availableMemory() })),
    defaults: uploads,
    queue,
    // Errors of images are in their records. This one is of the store.
    onError: (error) => {
      const { code, message } = toImgprocError(error)
      log?.error({ code, detail: redact(message) }, 'work on uploads failed, and is tried again')
    },
  })
  return {
    images,
    files,
    readBody: (request, caller) =>
      readUploadBody(request, {
        maxBytes,
        budget,
        readUrl: (url) => readUrl(url, request.signal),
        readImage: (id) => images.readOriginal(id, caller),
      }),
  }
}
