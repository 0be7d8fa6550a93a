import { createJobCodec, toJobLines } from '../jobs/job-codec.js'
import type { Job, Rendition } from '../jobs/types.js'
import { createSortedSpool } from '../utils/spool/sorted-spool.js'
import type { JobList } from './types.js'

/** Collects the jobs of batches. */
export interface JobCollector {
  readonly add: (job: Job) => void
  /**
   * Returns one job a source, sorted by path. Nothing is added after that.
   *
   * @param look called with each job: to read all of them once more takes time.
   */
  readonly finish: (look: (job: Job) => void) => JobList
}

/** Creates a collector. The jobs may be more than fit into memory. */
export function createJobCollector(): JobCollector {
  const all = createSortedSpool(toJobLines(createJobCodec()), compareJobs)
  return {
    add: all.add,
    finish(look) {
      if (all.isPlain()) {
        const jobs = [...joinEqual(all)]
        for (const job of jobs) look(job)
        return jobs
      }
      let length = 0
      for (const job of joinEqual(all)) {
        length++
        look(job)
      }
      return { length, [Symbol.iterator]: () => joinEqual(all) }
    },
  }
}

/** Yields the jobs, of which two that have one source are joined. */
function* joinEqual(jobs: Iterable<Job>): Generator<Job> {
  let before: Job | undefined
  for (const job of jobs) {
    if (before === undefined) before = job
    else if (before.source.ref === job.source.ref) before = joinTwo(before, job)
    else {
      yield before
      before = job
    }
  }
  if (before !== undefined) yield before
}

/** Adds the renditions of another batch. Those that both batches have are made once. */
function joinTwo(before: Job, { renditions, analyze }: Job): Job {
  const more = renditions.filter((one) => !before.renditions.some((other) => isSame(one, other)))
  return {
    ...before,
    renditions: [...before.renditions, ...more],
    analyze: [...new Set([...before.analyze, ...analyze])],
  }
}

function isSame(a: Rendition, b: Rendition): boolean {
  return a.preset === b.preset && a.target === b.target && a.recipe === b.recipe
}

function compareJobs(a: Job, b: Job): number {
  return compare(a.path, b.path) || compare(a.source.ref, b.source.ref)
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}
