import { collisionKey } from '../paths/output-path.js'
import { createRepeatDetector, findRepeated } from '../utils/spool/repeated-texts.js'
import type { LazyManifest } from './lazy-manifest.js'
import { mergeResults, type SortedResults } from './merge-results.js'
import type { ManifestEntry } from './types.js'
import { toOutput, type Owners } from './update-entry.js'

/**
 * Returns a manifest with the results of a run. Each result replaces its source's outputs of the presets that the run
 * planned; all else is kept. A result lists all outputs of its presets, including unchanged ones. Several results of one
 * source, which may go to several folders, count as one.
 *
 * An output path belongs to the source that wrote it last: other entries no longer list it, and an entry without any
 * information left is removed.
 */
export function applyResults(old: LazyManifest, results: SortedResults): LazyManifest {
  const paths = createRepeatDetector()
  const look = (entry: ManifestEntry) => {
    for (const path of readyPaths([entry])) paths.add(path)
  }
  const { manifest, hasNewOwner, kept, moved } = mergeResults(old, results, { look })
  const list = () => readyPaths(manifest)
  // If no output path changed owner, no other entry lost one, and the others need not be parsed.
  const repeated = hasNewOwner && kept > 0 ? findRepeated(list) : paths.find(list)
  const owners = repeated.size === 0 ? new Map<string, never>() : findOwners(results, repeated)
  if (owners.size === 0 && moved.size === 0) return manifest
  return mergeResults(old, results, { owners, moved }).manifest
}

/** Yields the keys of the paths of outputs that exist. */
function* readyPaths(entries: Iterable<ManifestEntry>): Generator<string> {
  for (const { outputs } of entries)
    for (const { status, path } of outputs) if (status === 'ready') yield collisionKey(path)
}

/** Finds the sources and presets that have written these paths last. */
function findOwners(results: SortedResults, paths: ReadonlySet<string>): Owners {
  const owners = new Map<string, { readonly id: string; readonly preset: string; readonly order: number }>()
  for (const { result, order } of results) {
    const { error, job, outputs } = result
    if (error?.code === 'ABORTED' || error?.code === 'INPUT_NOT_FOUND') continue
    for (const { status, path, preset } of outputs.flatMap(toOutput)) {
      const key = collisionKey(path)
      const isLater = order >= (owners.get(key)?.order ?? -1)
      if (status === 'ready' && isLater && paths.has(key)) owners.set(key, { id: job.id, preset, order })
    }
  }
  return owners
}
