import { createOutputClaims } from '../../src/plan/output-claims.js'
import { executeJob, type ExecuteContext } from '../../src/jobs/execute-job.js'
import { planJobs } from '../../src/plan/plan-jobs.js'
import type { Plan, PlanBatch, PlanRequest, PresetRecipe } from '../../src/plan/types.js'
import { withDefaults } from '../../src/image/limits.js'
import type { Result } from '../../src/jobs/types.js'
import { createFileStore } from '../../src/stores/file/store.js'
import type { Project } from '../support/project.js'

export const thumb: PresetRecipe = { name: 'thumb', ops: [{ thumbnail: 100 }] }
export const web: PresetRecipe = { name: 'web', ops: [{ thumbnail: 1920 }, { format: 'webp' }] }

/** What a test says of a plan; the rest is plain. */
export type Wish = Partial<PlanBatch> & Partial<Omit<PlanRequest, 'batches' | 'out'>> & { out?: string }

/** Plans one batch in a project; `out` is relative to it. */
export function planIn(project: Project, wish: Wish = {}): Promise<Plan> {
  const { inputs = ['.'], presets = [thumb], path, defaultPath, base, ignore, out = 'out', ...request } = wish
  return planJobs(createFileStore({ cwd: project.path }), {
    root: project.path,
    limits: withDefaults(),
    failOn: 'error',
    ...request,
    out: project.at(out),
    batches: [{ inputs, presets, path, defaultPath, base, ignore }],
  })
}

/** `source → target` of every rendition, in the plan's order. */
export function linesOf({ jobs }: Plan): string[] {
  return jobs.flatMap((job) => job.renditions.map(({ target }) => `${job.path} → ${target}`))
}

/** Plans, and executes all jobs at once. */
export async function makeIn(
  project: Project,
  wish: Wish,
  context: Partial<ExecuteContext> = {},
): Promise<Result[]> {
  const { jobs } = await planIn(project, wish)
  const { reserve, release } = createOutputClaims(jobs)
  const store = createFileStore({ cwd: project.path })
  const all = { input: store, output: store, reserve, ...context }
  return Promise.all(jobs.map((job) => executeJob(job, all).finally(() => release(job))))
}

export async function makeOne(
  project: Project,
  wish: Wish,
  context?: Partial<ExecuteContext>,
): Promise<Result> {
  const [result, ...others] = await makeIn(project, wish, context)
  if (result === undefined || others.length > 0) throw new Error('expected one job')
  return result
}
