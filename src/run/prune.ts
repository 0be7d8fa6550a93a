import { shippedPresets } from '../config/presets.js'
import type { ManifestFile } from '../manifest/manifest-file.js'
import {
  findRemovals,
  removeOutputs,
  type Candidate,
  type PruneRequest,
  type Removal,
} from '../state/prune.js'
import { folderOf, isPipe, keyOf, resolveLocation, relativeLocation } from '../paths/location.js'
import type { LazyManifest } from '../manifest/lazy-manifest.js'
import { matchesTarget } from '../paths/match-template.js'
import type { Job } from '../jobs/types.js'
import type { Store } from '../stores/types.js'
import { ImgprocError } from '../errors.js'
import { OPS_PRESET } from './batches.js'
import type { OutputFolder } from './types.js'
import type { RunOptions } from './options.js'

/** What was removed in a run. */
interface Pruned {
  count: number
  readonly warnings: string[]
}

/** Throws where outputs are to be removed, and nobody knows which there are. */
export function checkPrune({ prune, manifest, out }: RunOptions): void {
  if (prune !== true || (manifest !== false && !isPipe(out ?? ''))) return
  const message = 'What there is to prune, the manifest tells: leave --prune out, or have one kept.'
  throw new ImgprocError('INVALID_USAGE', message, { stage: 'usage' })
}

/** Removes what has no place any more, before the manifest that doesn't list it is written. */
export function createPruner(
  store: Store,
  folders: readonly OutputFolder[],
  cwd: string,
  options: RunOptions,
) {
  const pruned: Pruned = { count: 0, warnings: [] }
  const tidy = async (file: ManifestFile, manifest: LazyManifest): Promise<LazyManifest> => {
    const removals = await findRemovals(store, toRequest(file, manifest, folders, cwd, options))
    const removed = await removeOutputs(store, manifest, removals)
    pruned.count += removed.count
    pruned.warnings.push(...removals.warnings, ...removed.warnings)
    return removed.manifest
  }
  return { pruned, tidy }
}

/** What a run would remove, as far as that is known before anything is made. */
export async function planRemovals(
  store: Store,
  folders: readonly OutputFolder[],
  cwd: string,
  options: RunOptions,
): Promise<Removal[]> {
  const files = new Map(folders.map(({ manifest }) => [manifest?.ref, manifest]))
  const all: Removal[] = []
  for (const file of files.values()) {
    if (file?.manifest === undefined) continue
    const expected = folders
      .filter(({ manifest }) => manifest?.ref === file.ref)
      .flatMap((folder) => folder.plan.jobs.flatMap((job) => expectSuperseded(job, file, folder.out)))
    const request = { ...toRequest(file, file.manifest, folders, cwd, options), expected }
    all.push(...(await findRemovals(store, request)).removals)
  }
  return all.filter(({ output }) => output.status === 'ready')
}

function toRequest(
  file: ManifestFile,
  manifest: LazyManifest,
  folders: readonly OutputFolder[],
  cwd: string,
  { root, presets }: RunOptions,
): PruneRequest {
  const own = folders.filter((folder) => folder.manifest?.ref === file.ref)
  const others = folders.flatMap((folder) => (own.includes(folder) ? [] : (folder.manifest ?? [])))
  const known = presets && new Set([OPS_PRESET, ...Object.keys(presets), ...shippedPresets().keys()])
  const jobs = folders.flatMap((folder) => folder.plan.jobs)
  return {
    before: file.manifest,
    manifest,
    folder: folderOf(file.ref),
    outs: own.map(({ out }) => out),
    root: resolveLocation(root ?? '.', cwd),
    // A file that was named and isn't there has no size.
    found: new Map(jobs.flatMap(({ id, source }) => (source.size > 0 ? [[id, source.ref]] : []))),
    isPreset: known && ((name) => known.has(name)),
    taken: new Set(others.flatMap((other) => listOutputs(other))),
  }
}

function listOutputs({ ref, manifest }: ManifestFile): string[] {
  const folder = folderOf(ref)
  return [...(manifest ?? [])].flatMap(({ outputs }) =>
    outputs.map(({ path }) => keyOf(resolveLocation(path, folder))),
  )
}

/** Outputs of a source that are neither unchanged nor in the place of what is to be made. */
function expectSuperseded(job: Job, { ref, manifest }: ManifestFile, out: string): Candidate[] {
  const { id, path: source, renditions, settled = [] } = job
  if (settled.some(({ action }) => action === 'failed')) return []
  const planned = new Set([...renditions, ...settled].map(({ preset }) => preset))
  const unchanged = new Set(settled.flatMap(({ action, path }) => (action === 'unchanged' ? [path] : [])))
  const outputs = manifest?.get(id)?.outputs ?? []
  return outputs.flatMap((output): Candidate[] => {
    const place = resolveLocation(output.path, folderOf(ref))
    if (output.status !== 'ready' || !planned.has(output.preset) || !place.startsWith(`${out}/`)) return []
    const path = relativeLocation(place, out)
    // Another content or recipe has another hash.
    const stays = renditions.some(({ target }) => !target.includes('{hash') && matchesTarget(target, path))
    return stays || unchanged.has(path) ? [] : [{ id, source, output }]
  })
}
