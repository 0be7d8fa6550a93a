import type { RunOptions } from './options.js'
import type { RunPlan } from './types.js'

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
  const { loadRunOperations, planOnly, resolveRun } = await import('./steps.js')
  await loadRunOperations(options)
  return planOnly(resolveRun(options))
}
