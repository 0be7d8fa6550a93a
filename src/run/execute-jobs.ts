import { setMaxListeners } from 'node:events'
import type { Analyzer } from '../analyzers/types.js'
import { createOutputClaims } from '../plan/output-claims.js'
import { createBuffers } from '../image/buffer-pool.js'
import { executeJob } from '../jobs/execute-job.js'
import { isRemote } from '../paths/location.js'
import type { Job, Result } from '../jobs/types.js'
import type { Store } from '../stores/types.js'
import { decodersFor, fastJpeg, retainedBytesOf } from '../decoders/index.js'
import { defaultConcurrency } from '../engines/concurrency.js'
import { createComputeLimiter } from '../engines/compute-limiter.js'
import { createInProcessEngine } from '../engines/in-process.js'
import { memoryPerWorker } from '../engines/memory-budget.js'
import { loadSharp } from '../sharp.js'
import { createWorkerEngine } from './worker-engine.js'
import type { OutputFolder } from './types.js'
import type { RunOptions } from './options.js'

/** Images that are read or written over a network while others are computed: at 50 ms a request, 600 a second. */
const IN_FLIGHT = 64
const BYTES_IN_FLIGHT = 128 * 1024 * 1024
const JPEG = /\.jpe?g$/i
/** Images that are read ahead, so that no core waits for a disk. */
const READ_AHEAD = 2

/** Makes what isn't settled, whatever folder it goes to. What has begun when `stop` says so is finished. */
export async function* runJobs(
  folders: readonly OutputFolder[],
  store: Store,
  analyzers: ReadonlyMap<string, Analyzer>,
  options: RunOptions,
  stop: AbortSignal,
): AsyncGenerator<Result> {
  const { concurrency = defaultConcurrency() } = options
  const signal = shareSignal(options.signal)
  const jobs = folders.flatMap((folder) => folder.plan.jobs)
  const isSettled = new Set(folders.flatMap(({ settled }) => settled.map(({ job }) => job)))
  const toMake = jobs.filter((job) => !isSettled.has(job))
  if (toMake.length === 0) return
  const claims = createOutputClaims(jobs)
  const { reserve, release } = claims
  for (const job of isSettled) release(job)
  const far = toMake.some((job) => isRemote(job.source.ref) || isRemote(job.out))
  const bytes = memoryPerWorker(options.memory, 0)
  const decoders = decodersFor(bytes)
  const compute = createComputeLimiter({
    slots: concurrency,
    bytes,
    retainedBytes: () => retainedBytesOf([...decoders, fastJpeg]),
  })
  const buffers = createBuffers()
  const context = {
    input: store,
    output: store,
    reserve,
    signal,
    decoders,
    fastJpeg,
    analyzers,
    compute,
    buffers,
  }
  const make = (job: Job) =>
    executeJob(job, stop.aborted ? { ...context, signal: stop } : context).finally(() => release(job))
  // Who waits for a network needs no more cores.
  const shared = far ? undefined : createWorkerEngine(toMake, { claims, execute: make, signal }, options)
  if (shared === undefined) expectJpegs(toMake)
  // Where it doesn't start no image could be made: that is told once.
  loadSharp()
  const engine =
    shared ??
    createInProcessEngine({
      concurrency: concurrency + (far ? IN_FLIGHT : READ_AHEAD),
      bytes: BYTES_IN_FLIGHT,
      execute: make,
    })
  for await (const result of engine.run(toMake, { signal: shareSignal(stop, signal) })) {
    // What a stop has kept from beginning is no failure, and has no result.
    if (result.error?.code !== 'ABORTED') yield result
  }
}

/** Threads start while sharp does. */
function expectJpegs(jobs: readonly Job[]): void {
  const jpegs = jobs.filter(({ source }) => JPEG.test(source.ref))
  const bytes = jpegs.reduce((sum, { source }) => sum + source.size, 0)
  fastJpeg.expect(bytes, jpegs.length)
}

/** A signal that all that is in flight may listen to, which Node would take for a leak. */
function shareSignal(...signals: (AbortSignal | undefined)[]): AbortSignal | undefined {
  const given = signals.filter((signal) => signal !== undefined)
  if (given.length === 0) return undefined
  const shared = AbortSignal.any(given)
  setMaxListeners(0, shared)
  return shared
}
