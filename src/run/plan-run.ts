import type { Plan } from '../plan/types.js'
import type { RunOptions } from './options.js'
import { joinPlans, planFolders } from './plan-folders.js'
import { openStores } from './open-stores.js'
import { planRemovals } from './prune.js'
import { resolveLocation } from '../paths/location.js'
import type { Removal } from '../state/prune.js'

/** A plan, and what `prune` would remove. */
export interface RunPlan extends Plan {
  /** Outputs that would be removed, where `prune` asks for that. */
  readonly removals?: readonly Removal[]
}

/**
 * What `run` would make of the same options: the sources, and where each output would go. Opens no image and
 * writes nothing; throws what `run` would reject with.
 *
 * @example
 * ```ts
 * import { plan } from 'imgproc'
 * const { jobs } = await plan({ inputs: ['photos/**'], preset: 'thumb' })
 * for (const job of jobs) console.log(job.path, job.renditions.map((rendition) => rendition.target))
 * ```
 */
export async function plan(options: RunOptions): Promise<RunPlan> {
  const cwd = resolveLocation(options.cwd ?? '.', '.')
  const store = await openStores(cwd, options)
  const folders = await planFolders(store, cwd, options)
  const whole = joinPlans(folders)
  return options.prune === true
    ? { ...whole, removals: await planRemovals(store, folders, cwd, options) }
    : whole
}
