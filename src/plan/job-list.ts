import type { Job } from '../jobs/types.js'
import type { JobList, Plan } from './types.js'

/** Returns the jobs that a function is true for. Reads all of them once, to count these. */
export function filterJobs(jobs: JobList, isKept: (job: Job) => boolean): JobList {
  let length = 0
  for (const job of jobs) if (isKept(job)) length++
  if (length === jobs.length) return jobs
  return {
    length,
    *[Symbol.iterator]() {
      for (const job of jobs) if (isKept(job)) yield job
    },
  }
}

/** Joins lists, one behind the other. */
export function concatJobs(lists: readonly JobList[]): JobList {
  const [first] = lists
  if (lists.length === 1 && first !== undefined) return first
  return {
    length: lists.reduce((sum, { length }) => sum + length, 0),
    *[Symbol.iterator]() {
      for (const list of lists) yield* list
    },
  }
}

/** Creates the plan that a user sees, whose array of jobs is made when it is asked for. */
export function toPlan(jobs: JobList, { ignored, sniffed }: Pick<Plan, 'ignored' | 'sniffed'>): Plan {
  let array: readonly Job[] | undefined
  const plan = { ignored, sniffed }
  Object.defineProperty(plan, 'jobs', { enumerable: true, get: () => (array ??= [...jobs]) })
  Object.defineProperty(plan, 'length', { get: () => jobs.length })
  Object.defineProperty(plan, Symbol.iterator, { value: () => (array ?? jobs)[Symbol.iterator]() })
  return plan as Plan // with the properties above
}
