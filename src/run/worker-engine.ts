import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import type { OutputClaims } from '../plan/output-claims.js'
import type { JobList } from '../plan/types.js'
import { PACKAGE_ROOT } from '../utils/package-root.js'
import type { Job, Result } from '../jobs/types.js'
import type { Engine } from '../engines/types.js'
import { countWorkers } from './worker-count.js'
import { defaultConcurrency } from '../engines/concurrency.js'
import { createWorkerPoolEngine } from '../engines/worker-pool.js'
import type { ResolvedRun } from './types.js'
import type { WorkerSetup } from './worker-main.js'
import { memoryCeiling, memoryPerWorker } from '../engines/memory-budget.js'

/** Images that wait in each process. It reports eight at once, and must not run dry until the next arrive. */
const IMAGES_AHEAD = 12

/** The part of the work that stays in this process. */
export interface InProcessWork {
  readonly claims: OutputClaims
  /** Executes a job in this process. */
  readonly execute: (job: Job) => Promise<Result>
  /** Called when one of several renditions of a job is encoded. */
  readonly onRendition?: ((job: Job) => void) | undefined
  /** Aborts images in work. */
  readonly signal: AbortSignal | undefined
}

/** Images that are read or written over a network while others are processed. */
export interface Transfers {
  readonly images: number
  /** Total size of their sources. */
  readonly bytes: number
}

type WorkerOptions = Pick<
  ResolvedRun,
  | 'cwd'
  | 'root'
  | 's3'
  | 'gcs'
  | 'azure'
  | 'stores'
  | 'analyzers'
  | 'operations'
  | 'memory'
  | 'workers'
  | 'concurrency'
>

/** Creates an engine of worker processes; undefined if this process does the work alone faster, or must. */
export function createWorkerEngine(
  jobs: JobList,
  own: InProcessWork,
  run: WorkerOptions,
  transfers?: Transfers,
): Engine | undefined {
  const processes = countWorkers(jobs, run)
  if (processes === 0) return undefined
  // Two images a process, so that one is decoded while another is read or written.
  const { concurrency = Math.max(defaultConcurrency(), processes * 2) } = run
  const setup = describeRun(jobs, processes, concurrency, run)
  const module = findModule()
  if (setup === undefined || module === undefined) return undefined
  return createWorkerPoolEngine({
    processes,
    concurrency: concurrency + (transfers?.images ?? 0),
    ahead: IMAGES_AHEAD,
    slots: concurrency,
    bytes: transfers?.bytes,
    module,
    setup,
    ...own,
  })
}

/** Returns the setup of a worker; undefined if it cannot be sent to another process, such as a function. */
function describeRun(
  jobs: JobList,
  processes: number,
  concurrency: number,
  { cwd, root, s3, gcs, azure, stores, analyzers, operations, memory }: WorkerOptions,
): WorkerSetup | undefined {
  const names = new Set<string>()
  for (const job of jobs) for (const name of job.analyze) names.add(name)
  const analyze = [...names]
  const own = Object.fromEntries(Object.entries(analyzers).filter(([name]) => analyze.includes(name)))
  const bytes = memoryPerWorker(memory, processes)
  const setup = {
    stores: { cwd, root, s3, gcs, azure, stores },
    analyzers: own,
    operations,
    analyze,
    slots: Math.ceil(concurrency / processes),
    bytes,
    availableMemory: memoryCeiling(memory),
  }
  try {
    return structuredClone(setup)
  } catch {
    return undefined
  }
}

/** Returns the workers' bundled module; undefined if a user's bundler left it out. */
function findModule(): string | undefined {
  const file = fileURLToPath(new URL('dist/bundle/worker-main.js', PACKAGE_ROOT))
  return existsSync(file) ? file : undefined
}
