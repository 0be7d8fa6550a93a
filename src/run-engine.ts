import { existsSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import { extname } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Claims } from './core/claims.js'
import { PACKAGE_ROOT } from './core/package-root.js'
import { toPlace } from './core/refs.js'
import type { Engine, Job, Result } from './core/types.js'
import { createProcessEngine } from './engines/processes.js'
import type { RunOptions } from './run-options.js'
import type { WorkerSetup } from './run-worker.js'
import { shareMemory } from './share-memory.js'

/** In each process: while one image is decoded, another is read or written. */
const IMAGES_A_PROCESS = 2

/** That each process has waiting: it tells of eight at once, and mustn't run dry until it hears of the next. */
const IMAGES_AHEAD = 12

/** Bytes. Of larger ones sharp's threads have enough to do, and one thread of JavaScript keeps up with them. */
const SMALL_IMAGE = 256 * 1024

/**
 * Images, times cores, from which on time is saved that it takes to start processes, to warm them up and to tell them
 * what to do: 4,000 on two cores. The more cores there are, the sooner they wait for the one thread of JavaScript.
 */
const IMAGES_TO_PAY = 8000
/** Fewer are made before a process has warmed up. */
const FEWEST_IMAGES = 250

/** What is left to do in this process. */
export interface Own {
  readonly claims: Claims
  /** Makes a job in this process. */
  readonly execute: (job: Job) => Promise<Result>
  /** Reaches what is in work. */
  readonly signal: AbortSignal | undefined
}

/** An engine of worker processes; undefined where this one had better do it all. */
export function createSharedEngine(jobs: readonly Job[], own: Own, options: RunOptions): Engine | undefined {
  const processes = countProcesses(jobs, options)
  if (processes === 0) return undefined
  const setup = describeRun(jobs, processes, options)
  const module = findModule()
  if (setup === undefined || module === undefined) return undefined
  const { concurrency = processes * IMAGES_A_PROCESS } = options
  return createProcessEngine({ processes, concurrency, ahead: IMAGES_AHEAD, module, setup, ...own })
}

function countProcesses(jobs: readonly Job[], { workers, concurrency = Infinity }: RunOptions): number {
  return Math.min(workers ?? countWorthwhile(jobs), concurrency, jobs.length)
}

/** Processes that make a run faster: two or more where most images are small, and there are many. */
function countWorthwhile(jobs: readonly Job[]): number {
  const small = jobs.filter(({ source }) => source.size > 0 && source.size <= SMALL_IMAGE).length
  const cores = availableParallelism()
  if (small * cores < IMAGES_TO_PAY || small * 2 < jobs.length) return 0
  const processes = Math.min(cores, Math.floor(small / FEWEST_IMAGES))
  return processes > 1 ? processes : 0
}

/** What a worker has to know, if that can go to another process: functions can't. */
function describeRun(
  jobs: readonly Job[],
  processes: number,
  { cwd = '.', root, s3, stores, analyzers = {}, memory }: RunOptions,
): WorkerSetup | undefined {
  const analyze = [...new Set(jobs.flatMap((job) => job.analyze))]
  const own = Object.fromEntries(Object.entries(analyzers).filter(([name]) => analyze.includes(name)))
  const bytes = shareMemory(memory, processes + 1)
  const setup = {
    cwd: toPlace(cwd, '.'),
    analyze,
    slots: IMAGES_A_PROCESS,
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
  const path = extname(import.meta.url) === '.ts' ? 'src/run-worker.ts' : 'dist/bin/run-worker.js'
  const file = fileURLToPath(new URL(path, PACKAGE_ROOT))
  return existsSync(file) ? file : undefined
}
