import { isDeepStrictEqual } from 'node:util'
import { readJournal } from '../state/journal.js'
import { lock, type ReleaseLock } from '../state/lock.js'
import { folderOf, isPipe, relativeLocation } from '../paths/location.js'
import type { Store } from '../stores/types.js'
import type { OutputFolder, ResolvedRun } from './types.js'

/** True if the run will write anything. A run with no changes takes no lock. */
export function needsLock(folders: readonly OutputFolder[], { prune }: ResolvedRun): boolean {
  return prune || folders.some(hasChanges)
}

function hasChanges({ checked, journal = [], manifest, history, sourceIndex }: OutputFolder): boolean {
  if (journal.length > 0 || checked.hasChanges) return true
  if (manifest === undefined) return false
  return manifest.hash === undefined || (history !== undefined && manifest.hash !== sourceIndex.manifest)
}

/** The locks of a run. */
export interface HeldLocks {
  /** Releases all locks. Never rejects. */
  readonly release: () => Promise<void>
  /** True if one of them replaced a stale lock: the last run was killed. */
  readonly replacedStale: boolean
}

/**
 * Locks the output folders and manifests of a run.
 *
 * @throws ImgprocError OUTPUT_LOCKED if another run holds one of them; then none is taken.
 */
export async function lockFolders(
  store: Store,
  folders: readonly OutputFolder[],
  cwd: string,
): Promise<HeldLocks> {
  const held: ReleaseLock[] = []
  const release = async () => {
    for (const one of held.toReversed()) await one()
  }
  try {
    for (const [ref, where] of findLocks(folders, cwd)) {
      const one = await lock(store, ref, where)
      if (one !== undefined) held.push(one)
    }
  } catch (error) {
    await release()
    throw error
  }
  return { release, replacedStale: held.some((one) => one.replacedStale) }
}

/** Returns the lock files and the names of what they lock, in the same order for every run, so that no two wait for each other. */
function findLocks(folders: readonly OutputFolder[], cwd: string): [ref: string, where: string][] {
  const locks = new Map<string, string>()
  for (const { out, state, manifest } of folders) {
    // Without a manifest, a run leaves nothing but images, which are written atomically.
    if (manifest === undefined) continue
    if (!isPipe(out)) locks.set(`${state}/lock`, relativeLocation(out, cwd) || 'this folder')
    // Several output folders may share one manifest.
    const { ref } = manifest
    if (folderOf(ref) !== out && !isPipe(ref)) locks.set(`${ref}.lock`, relativeLocation(ref, cwd))
  }
  return [...locks].toSorted(([a], [b]) => (a < b ? -1 : 1))
}

/** True if another run wrote between the plan and the lock. */
export async function hasOutdatedPlan(store: Store, folders: readonly OutputFolder[]): Promise<boolean> {
  const checks = folders.map(async (folder) => {
    const { out, state, manifest, recovered, journal } = folder
    if (manifest === undefined) return false
    const reading = journal === undefined ? undefined : readJournal(store, state, out)
    const [file, now] = await Promise.all([store.stat(manifest.ref), reading])
    return !isDeepStrictEqual(file, manifest.found) || (now?.results.length ?? 0) !== recovered.length
  })
  return (await Promise.all(checks)).includes(true)
}
