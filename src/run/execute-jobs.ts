import { setMaxListeners } from 'node:events'
import type { Analyzer } from '../analyzers/types.js'
import { concatJobs } from '../plan/job-list.js'
import { createOutputClaims } from '../plan/output-claims.js'
import type { JobList } from '../plan/types.js'
import { executeJob, type ExecuteContext } from '../jobs/execute-job.js'
import { isRemote } from '../paths/location.js'
import type { Job, Result } from '../jobs/types.js'
import type { Store } from '../stores/types.js'
import { fastCodec } from '../decoders/index.js'
import { defaultConcurrency } from '../engines/concurrency.js'
import { createInProcessEngine } from '../engines/in-process.js'
import { loadSharp } from '../sharp.js'
import { isJpeg, isPng, isTranscoded } from '../jobs/transcoding.js'
import { createExecution } from './execution.js'
import { createWorkerEngine } from './worker-engine.js'
import { allJobs } from './plan-folders.js'
import type { OutputFolder, ResolvedRun } from './types.js'

/** Images that are read or written over a network while others are processed: 600 a second at 50 ms a request. */
const IN_FLIGHT = 64
const BYTES_IN_FLIGHT = 128 * 1024 * 1024
/** Images that are read ahead, so that no core waits for the disk. */
const READ_AHEAD = 2

/** Executes the jobs of all folders that are not settled yet. After `stop` aborts, jobs in work are finished. */
export async function* executeJobs(
  folders: readonly OutputFolder[],
  store: Store,
  analyzers: ReadonlyMap<string, Analyzer>,
  run: ResolvedRun,
  stop: AbortSignal,
): AsyncGenerator<Result> {
  const { concurrency = defaultConcurrency(), onEvent } = run
  const onRendition = onEvent && ((job: Job) => onEvent({ kind: 'rendition', job }))
  const signal = shareSignal(run.signal)
  const toMake = concatJobs(folders.map(({ checked }) => checked.toMake))
  if (toMake.length === 0) return
  const claims = createOutputClaims(allJobs(folders))
  const { reserve, release } = claims
  if (run.engine !== undefined) {
    const engine = run.engine({ jobs: toMake, claims, isCurrent: createCurrentCheck(store) })
    const noMore = shareSignal(stop, signal)
    for await (const result of engine.run(reportStarts(toMake, onEvent), { signal: noMore })) yield result
    return
  }
  const { far, areTranscoded, expected } = lookAt(toMake)
  const context: ExecuteContext = {
    ...createExecution(run.memory, concurrency),
    input: store,
    output: store,
    reserve,
    signal,
    analyzers,
    onRendition,
  }
  const make = (job: Job) =>
    executeJob(job, stop.aborted ? { ...context, signal: stop } : context).finally(() => release(job))
  const transfers = far ? { images: IN_FLIGHT, bytes: BYTES_IN_FLIGHT } : undefined
  const shared = createWorkerEngine(toMake, { claims, execute: make, onRendition, signal }, run, transfers)
  // The JPEG threads start before the first image is read.
  const endJpegs = shared === undefined ? fastCodec.expect(expected.bytes, expected.files) : undefined
  try {
    // If sharp cannot be loaded, no other image can be made: this throws once, not for each image.
    if (!areTranscoded) loadSharp()
    const engine =
      shared ??
      createInProcessEngine({
        concurrency: concurrency + (far ? IN_FLIGHT : READ_AHEAD),
        bytes: BYTES_IN_FLIGHT,
        execute: make,
      })
    for await (const result of engine.run(reportStarts(toMake, onEvent), {
      signal: shareSignal(stop, signal),
    })) {
      // A job that was never started because of a stop is no failure, and has no result.
      if (result.error?.code !== 'ABORTED') yield result
    }
  } finally {
    endJpegs?.()
  }
}

/** Creates the check of results of an earlier run: their outputs have to be there, with the same sizes. */
function createCurrentCheck(store: Store) {
  return async ({ job, outputs }: Result): Promise<boolean> => {
    const written = outputs.filter((output) => output.action === 'written')
    const found = await Promise.all(written.map(({ path }) => store.stat(`${job.out}/${path}`)))
    return written.every(({ bytes }, at) => found[at]?.size === bytes)
  }
}

/** Reports each job when the engine takes it. The oldest that has no result is in work. */
function* reportStarts(jobs: JobList, onEvent: ResolvedRun['onEvent']): Generator<Job> {
  for (const job of jobs) {
    onEvent?.({ kind: 'started', job })
    yield job
  }
}

/** Looks at all jobs once for what decides how they are made. */
function lookAt(jobs: JobList) {
  let [far, areTranscoded] = [false, true]
  const expected = { files: 0, bytes: 0 }
  for (const job of jobs) {
    far ||= isRemote(job.source.ref) || isRemote(job.out)
    areTranscoded &&= isTranscoded(job)
    // A PNG saves a part of its decoding, a JPEG a whole call of sharp.
    if (isJpeg(job)) expected.files++
    if (isJpeg(job) || isPng(job)) expected.bytes += job.source.size
  }
  return { far, areTranscoded, expected }
}

/** Creates a signal that many listeners may share without Node's warning of a leak. */
function shareSignal(...signals: (AbortSignal | undefined)[]): AbortSignal | undefined {
  const given = signals.filter((signal) => signal !== undefined)
  if (given.length === 0) return undefined
  const shared = AbortSignal.any(given)
  setMaxListeners(0, shared)
  return shared
}
