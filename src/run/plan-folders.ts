import { planJobs } from '../plan/plan-jobs.js'
import type { Plan, PlanBatch } from '../plan/types.js'
import { refuseOverwrites } from '../plan/output-collisions.js'
import { resolveLocation } from '../paths/location.js'
import { parseShard } from '../plan/shard.js'
import { withDefaults } from '../image/limits.js'
import type { Store } from '../stores/types.js'
import { toBatches, type Batch } from './batches.js'
import { listsOutput } from './manifests.js'
import type { FolderState, OutputFolder } from './types.js'
import { openHistory, checkAllUpToDate } from './history.js'
import type { RunOptions } from './options.js'
import { checkPrune } from './prune.js'
import { acceptedFailures } from './failure-limit.js'
import { openFolder } from './open-folder.js'

/** Plans every output folder before anything is made in one. */
export async function planFolders(store: Store, cwd: string, options: RunOptions): Promise<OutputFolder[]> {
  checkPrune(options)
  acceptedFailures(options, 0)
  const batches = toBatches(options).map((batch) => ({ ...batch, out: resolveLocation(batch.out, cwd) }))
  const opened: FolderState[] = []
  for (const out of new Set(batches.map((batch) => batch.out)))
    opened.push(await openFolder(store, cwd, out, options))
  const areOutputs = opened.map(({ manifest }) => listsOutput(manifest))
  const shared = {
    root: resolveLocation(options.root ?? '.', cwd),
    limits: withDefaults(options.limits),
    failOn: options.failOn ?? 'error',
    baseUrl: options.baseUrl,
    otherOuts: opened.map(({ out }) => out),
    isOutput: (ref: string) => areOutputs.some((isOutput) => isOutput(ref)),
    allowEmpty: options.allowEmpty,
    shard: options.shard === undefined ? undefined : parseShard(options.shard),
    suggest: options.suggest,
    signal: options.signal,
  }
  const folders: OutputFolder[] = []
  for (const folder of opened) {
    const { out } = folder
    const own = batches.filter((batch) => batch.out === out).map((batch) => toPlanBatch(batch, cwd))
    const all = await planJobs(store, { ...shared, out, batches: own })
    const memory = openHistory(store, folder, options)
    const recalled = await checkAllUpToDate(all.jobs, memory)
    const settled = recalled.flatMap(({ result }) => result ?? [])
    const jobs = recalled.map(({ job }) => job)
    const known = new Set(recalled.flatMap(({ job, isKnown }) => (isKnown === true ? job : [])))
    folders.push({ ...folder, plan: { ...all, jobs }, memory, settled, known })
  }
  // One folder's outputs may take another's inputs.
  if (folders.length > 1) refuseOverwrites(folders.flatMap((folder) => folder.plan.jobs))
  return folders
}

function toPlanBatch({ base, ...batch }: Batch, cwd: string): PlanBatch {
  return { ...batch, ...(base !== undefined && { base: resolveLocation(base, cwd) }) }
}

/** The plans of all folders, as one. */
export function joinPlans(folders: readonly OutputFolder[]): Plan {
  const plans = folders.map((folder) => folder.plan)
  const ignored = new Map<string, number>()
  for (const [kind, count] of plans.flatMap((plan) => [...plan.ignored]))
    ignored.set(kind, (ignored.get(kind) ?? 0) + count)
  return { jobs: plans.flatMap((plan) => plan.jobs), ignored }
}
