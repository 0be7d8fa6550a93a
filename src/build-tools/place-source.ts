import { hasImageName } from '../image/file-kinds.js'
import { findSources } from '../plan/find-sources.js'
import { toList } from '../utils/to-list.js'
import { resolveLocation } from '../paths/location.js'
import type { ConfigRunOptions } from '../run/config-options.js'
import type { RunOptions } from '../run/options.js'
import type { Store } from '../stores/types.js'
import type { Request } from './types.js'

/** A batch of a config, as the user writes it. */
export type UserBatch = NonNullable<RunOptions['batches']>[number]

/** The sources of a batch of the config. */
interface FoundBatch {
  readonly batch: UserBatch
  /** The folder that `{dir}` is relative to, by the source's ref. */
  readonly bases: ReadonlyMap<string, string>
}

/**
 * Returns a function that gives the batch with a single source. Its outputs are placed as `imgproc run` places those of the
 * config's batches. For a source that is in none of them, `{dir}` begins in the config's `base` or folder.
 */
export function createPlacement(
  store: Store,
  options: ConfigRunOptions,
): (request: Request) => Promise<UserBatch> {
  let found: Promise<readonly FoundBatch[]> | undefined
  return async ({ file, preset }) => {
    found ??= findBatches(store, options)
    const own = (await found).find(
      ({ batch, bases }) => toList(batch.presets).includes(preset) && bases.has(file),
    )
    const { out, path } = own?.batch ?? {}
    return {
      inputs: [file],
      presets: [preset],
      base: own?.bases.get(file) ?? options.base ?? options.root,
      ...(out !== undefined && { out }),
      ...(path !== undefined && { path }),
    }
  }
}

async function findBatches(
  store: Store,
  { batches = [], root, base, out = '.' }: ConfigRunOptions,
): Promise<readonly FoundBatch[]> {
  const outputs = [out, ...batches.flatMap((batch) => batch.out ?? [])].map((one) =>
    resolveLocation(one, root),
  )
  const found: FoundBatch[] = []
  for (const batch of batches) {
    // A glob that matches nothing yet is no mistake of this source.
    const inputs = toList(batch.inputs)
    const { sources } = await findSources(store, { inputs, outputs, allowEmpty: true })
    const own = batch.base === undefined ? base : resolveLocation(batch.base, root)
    const bases = new Map<string, string>()
    for (const { source, base: inputBase } of sources) bases.set(source.ref, own ?? inputBase)
    found.push({ batch, bases })
  }
  return found
}

/** Joins batches that differ in their inputs only: each batch of a run takes time. */
export function joinBatches(batches: readonly UserBatch[]): UserBatch[] {
  const joined = new Map<string, UserBatch>()
  for (const batch of batches) {
    const { inputs, ...rest } = batch
    const files = toList(inputs)
    // Beside others, a file of another name is ignored unless it is a picture. Alone, it fails with the reason.
    const key = JSON.stringify(files.every(hasImageName) ? rest : batch)
    joined.set(key, { ...rest, inputs: [...toList(joined.get(key)?.inputs), ...files] })
  }
  return [...joined.values()]
}
