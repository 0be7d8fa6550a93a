import { loadAnalyzers } from '../analyzers/load-analyzers.js'
import type { Analyzer } from '../analyzers/types.js'
import type { Plan } from '../plan/types.js'
import type { Store } from '../stores/types.js'
import { hasOutdatedPlan, lockFolders, needsLock } from './locks.js'
import { openStores } from './open-stores.js'
import { allJobs, joinPlans, planFolders } from './plan-folders.js'
import { planRemovals } from './prune.js'
import { checkSnapshot, type SnapshotCheck } from './snapshot/check-snapshot.js'
import type { OutputFolder, ResolvedRun, RunPlan } from './types.js'

/** A run that is ready to start: from here on only its images can fail. */
export interface PreparedRun {
  readonly run: ResolvedRun
  readonly store: Store
  readonly folders: readonly OutputFolder[]
  /** The plans of all folders, joined. */
  readonly plan: Plan
  readonly analyzers: ReadonlyMap<string, Analyzer>
  /** Releases the locks on the output folders. */
  readonly release: () => Promise<void>
  /** True if the last run was killed, so that temp files of it may be left in the output folders. */
  readonly followsKill: boolean
}

/** A run whose stores are open, after a look at the snapshot of the last run. */
export interface OpenedRun extends SnapshotCheck {
  readonly run: ResolvedRun
  readonly store: Store
}

/** Opens the stores of a run, and checks if anything has changed since the last one. */
export async function openRun(run: ResolvedRun): Promise<OpenedRun> {
  const store = await openStores(run, run.limits.seconds)
  return { run, store, ...(await checkSnapshot(store, run)) }
}

/** Does everything that can fail before an image is read: plans the output folders, loads analyzers, takes the locks. */
export async function prepareRun({ run, store, listed }: OpenedRun): Promise<PreparedRun> {
  const planAll = async (files?: OpenedRun['listed']) => {
    const folders = await planFolders(store, run, { listed: files, takesSnapshot: true })
    return { run, store, folders, plan: joinPlans(folders), analyzers: await findAnalyzers(folders, run) }
  }
  const first = await planAll(listed)
  if (!needsLock(first.folders, run)) return { ...first, release: async () => {}, followsKill: false }
  const { release, replacedStale } = await lockFolders(store, first.folders, run.cwd)
  try {
    // Another run may have finished between our plan and our lock.
    const planned = (await hasOutdatedPlan(store, first.folders)) ? await planAll() : first
    const followsKill = replacedStale || planned.folders.some(({ recovered }) => recovered.length > 0)
    return { ...planned, release, followsKill }
  } catch (error) {
    await release()
    throw error
  }
}

/** Plans a run that is not executed. Takes no lock. */
export async function planOnly(run: ResolvedRun): Promise<RunPlan> {
  const store = await openStores(run, run.limits.seconds)
  const folders = await planFolders(store, run)
  const plan = joinPlans(folders)
  return run.prune ? Object.assign(plan, { removals: await planRemovals(store, folders, run) }) : plan
}

async function findAnalyzers(folders: readonly OutputFolder[], { analyzers, root }: ResolvedRun) {
  const names = new Set<string>()
  for (const { analyze } of allJobs(folders)) for (const name of analyze) names.add(name)
  const loaded = await loadAnalyzers([...names], analyzers, root)
  return new Map(loaded.map((analyzer) => [analyzer.name, analyzer]))
}
