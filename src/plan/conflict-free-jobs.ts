import { keyOf } from '../paths/location.js'
import { stemOf } from '../paths/template.js'
import type { Job } from '../jobs/types.js'

/** A path, or the beginning of one whose rest only a picture tells. */
interface Wish {
  readonly key: string
  readonly isOpen: boolean
  /** Undefined where the path is taken already. */
  readonly job: Job | undefined
}

/**
 * The jobs whose outputs can't have the path of any other's, whatever their pictures tell, nor one that is taken. Two of
 * one job's own may still want the same.
 *
 * @param taken keys of paths, as `keyOf` makes them.
 */
export function findConflictFreeJobs(jobs: readonly Job[], taken: readonly string[]): ReadonlySet<Job> {
  const wishes = [
    ...taken.map((key): Wish => ({ key, isOpen: false, job: undefined })),
    ...jobs.flatMap((job) => job.renditions.map(({ target }) => toWish(target, job))),
  ].toSorted((a, b) => (a.key < b.key ? -1 : a.key > b.key ? 1 : 0))
  const free = new Set(jobs)
  // In this order whatever begins with a key comes right after it.
  const covering: Wish[] = []
  for (const wish of wishes) {
    while (covering.length > 0 && !covers(covering.at(-1), wish)) covering.pop()
    const wider = covering.at(-1)
    // Those below it have met it, or are its own job's.
    if (wider !== undefined && wider.job !== wish.job)
      for (const { job } of [wider, wish]) if (job !== undefined) free.delete(job)
    covering.push(wish)
  }
  return free
}

function toWish(target: string, job: Job): Wish {
  const stem = stemOf(target)
  const literal = stem.replace(/\{\{|\}\}/g, (braces) => braces.charAt(0))
  return { key: keyOf(`${job.out}/${literal}`), isOpen: stem !== target, job }
}

function covers(wide: Wish | undefined, { key }: Wish): boolean {
  return wide !== undefined && (wide.isOpen ? key.startsWith(wide.key) : key === wide.key)
}
