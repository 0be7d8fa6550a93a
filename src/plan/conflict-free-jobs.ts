import { keyOf } from '../paths/location.js'
import { stemOf } from '../paths/template.js'
import type { Job } from '../jobs/types.js'

/** The key of an output path, or of its beginning if only the image tells the rest. */
interface PathClaim {
  readonly key: string
  /** The key is a prefix. */
  readonly isOpen: boolean
  /** Undefined for a path that is already taken. */
  readonly job: Job | undefined
}

/**
 * Returns the jobs whose outputs cannot collide with another job's or with a path that is taken. Two outputs of one job
 * may still collide with each other.
 *
 * @param taken keys of paths, as made by `keyOf`.
 */
export function findConflictFreeJobs(jobs: readonly Job[], taken: readonly string[]): ReadonlySet<Job> {
  const claims = [
    ...taken.map((key): PathClaim => ({ key, isOpen: false, job: undefined })),
    ...jobs.flatMap((job) => job.renditions.map(({ target }) => toClaim(target, job))),
  ].toSorted((a, b) => (a.key < b.key ? -1 : a.key > b.key ? 1 : 0))
  const free = new Set(jobs)
  // A stack of claims that cover the current one: all keys with a common prefix are adjacent in this order.
  const covering: PathClaim[] = []
  for (const claim of claims) {
    while (covering.length > 0 && !covers(covering.at(-1), claim)) covering.pop()
    const wider = covering.at(-1)
    // Claims below `wider` in the stack have already met it, or belong to the same job.
    if (wider !== undefined && wider.job !== claim.job)
      for (const { job } of [wider, claim]) if (job !== undefined) free.delete(job)
    covering.push(claim)
  }
  return free
}

function toClaim(target: string, job: Job): PathClaim {
  const stem = stemOf(target)
  const literal = stem.replace(/\{\{|\}\}/g, (braces) => braces.charAt(0))
  return { key: keyOf(`${job.out}/${literal}`), isOpen: stem !== target, job }
}

function covers(wider: PathClaim | undefined, { key }: PathClaim): boolean {
  return wider !== undefined && (wider.isOpen ? key.startsWith(wider.key) : key === wider.key)
}
