import { isDeepStrictEqual } from 'node:util'
import { readJournal } from '../state/journal.js'
import { lock, type ReleaseLock } from '../state/lock.js'
import { folderOf, isPipe, relativeLocation } from '../paths/location.js'
import type { Store } from '../stores/types.js'
import type { OutputFolder } from './types.js'
import type { RunOptions } from './options.js'

/** Whether a run has anything to write: one that finds all as it was locks nobody out. */
export function needsLock(folders: readonly OutputFolder[], { prune }: RunOptions): boolean {
  return prune === true || folders.some(isNews)
}

function isNews({ plan, known, journal = [], manifest, memory, seen }: OutputFolder): boolean {
  if (journal.length > 0 || plan.jobs.some((job) => !known.has(job))) return true
  if (manifest === undefined) return false
  return manifest.hash === undefined || (memory !== undefined && manifest.hash !== seen.manifest)
}

/**
 * Takes the output folders of a run and its manifests for it alone; the function that lets them go, whatever comes.
 *
 * @throws ImgprocError INVALID_USAGE where another run works in one of them; none is taken then.
 */
export async function lockFolders(
  store: Store,
  folders: readonly OutputFolder[],
  cwd: string,
): Promise<ReleaseLock> {
  const held: ReleaseLock[] = []
  const release = async () => {
    for (const one of held.toReversed()) await one()
  }
  try {
    for (const [ref, where] of findPlaces(folders, cwd)) {
      const one = await lock(store, ref, where)
      if (one !== undefined) held.push(one)
    }
  } catch (error) {
    await release()
    throw error
  }
  return release
}

/** What is to be locked, and what people call it; in an order that is every run's. */
function findPlaces(folders: readonly OutputFolder[], cwd: string): [ref: string, where: string][] {
  const places = new Map<string, string>()
  for (const { out, state, manifest } of folders) {
    // Where no manifest is kept, a run leaves nothing that another could spoil but the images.
    if (manifest === undefined) continue
    if (!isPipe(out)) places.set(`${state}/lock`, relativeLocation(out, cwd) || 'this folder')
    // Runs into several folders may share one manifest.
    const { ref } = manifest
    if (folderOf(ref) !== out && !isPipe(ref)) places.set(`${ref}.lock`, relativeLocation(ref, cwd))
  }
  return [...places].toSorted(([a], [b]) => (a < b ? -1 : 1))
}

/** Whether another run has written since these folders were planned, before they were locked. */
export async function isOutdated(store: Store, folders: readonly OutputFolder[]): Promise<boolean> {
  const asked = folders.map(async (folder) => {
    const { out, state, manifest, left, journal } = folder
    if (manifest === undefined) return false
    const ask = journal === undefined ? undefined : readJournal(store, state, out)
    const [file, now] = await Promise.all([store.stat(manifest.ref), ask])
    return !isDeepStrictEqual(file, manifest.found) || (now?.results.length ?? 0) !== left.length
  })
  return (await Promise.all(asked)).includes(true)
}
