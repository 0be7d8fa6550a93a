import { createOutputClaims } from '../../src/plan/output-claims.js'
import { executeJob, type ExecuteContext } from '../../src/jobs/execute-job.js'
import { planJobs } from '../../src/plan/plan-jobs.js'
import type { Plan, PlanBatch, PlanRequest, PresetRecipe } from '../../src/plan/types.js'
import { withDefaults } from '../../src/image/limits.js'
import type { Job, Result } from '../../src/jobs/types.js'
import { createFileStore } from '../../src/stores/file/store.js'
import { result } from '../manifest/results.js'
import type { Project } from '../support/project.js'

export const thumb: PresetRecipe = { name: 'thumb', ops: [{ thumbnail: 100 }] }
export const web: PresetRecipe = { name: 'web', ops: [{ thumbnail: 1920 }, { format: 'webp' }] }

/** Returns a job with these targets, which writes to `/out`. */
export function jobOf(path: string, ...targets: string[]): Job {
  const renditions = targets.map((target) => ({ preset: 'thumb', target, ops: [], recipe: 'r' }))
  return { ...result(path, []).job, renditions }
}

/** Options of a plan in a test; all have defaults. */
export type PlanInput = Partial<PlanBatch> & Partial<Omit<PlanRequest, 'batches' | 'out'>> & { out?: string }

/** Plans one batch in a project; `out` is relative to the project. */
export function planIn(project: Project, input: PlanInput = {}): Promise<Plan> {
  const {
    inputs = ['.'],
    presets = [thumb],
    path,
    defaultPath,
    base,
    ignore,
    out = 'out',
    ...request
  } = input
  return planJobs(createFileStore({ cwd: project.path }), {
    root: project.path,
    limits: withDefaults(),
    failOn: 'error',
    ...request,
    out: project.at(out),
    batches: [{ inputs, presets, path, defaultPath, base, ignore }],
  })
}

/** Formats every rendition as `source → target`, in the plan's order. */
export function linesOf({ jobs }: Plan): string[] {
  return jobs.flatMap((job) => job.renditions.map(({ target }) => `${job.path} → ${target}`))
}

/** Plans and executes all jobs, concurrently. */
export async function makeIn(
  project: Project,
  input: PlanInput,
  context: Partial<ExecuteContext> = {},
): Promise<Result[]> {
  const { jobs } = await planIn(project, input)
  const { reserve, release } = createOutputClaims(jobs)
  const store = createFileStore({ cwd: project.path })
  const all = { input: store, output: store, reserve, ...context }
  return Promise.all(jobs.map((job) => executeJob(job, all).finally(() => release(job))))
}

/** Plans and executes one job. */
export async function makeOne(
  project: Project,
  input: PlanInput,
  context?: Partial<ExecuteContext>,
): Promise<Result> {
  const [result, ...others] = await makeIn(project, input, context)
  if (result === undefined || others.length > 0) throw new Error('expected one job')
  return result
}
