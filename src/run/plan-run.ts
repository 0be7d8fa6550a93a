import type { Plan } from '../plan/types.js'
import type { Removal } from '../state/prune.js'
import { openStores } from './open-stores.js'
import type { RunOptions } from './options.js'
import { joinPlans, planFolders } from './plan-folders.js'
import { planRemovals } from './prune.js'
import { resolveRun } from './resolve-options.js'

/** A plan, and the outputs that `prune` would remove. */
export interface RunPlan extends Plan {
  /** Outputs that would be removed; undefined without `prune`. */
  readonly removals?: readonly Removal[]
}

/**
 * Plans a run: its sources, and the path of each output. Opens no image and writes nothing.
 *
 * @throws ImgprocError for wrong options, inputs that match nothing and outputs that collide: the errors with which
 * `run` would reject.
 * @example
 * ```ts
 * import { plan } from 'imgproc'
 * const { jobs } = await plan({ inputs: ['photos/**'], preset: 'thumb' })
 * for (const job of jobs) console.log(job.path, job.renditions.map((rendition) => rendition.target))
 * ```
 */
export async function plan(options: RunOptions): Promise<RunPlan> {
  const run = resolveRun(options)
  const store = await openStores(run)
  const folders = await planFolders(store, run)
  const whole = joinPlans(folders)
  return run.prune ? { ...whole, removals: await planRemovals(store, folders, run) } : whole
}
