import { availableParallelism } from 'node:os'
import { createConfigError } from '../config/errors.js'
import { resolvePreset, type PresetSource } from '../config/presets.js'
import { serveSchema } from '../config/serve-schema.js'
import { parseConfig } from '../config/validate-config.js'
import { withDefaults } from '../image/limits.js'
import { registerOperation } from '../operations/own/own-operations.js'
import { resolveLocation } from '../paths/location.js'
import { check } from '../utils/validate.js'
import { resolveAccess } from './access/options.js'
import type { HandlerOptions, ResolvedOptions, ServeConfig } from './types.js'
import type { UploadOptions } from './uploads/types.js'

const DEFAULT_STORE = './imgproc-data'
const DEFAULT_MAX_AGE = 86_400
const DEFAULT_CACHE_BYTES = 1024 ** 3
const DEFAULT_MEMORY_BYTES = 64 * 1024 ** 2
const DEFAULT_QUEUE = 100
const DEFAULT_UPLOAD_BYTES = 64 * 1024 ** 2
const DEFAULT_UPLOAD_QUEUE = 1000

/** Checks the options of a handler, and fills in the defaults. Throws INVALID_CONFIG with all mistakes. */
export function resolveOptions(given: HandlerOptions): ResolvedOptions {
  const { root: folder = '.', stores = {}, analyzers = {}, operations = {}, ...services } = given
  const { log, redis, executor, ...others } = services
  for (const [name, own] of Object.entries(operations)) registerOperation(name, own, 'given as an object')
  const { presets, s3, gcs, azure, limits: most, failOn, ...own } = others
  const checked = check(serveSchema(), own)
  if (checked.problems !== undefined) {
    const lines = checked.problems.map(({ path, sentence }) =>
      path === '' ? sentence : `${path}: ${sentence}`,
    )
    throw createConfigError(`serve: ${lines.join('; ')}`)
  }
  const config = parseConfig(withoutUndefined({ presets, s3, gcs, azure, limits: most, failOn }), {
    label: 'options',
  })
  const serve = checked.data
  const root = resolveLocation(folder, '.')
  const limits = withDefaults(config.limits)
  return {
    root,
    store: toFolder(serve.store ?? DEFAULT_STORE, root),
    sources: new Map(Object.entries(serve.sources ?? {}).map(([name, at]) => [name, toFolder(at, root)])),
    onlyPresets: serve.only === 'presets',
    jxl: serve.jxl ?? false,
    demo: serve.demo ?? false,
    cacheControl: serve.cacheControl ?? `public, max-age=${serve.maxAge ?? DEFAULT_MAX_AGE}`,
    immutable: serve.immutable ?? false,
    cacheBytes: serve.cacheBytes ?? DEFAULT_CACHE_BYTES,
    memoryBytes: serve.memoryBytes ?? DEFAULT_MEMORY_BYTES,
    concurrency: serve.concurrency ?? availableParallelism(),
    queue: serve.queue ?? DEFAULT_QUEUE,
    uploads: resolveUploads(serve.uploads, limits.bytes, config.presets),
    presets: config.presets as ResolvedOptions['presets'], // parseConfig has checked its operations
    s3: config.s3,
    gcs: config.gcs,
    azure: config.azure,
    limits,
    failOn: config.failOn ?? 'error',
    stores,
    analyzers,
    access: resolveAccess(serve),
    redis,
    executor,
    log,
    logLevel: serve.logLevel ?? 'info',
  }
}

/** Throws UNKNOWN_PRESET if there is no preset of a name. */
function resolveUploads(
  {
    maxBytes = DEFAULT_UPLOAD_BYTES,
    presets = [],
    analyze,
    ttl,
    ...rest
  }: NonNullable<ServeConfig['uploads']> = {},
  limit: number,
  own: PresetSource['presets'],
): UploadOptions {
  for (const name of presets) resolvePreset(name, { presets: own })
  const { deleteAfterDownload = false, queue = DEFAULT_UPLOAD_QUEUE, privateUrls = false } = rest
  return {
    maxBytes: Math.min(maxBytes, limit),
    presets,
    analyze,
    ttl,
    deleteAfterDownload,
    queue,
    privateUrls,
  }
}

/** Returns an absolute location without a slash at its end. */
function toFolder(text: string, root: string): string {
  return resolveLocation(text, root).replace(/(?<![:/])\/+$/, '')
}

function withoutUndefined(fields: object): object {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined))
}
