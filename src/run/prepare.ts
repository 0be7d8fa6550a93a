import { loadAnalyzers } from '../analyzers/load-analyzers.js'
import type { Analyzer } from '../analyzers/types.js'
import type { ReleaseLock } from '../state/lock.js'
import type { Store } from '../stores/types.js'
import { hasOutdatedPlan, lockFolders, needsLock } from './locks.js'
import { openStores } from './open-stores.js'
import { planFolders } from './plan-folders.js'
import type { OutputFolder, ResolvedRun } from './types.js'

/** A run that is ready to start: from here on only its images can fail. */
export interface PreparedRun {
  readonly run: ResolvedRun
  readonly store: Store
  readonly folders: readonly OutputFolder[]
  readonly analyzers: ReadonlyMap<string, Analyzer>
  /** Releases the locks on the output folders. */
  readonly release: ReleaseLock
}

/** Does everything that can fail before an image is read: plans the output folders, loads analyzers, takes the locks. */
export async function prepareRun(run: ResolvedRun): Promise<PreparedRun> {
  const store = await openStores(run)
  const plan = async () => {
    const folders = await planFolders(store, run)
    return { run, store, folders, analyzers: await findAnalyzers(folders, run) }
  }
  const first = await plan()
  if (!needsLock(first.folders, run)) return { ...first, release: async () => {} }
  const release = await lockFolders(store, first.folders, run.cwd)
  try {
    // Another run may have finished between our plan and our lock.
    return { ...((await hasOutdatedPlan(store, first.folders)) ? await plan() : first), release }
  } catch (error) {
    await release()
    throw error
  }
}

async function findAnalyzers(folders: readonly OutputFolder[], { analyzers, root }: ResolvedRun) {
  const names = folders.flatMap((folder) => folder.plan.jobs.flatMap(({ analyze }) => analyze))
  const loaded = await loadAnalyzers(names, analyzers, root)
  return new Map(loaded.map((analyzer) => [analyzer.name, analyzer]))
}
