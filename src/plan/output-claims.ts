import { inputsBelow, createOverwriteError } from './output-collisions.js'
import { keyOf } from '../paths/location.js'
import { stemOf } from '../paths/template.js'
import type { Job } from '../jobs/types.js'
import { findConflictFreeJobs } from './conflict-free-jobs.js'

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
  /** Returns the paths that are taken before any job starts. */
  readonly taken: () => readonly TakenPath[]
}

/** A path that no job may write. */
export interface TakenPath {
  /** As made by `keyOf`. */
  readonly key: string
  /** `input` must not be overwritten; `output` is unchanged and stays. */
  readonly kind: 'input' | 'output'
  /** Path of the input, or of the output's source. */
  readonly source: string
}

/**
 * Creates claims to paths that are unknown until the image is read, such as those of `a.jpg` and `a.jpeg` that keep
 * their formats. If two jobs want the same path, the source that sorts first gets it, whichever is faster.
 */
export function createOutputClaims(jobs: readonly Job[]): PlannedClaims {
  const inputs = inputsBelow(jobs)
  const owners = new Map<string, Job>()
  for (const job of jobs) {
    for (const { action, path } of job.settled ?? [])
      if (action === 'unchanged') owners.set(keyOf(`${job.out}/${path}`), job)
  }
  const taken = [
    ...[...inputs].map(([key, source]): TakenPath => ({ key, kind: 'input', source })),
    ...[...owners].map(([key, { path }]): TakenPath => ({ key, kind: 'output', source: path })),
  ]
  const keys = taken.map(({ key }) => key)
  const rivals = findEarlierRivals(jobs)
  const finished = new Map<Job, { promise: Promise<void>; resolve: () => void }>()
  for (const job of [...rivals.values()].flat()) finished.set(job, defer())
  let exclusive: ReadonlySet<Job> | undefined
  return {
    async reserve(path, job) {
      // Does not deadlock: engines start jobs in order, so the earlier ones are running or done.
      await Promise.all((rivals.get(job) ?? []).flatMap((earlier) => finished.get(earlier)?.promise ?? []))
      const key = keyOf(`${job.out}/${path}`)
      const input = inputs.get(key)
      if (input !== undefined) throw createOverwriteError(input, job.path)
      const owner = owners.get(key)
      if (owner !== undefined) return owner.path
      owners.set(key, job)
      return undefined
    },
    release: (job) => finished.get(job)?.resolve(),
    // Paths that this run reserves later need not be in `taken`: they come from these jobs.
    isExclusive: (job) => (exclusive ??= findConflictFreeJobs(jobs, keys)).has(job),
    earlierRivals: (job) => rivals.get(job) ?? [],
    taken: () => taken,
  }
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

/** Maps each job to the last earlier jobs that may want one of its paths. Those wait for their own earlier rivals. */
function findEarlierRivals(jobs: readonly Job[]): Map<Job, Job[]> {
  const latest = new Map<string, Job>()
  const rivals = new Map<Job, Job[]>()
  for (const job of jobs) {
    const stems = job.renditions.map(({ target }) => keyOf(`${job.out}/${stemOf(target)}`))
    for (const key of new Set(stems)) {
      const earlier = latest.get(key)
      if (earlier !== undefined) rivals.set(job, [...(rivals.get(job) ?? []), earlier])
      latest.set(key, job)
    }
  }
  return rivals
}

function defer(): { promise: Promise<void>; resolve: () => void } {
  let resolve = () => {}
  const promise = new Promise<void>((done) => {
    resolve = done
  })
  return { promise, resolve }
}
