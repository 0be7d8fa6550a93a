import type { ManifestFile } from '../manifest/manifest-file.js'
import {
  findRemovals,
  removeOutputs,
  type Candidate,
  type PruneRequest,
  type Removal,
} from '../state/prune.js'
import { folderOf, keyOf, resolveLocation, relativeLocation } from '../paths/location.js'
import type { LazyManifest } from '../manifest/lazy-manifest.js'
import { matchesTarget } from '../paths/match-template.js'
import type { Job } from '../jobs/types.js'
import type { Store } from '../stores/types.js'
import { allJobs } from './plan-folders.js'
import type { OutputFolder, ResolvedRun } from './types.js'

/** Number of outputs that a run removed, and warnings about those that it could not. */
interface Pruned {
  count: number
  readonly warnings: string[]
}

/** Removes outputs that have no place any more, before the manifest that no longer lists them is written. */
export function createPruner(store: Store, folders: readonly OutputFolder[], run: ResolvedRun) {
  const pruned: Pruned = { count: 0, warnings: [] }
  const beforeWrite = async (file: ManifestFile, manifest: LazyManifest): Promise<LazyManifest> => {
    const removals = await findRemovals(store, toRequest(file, manifest, folders, run))
    const removed = await removeOutputs(store, manifest, removals)
    pruned.count += removed.count
    pruned.warnings.push(...removals.warnings, ...removed.warnings)
    return removed.manifest
  }
  return { pruned, beforeWrite }
}

/** Returns the outputs that a run would remove, as far as that is known before anything is made. */
export async function planRemovals(
  store: Store,
  folders: readonly OutputFolder[],
  run: ResolvedRun,
): Promise<Removal[]> {
  const files = new Map(folders.map(({ manifest }) => [manifest?.ref, manifest]))
  const all: Removal[] = []
  for (const file of files.values()) {
    if (file?.manifest === undefined) continue
    const expected: Candidate[] = []
    for (const { manifest, checked, out } of folders)
      if (manifest?.ref === file.ref)
        for (const job of checked.jobs) expected.push(...expectSuperseded(job, file, out))
    const request = { ...toRequest(file, file.manifest, folders, run), expected }
    all.push(...(await findRemovals(store, request)).removals)
  }
  return all.filter(({ output }) => output.status === 'ready')
}

function toRequest(
  file: ManifestFile,
  manifest: LazyManifest,
  folders: readonly OutputFolder[],
  { root, presetNames }: ResolvedRun,
): PruneRequest {
  const own = folders.filter((folder) => folder.manifest?.ref === file.ref)
  const others = folders.flatMap((folder) => (own.includes(folder) ? [] : (folder.manifest ?? [])))
  const found = new Map<string, string>()
  // A file that was named but does not exist has no size.
  for (const { id, source } of allJobs(folders)) if (source.size > 0) found.set(id, source.ref)
  return {
    before: file.manifest,
    stored: file.stored,
    manifest,
    folder: folderOf(file.ref),
    outs: own.map(({ out }) => out),
    root,
    found,
    isPreset: presetNames && ((name) => presetNames.has(name)),
    taken: new Set(others.flatMap((other) => listOutputs(other))),
  }
}

function listOutputs({ ref, manifest }: ManifestFile): string[] {
  const folder = folderOf(ref)
  return [...(manifest ?? [])].flatMap(({ outputs }) =>
    outputs.map(({ path }) => keyOf(resolveLocation(path, folder))),
  )
}

/** Returns the outputs of a source that are neither unchanged nor at the path of a planned rendition. */
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
    // Another content or recipe changes the hash in the path.
    const stays = renditions.some(({ target }) => !target.includes('{hash') && matchesTarget(target, path))
    return stays || unchanged.has(path) ? [] : [{ id, source, output }]
  })
}
