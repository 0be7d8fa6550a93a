import { plan as planJobs } from '../plan/plan-jobs.js'
import type { Plan, PlanBatch } from '../plan/types.js'
import { refuseOverwrites } from '../plan/output-collisions.js'
import { toPlace } from '../paths/location.js'
import { parseShard } from '../plan/shard.js'
import { withDefaults } from '../image/limits.js'
import type { Store } from '../stores/types.js'
import { toBatches, type Batch } from './batches.js'
import { listsOutput } from './manifests.js'
import type { Recorded, Group } from './types.js'
import { openMemory, recallAll } from './history.js'
import type { RunOptions } from './options.js'
import { checkPrune } from './prune.js'
import { countAccepted } from './failure-limit.js'
import { openPlace } from './open-folder.js'

/** Plans every output folder before anything is made in one. */
export async function planGroups(store: Store, cwd: string, options: RunOptions): Promise<Group[]> {
  checkPrune(options)
  countAccepted(options, 0)
  const batches = toBatches(options).map((batch) => ({ ...batch, out: toPlace(batch.out, cwd) }))
  const folders: Recorded[] = []
  for (const out of new Set(batches.map((batch) => batch.out)))
    folders.push(await openPlace(store, cwd, out, options))
  const areOutputs = folders.map(({ manifest }) => listsOutput(manifest))
  const shared = {
    root: toPlace(options.root ?? '.', cwd),
    limits: withDefaults(options.limits),
    failOn: options.failOn ?? 'error',
    baseUrl: options.baseUrl,
    otherOuts: folders.map(({ out }) => out),
    isOutput: (ref: string) => areOutputs.some((isOutput) => isOutput(ref)),
    allowEmpty: options.allowEmpty,
    shard: options.shard === undefined ? undefined : parseShard(options.shard),
    suggest: options.suggest,
    signal: options.signal,
  }
  const groups: Group[] = []
  for (const folder of folders) {
    const { out } = folder
    const own = batches.filter((batch) => batch.out === out).map((batch) => toPlanBatch(batch, cwd))
    const all = await planJobs(store, { ...shared, out, batches: own })
    const memory = openMemory(store, folder, options)
    const recalled = await recallAll(all.jobs, memory)
    const settled = recalled.flatMap(({ result }) => result ?? [])
    const jobs = recalled.map(({ job }) => job)
    const known = new Set(recalled.flatMap(({ job, isKnown }) => (isKnown === true ? job : [])))
    groups.push({ ...folder, plan: { ...all, jobs }, memory, settled, known })
  }
  // One folder's outputs may take another's inputs.
  if (groups.length > 1) refuseOverwrites(groups.flatMap((group) => group.plan.jobs))
  return groups
}

function toPlanBatch({ base, ...batch }: Batch, cwd: string): PlanBatch {
  return { ...batch, ...(base !== undefined && { base: toPlace(base, cwd) }) }
}

/** The plans of all folders, as one. */
export function joinPlans(groups: readonly Group[]): Plan {
  const plans = groups.map((group) => group.plan)
  const ignored = new Map<string, number>()
  for (const [kind, count] of plans.flatMap((plan) => [...plan.ignored]))
    ignored.set(kind, (ignored.get(kind) ?? 0) + count)
  return { jobs: plans.flatMap((plan) => plan.jobs), ignored }
}
