import { existsSync } from 'node:fs'
import { extname } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { OutputClaims } from '../plan/output-claims.js'
import { PACKAGE_ROOT } from '../utils/package-root.js'
import { resolveLocation } from '../paths/location.js'
import type { Job, Result } from '../jobs/types.js'
import type { Engine } from '../engines/types.js'
import { countWorkers } from './worker-count.js'
import { defaultConcurrency } from '../engines/concurrency.js'
import { createWorkerPoolEngine } from '../engines/worker-pool.js'
import type { RunOptions } from './options.js'
import type { WorkerSetup } from './worker-main.js'
import { memoryPerWorker } from '../engines/memory-budget.js'

/** That each process has waiting: it tells of eight at once, and mustn't run dry until it hears of the next. */
const IMAGES_AHEAD = 12

/** What is left to do in this process. */
export interface InProcessWork {
  readonly claims: OutputClaims
  /** Makes a job in this process. */
  readonly execute: (job: Job) => Promise<Result>
  /** Reaches what is in work. */
  readonly signal: AbortSignal | undefined
}

/** An engine of worker processes; undefined where this one had better do it all. */
export function createWorkerEngine(
  jobs: readonly Job[],
  own: InProcessWork,
  options: RunOptions,
): Engine | undefined {
  const processes = countWorkers(jobs, options)
  if (processes === 0) return undefined
  // Two of each, so that one is decoded while another is read or written.
  const { concurrency = Math.max(defaultConcurrency(), processes * 2) } = options
  const setup = describeRun(jobs, processes, concurrency, options)
  const module = findModule()
  if (setup === undefined || module === undefined) return undefined
  return createWorkerPoolEngine({ processes, concurrency, ahead: IMAGES_AHEAD, module, setup, ...own })
}

/** What a worker has to know, if that can go to another process: functions can't. */
function describeRun(
  jobs: readonly Job[],
  processes: number,
  concurrency: number,
  { cwd = '.', root, s3, stores, analyzers = {}, memory }: RunOptions,
): WorkerSetup | undefined {
  const analyze = [...new Set(jobs.flatMap((job) => job.analyze))]
  const own = Object.fromEntries(Object.entries(analyzers).filter(([name]) => analyze.includes(name)))
  const bytes = memoryPerWorker(memory, processes)
  const setup = {
    cwd: resolveLocation(cwd, '.'),
    analyze,
    slots: Math.ceil(concurrency / processes),
    bytes,
    options: { root, s3, stores, analyzers: own },
  }
  try {
    return structuredClone(setup)
  } catch {
    return undefined
  }
}

/** The workers' module, of the sources or bundled; undefined where another bundler has left it behind. */
function findModule(): string | undefined {
  const path = extname(import.meta.url) === '.ts' ? 'src/run/worker-main.ts' : 'dist/bin/worker-main.js'
  const file = fileURLToPath(new URL(path, PACKAGE_ROOT))
  return existsSync(file) ? file : undefined
}
