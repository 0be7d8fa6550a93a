import { createOverwriteError } from './output-collisions.js'
import { keyOf } from '../paths/location.js'
import type { Job } from '../jobs/types.js'
import { findPathConflicts, jobKey, type PathConflicts } from './path-conflicts.js'
import type { JobList, TakenPath } from './types.js'

/** Reserves output paths so that no two jobs write one file. */
export interface OutputClaims {
  /** Reserves an output path for a job. Returns the path of the source that has it, or undefined if it was free. */
  readonly reserve: (path: string, job: Job) => Promise<string | undefined>
  /** Ends a job: it will reserve no more paths. */
  readonly release: (job: Job) => void
  /** Returns true if no other job can want the same paths, so that the job need not call `reserve`. */
  readonly isExclusive: (job: Job) => boolean
}

/** The claims of a run, with all that a place outside of this process needs to keep them. */
export interface PlannedClaims extends OutputClaims {
  /** Returns the jobs that reserve before this one, since they may want one of its paths. */
  readonly earlierRivals: (job: Job) => readonly Job[]
  /** Returns the paths that are taken before any job starts, and that a job may want. */
  readonly taken: () => readonly TakenPath[]
}

type Reserve = OutputClaims['reserve']

/**
 * Creates claims to paths that are unknown until the image is read, such as those of `a.jpg` and `a.jpeg` that keep
 * their formats. If two jobs want the same path, the source that sorts first gets it, whichever is faster.
 */
export function createOutputClaims(jobs: JobList): PlannedClaims {
  let found: ReturnType<typeof openConflicts> | undefined
  // Looking for conflicts reads all jobs, which a run that makes nothing need not do.
  const conflicts = () => (found ??= openConflicts(findPathConflicts(jobs)))
  const alone = new Map<string, ReturnType<typeof reserveWithin>>()
  return {
    async reserve(path, job) {
      const key = jobKey(job)
      if (conflicts().jobs.has(key)) return conflicts().reserve(path, job)
      const reserve = alone.get(key) ?? reserveWithin(job)
      alone.set(key, reserve)
      return reserve(path)
    },
    release(job) {
      alone.delete(jobKey(job))
      conflicts().release(job)
    },
    isExclusive: (job) => !conflicts().jobs.has(jobKey(job)),
    earlierRivals: (job) => conflicts().rivals.get(jobKey(job)) ?? [],
    taken: () => conflicts().taken,
  }
}

/** Creates the claims of jobs that may want the same paths. */
function openConflicts(conflicts: PathConflicts) {
  const { rivals, taken } = conflicts
  const inputs = new Map<string, string>()
  /** Paths of the sources that have an output path. */
  const owners = new Map<string, string>()
  for (const { key, kind, source } of taken) (kind === 'input' ? inputs : owners).set(key, source)
  const finished = new Map<string, { promise: Promise<void>; resolve: () => void }>()
  for (const job of [...rivals.values()].flat()) finished.set(jobKey(job), defer())
  const reserve: Reserve = async (path, job) => {
    // Does not deadlock: engines start jobs in order, so the earlier ones are running or done.
    const earlier = rivals.get(jobKey(job)) ?? []
    await Promise.all(earlier.flatMap((one) => finished.get(jobKey(one))?.promise ?? []))
    const key = keyOf(`${job.out}/${path}`)
    const input = inputs.get(key)
    if (input !== undefined) throw createOverwriteError(input, job.path)
    const owner = owners.get(key)
    if (owner !== undefined) return owner
    owners.set(key, job.path)
    return undefined
  }
  return { ...conflicts, reserve, release: (job: Job) => finished.get(jobKey(job))?.resolve() }
}

/** Returns a function that reserves the paths of a job that only its own outputs can want. */
export function reserveWithin(job: Job): (path: string) => Promise<string | undefined> {
  const reserved = new Set<string>()
  return async (path) => {
    const key = keyOf(`${job.out}/${path}`)
    if (reserved.has(key)) return job.path
    reserved.add(key)
    return undefined
  }
}

function defer(): { promise: Promise<void>; resolve: () => void } {
  let resolve = () => {}
  const promise = new Promise<void>((done) => {
    resolve = done
  })
  return { promise, resolve }
}
