import { shippedNames } from '../config/presets.js'
import { defaultMemory } from '../engines/memory-budget.js'
import { ImgprocError } from '../errors.js'
import { withDefaults } from '../image/limits.js'
import { loadOperations } from '../operations/own/load-operations.js'
import { isPipe, resolveLocation } from '../paths/location.js'
import { parseShard } from '../plan/shard.js'
import { OPS_PRESET } from '../plan/ops-preset.js'
import { toBatches } from './batches.js'
import { acceptedFailures } from './failure-limit.js'
import type { RunOptions, StoreOptions } from './options.js'
import { placeOutFile } from './out-file.js'
import type { Batch, ResolvedRun, ResolvedStores } from './types.js'

/**
 * Resolves and checks the options of a run, once. Everything behind it takes the result.
 *
 * @throws ImgprocError INVALID_USAGE, INVALID_CONFIG, INVALID_OPERATION, UNKNOWN_OPERATION or UNKNOWN_PRESET for the
 * first option that is wrong.
 */
export function resolveRun(given: RunOptions): ResolvedRun {
  const stores = resolveStores(given)
  const { cwd } = stores
  const options = placeOutFile(given, cwd)
  checkPrune(options)
  acceptedFailures(options, 0)
  defaultMemory(options.memory)
  const { bail, maxFailures, baseUrl, concurrency, memory, workers, suggest, onEvent, signal } = options
  const { manifest, shard, presets, outFile, engine } = options
  return {
    ...stores,
    batches: toBatches(options).map((batch) => resolveBatch(batch, cwd)),
    analyzers: options.analyzers ?? {},
    operations: options.operations ?? {},
    limits: withDefaults(options.limits),
    failOn: options.failOn ?? 'error',
    manifest: typeof manifest === 'string' ? resolveLocation(manifest, cwd) : manifest,
    shard: shard === undefined ? undefined : parseShard(shard),
    allowEmpty: options.allowEmpty === true,
    sniff: options.sniff,
    force: options.force === true,
    refresh: options.refresh === true,
    prune: options.prune === true,
    presetNames: presets && new Set([OPS_PRESET, ...Object.keys(presets), ...shippedNames()]),
    bail,
    maxFailures,
    baseUrl,
    concurrency,
    memory,
    workers,
    outFile,
    engine,
    suggest,
    onEvent,
    signal,
  }
}

/** Makes the folders of store options absolute. */
export function resolveStores({ cwd, root, s3, gcs, azure, stores, pipe }: StoreOptions): ResolvedStores {
  const folder = resolveLocation(cwd ?? '.', '.')
  return { cwd: folder, root: resolveLocation(root ?? '.', folder), s3, gcs, azure, stores, pipe }
}

function resolveBatch({ out, base, ...batch }: Batch, cwd: string): Batch {
  return {
    ...batch,
    out: resolveLocation(out, cwd),
    ...(base !== undefined && { base: resolveLocation(base, cwd) }),
  }
}

/** Throws if outputs shall be pruned, but no manifest lists them. */
function checkPrune({ prune, manifest, out }: RunOptions): void {
  if (prune !== true || (manifest !== false && !isPipe(out ?? ''))) return
  throw new ImgprocError(
    'INVALID_USAGE',
    '--prune (prune) needs a manifest. Remove --prune or --no-manifest (manifest: false).',
    {
      stage: 'usage',
    },
  )
}

/** Loads the operations that a run brings along. They have to be known before its options are checked. */
export async function loadRunOperations({ operations = {}, ...stores }: RunOptions): Promise<void> {
  if (Object.keys(operations).length > 0) await loadOperations(operations, resolveStores(stores).root)
}
