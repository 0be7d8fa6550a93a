import { planJobs } from '../plan/plan-jobs.js'
import type { Plan } from '../plan/types.js'
import { checkOverwrites } from '../plan/output-collisions.js'
import type { Store } from '../stores/types.js'
import { listsOutput } from './manifests.js'
import type { FolderState, OutputFolder, ResolvedRun } from './types.js'
import { openHistory, checkAllUpToDate } from './history.js'
import { openFolder } from './open-folder.js'

/** Plans the jobs of all output folders, before any image is decoded. */
export async function planFolders(store: Store, run: ResolvedRun): Promise<OutputFolder[]> {
  const opened: FolderState[] = []
  for (const out of new Set(run.batches.map((batch) => batch.out)))
    opened.push(await openFolder(store, out, run))
  const areOutputs = opened.map(({ manifest }) => listsOutput(manifest))
  const otherOuts = opened.map(({ out }) => out)
  const isOutput = (ref: string) => areOutputs.some((isListed) => isListed(ref))
  const folders: OutputFolder[] = []
  for (const folder of opened) {
    const { out } = folder
    const batches = run.batches.filter((batch) => batch.out === out)
    const plan = await planJobs(store, { ...run, out, batches, otherOuts, isOutput })
    folders.push(await leaveOutUpToDate(store, folder, plan, run))
  }
  // An output of one folder may be an input of another's jobs.
  if (folders.length > 1) checkOverwrites(folders.flatMap((folder) => folder.plan.jobs))
  return folders
}

/** Reduces the jobs of a folder to the renditions that have to be made. */
async function leaveOutUpToDate(
  store: Store,
  folder: FolderState,
  plan: Plan,
  run: ResolvedRun,
): Promise<OutputFolder> {
  const history = openHistory(store, folder, run)
  const checked = await checkAllUpToDate(plan.jobs, history)
  return {
    ...folder,
    plan: { ...plan, jobs: checked.map(({ job }) => job) },
    history,
    settled: checked.flatMap(({ result }) => result ?? []),
    known: new Set(checked.flatMap(({ job, isKnown }) => (isKnown === true ? job : []))),
  }
}

/** Joins the plans of all folders into one. */
export function joinPlans(folders: readonly OutputFolder[]): Plan {
  const plans = folders.map((folder) => folder.plan)
  const ignored = new Map<string, number>()
  for (const [kind, count] of plans.flatMap((plan) => [...plan.ignored]))
    ignored.set(kind, (ignored.get(kind) ?? 0) + count)
  return { jobs: plans.flatMap((plan) => plan.jobs), ignored }
}
