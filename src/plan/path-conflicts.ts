import { keyOf } from '../paths/location.js'
import { stemOf } from '../paths/template.js'
import type { Job } from '../jobs/types.js'
import { createSortedSpool } from '../utils/spool/sorted-spool.js'
import { createBelowCheck } from './output-collisions.js'
import type { JobList, TakenPath } from './types.js'

/** The jobs of a run that may want a path which another job may want too, or which is taken. */
export interface PathConflicts {
  /** By `jobKey`. Two outputs of any other job may still collide with each other. */
  readonly jobs: ReadonlyMap<string, Job>
  /** The paths that are taken and that one of these jobs may want. */
  readonly taken: readonly TakenPath[]
  /** The last earlier jobs that may want one of a job's paths, by `jobKey`. Those wait for their own earlier rivals. */
  readonly rivals: ReadonlyMap<string, readonly Job[]>
}

/** Returns a key of a job in a run: a source has a job in each output folder. */
export function jobKey({ id, out }: Pick<Job, 'id' | 'out'>): string {
  return `${id} ${out}`
}

/** Index of no job. */
const NONE = -1

/** An output path, or its beginning if only the image tells the rest. */
interface PathClaim {
  readonly key: string
  /** The key is a prefix. */
  readonly isOpen: boolean
  /** Index of the job, or NONE for a path that is already taken. */
  readonly job: number
  readonly taken?: TakenPath
}

type EncodedClaim = readonly [key: string, isOpen: 0 | 1, job: number, taken?: TakenPath]

const codec = {
  encode({ key, isOpen, job, taken }: PathClaim): string {
    const parts = [key, isOpen ? 1 : 0, job] as const
    return JSON.stringify((taken === undefined ? parts : [...parts, taken]) satisfies EncodedClaim)
  },
  decode(text: string): PathClaim {
    const [key, isOpen, job, taken] = JSON.parse(text) as EncodedClaim // by `encode`
    return { key, isOpen: isOpen === 1, job, ...(taken !== undefined && { taken }) }
  },
}

/** Finds the conflicts. Holds only the jobs and paths that have some. */
export function findPathConflicts(jobs: JobList): PathConflicts {
  const claims = createSortedSpool(codec, compareClaims)
  const isBelow = createBelowCheck(jobs)
  let count = 0
  for (const job of jobs) {
    for (const { target } of job.renditions) claims.add(toClaim(target, job, count))
    for (const taken of listTaken(job, isBelow))
      claims.add({ key: taken.key, isOpen: false, job: NONE, taken })
    count++
  }
  const found = comparePaths(claims)
  const byIndex = new Map<number, Job>()
  if (found.jobs.size > 0) {
    let index = 0
    for (const job of jobs) {
      if (found.jobs.has(index)) byIndex.set(index, job)
      index++
    }
  }
  const rivals = new Map<string, Job[]>()
  for (const [index, job] of byIndex) {
    const earlier = [...(found.rivals.get(index) ?? [])].flatMap((one) => byIndex.get(one) ?? [])
    if (earlier.length > 0) rivals.set(jobKey(job), earlier)
  }
  const conflicting = [...byIndex.values()].map((job) => [jobKey(job), job] as const)
  return { jobs: new Map(conflicting), taken: [...found.taken], rivals }
}

/** Yields the path of an input that must not be overwritten, and those of outputs that stay. */
function* listTaken(job: Job, isBelow: (job: Job) => boolean): Generator<TakenPath> {
  const { out, path: source, settled = [] } = job
  if (isBelow(job)) yield { key: keyOf(job.source.ref), kind: 'input', source }
  for (const { action, path } of settled)
    if (action === 'unchanged') yield { key: keyOf(`${out}/${path}`), kind: 'output', source }
}

/** Orders claims by key. Paths that are taken come first. */
function compareClaims(a: PathClaim, b: PathClaim): number {
  return a.key < b.key ? -1 : a.key > b.key ? 1 : Number(a.job !== NONE) - Number(b.job !== NONE)
}

function toClaim(target: string, { out }: Job, job: number): PathClaim {
  const stem = stemOf(target)
  const literal = stem.replace(/\{\{|\}\}/g, (braces) => braces.charAt(0))
  return { key: keyOf(`${out}/${literal}`), isOpen: stem !== target, job }
}

/** Compares claims in the order of their keys, in which all keys with a common prefix are adjacent. */
function comparePaths(claims: Iterable<PathClaim>) {
  const jobs = new Set<number>()
  const taken = new Set<TakenPath>()
  const rivals = new Map<number, Set<number>>()
  // A stack of claims that cover the current one.
  const covering: PathClaim[] = []
  let latest: PathClaim | undefined
  for (const claim of claims) {
    while (covering.length > 0 && !covers(covering.at(-1), claim)) covering.pop()
    const wider = covering.at(-1)
    // Claims below `wider` in the stack have already met it, or belong to the same job.
    if (wider !== undefined && wider.job !== claim.job)
      for (const { job } of [wider, claim]) if (job !== NONE) jobs.add(job)
    if (claim.job !== NONE) for (const one of covering) if (one.taken !== undefined) taken.add(one.taken)
    if (claim.taken !== undefined && covering.some(({ job }) => job !== NONE)) taken.add(claim.taken)
    if (latest?.key === claim.key && latest.job !== claim.job && latest.job !== NONE)
      rivals.set(claim.job, (rivals.get(claim.job) ?? new Set()).add(latest.job))
    latest = claim
    covering.push(claim)
  }
  return { jobs, taken, rivals }
}

function covers(wider: PathClaim | undefined, { key }: PathClaim): boolean {
  return wider !== undefined && (wider.isOpen ? key.startsWith(wider.key) : key === wider.key)
}
