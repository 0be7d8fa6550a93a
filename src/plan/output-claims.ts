import { inputsBelow, createOverwriteError } from './output-collisions.js'
import { keyOf } from '../paths/location.js'
import { stemOf } from '../paths/template.js'
import type { Job } from '../jobs/types.js'
import { findConflictFreeJobs } from './conflict-free-jobs.js'

/** Who may write where. */
export interface OutputClaims {
  /** Takes an output path for a job; the path of the source that has it already, if another does. */
  readonly reserve: (path: string, job: Job) => Promise<string | undefined>
  /** A job has claimed all that it will. */
  readonly release: (job: Job) => void
  /** Whether nobody else can want what a job makes, so that nobody needs to be asked. */
  readonly isExclusive: (job: Job) => boolean
}

/**
 * Settles the paths that a plan couldn't know, such as those of `a.jpg` and `a.jpeg` whose formats are kept. Where
 * two want the same, the source that sorts first has it, however fast the other is.
 */
export function createOutputClaims(jobs: readonly Job[]): OutputClaims {
  const inputs = inputsBelow(jobs)
  const owners = new Map<string, Job>()
  for (const job of jobs) {
    for (const { action, path } of job.settled ?? [])
      if (action === 'unchanged') owners.set(keyOf(`${job.out}/${path}`), job)
  }
  const taken = [...inputs.keys(), ...owners.keys()]
  const before = findRivals(jobs)
  const finished = new Map<Job, { promise: Promise<void>; resolve: () => void }>()
  for (const job of [...before.values()].flat()) finished.set(job, defer())
  let exclusive: ReadonlySet<Job> | undefined
  return {
    async reserve(path, job) {
      // Engines start jobs in their order, so those before this one are under way.
      await Promise.all((before.get(job) ?? []).flatMap((earlier) => finished.get(earlier)?.promise ?? []))
      const key = keyOf(`${job.out}/${path}`)
      const input = inputs.get(key)
      if (input !== undefined) throw createOverwriteError(input, job.path)
      const owner = owners.get(key)
      if (owner !== undefined) return owner.path
      owners.set(key, job)
      return undefined
    },
    release: (job) => finished.get(job)?.resolve(),
    // What this run is still to take doesn't count: it was in question from the start.
    isExclusive: (job) => (exclusive ??= findConflictFreeJobs(jobs, taken)).has(job),
  }
}

/** For each job the last before it that may want a path of its own; that one waits for those before it. */
function findRivals(jobs: readonly Job[]): Map<Job, Job[]> {
  const latest = new Map<string, Job>()
  const before = new Map<Job, Job[]>()
  for (const job of jobs) {
    const stems = job.renditions.map(({ target }) => keyOf(`${job.out}/${stemOf(target)}`))
    for (const key of new Set(stems)) {
      const earlier = latest.get(key)
      if (earlier !== undefined) before.set(job, [...(before.get(job) ?? []), earlier])
      latest.set(key, job)
    }
  }
  return before
}

function defer(): { promise: Promise<void>; resolve: () => void } {
  let resolve = () => {}
  const promise = new Promise<void>((done) => {
    resolve = done
  })
  return { promise, resolve }
}
