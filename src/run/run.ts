import { ImgprocError } from '../errors.js'
import type { Summary } from '../jobs/summary.js'
import { createResultCodec } from '../jobs/result-codec.js'
import type { Result } from '../jobs/types.js'
import type { Manifest } from '../manifest/types.js'
import type { Plan } from '../plan/types.js'
import type { FinishedRun } from './execute-run.js'
import type { RunOptions } from './options.js'
import { createBacklog } from '../utils/spool/backlog.js'
import type { OpenedRun, PreparedRun } from './prepare.js'
import { readClock } from '../utils/clock.js'

/** Failures that a message lists. */
const MAX_SHOWN = 5

/** A run in progress: a promise of its summary, its results as they come, and promises for the rest. */
export interface Run extends Promise<Summary>, AsyncIterable<Result> {
  /**
   * Resolves before anything is planned: true if all files are as the last run with the same options left them. Such a run
   * only plans and gives results if `plan`, `manifest` or the results are asked for, which takes longer.
   */
  readonly isUnchanged: Promise<boolean>
  /** Resolves before any image is decoded. */
  readonly plan: Promise<Plan>
  /** Resolves when the run has finished; the same as awaiting the run. */
  readonly summary: Promise<Summary>
  /** Resolves to the manifests of all output folders, joined, when the run has finished. */
  readonly manifest: Promise<Manifest>
}

/**
 * Processes many images in parallel. A run starts at once. Await it for its summary, or iterate it for results as they
 * come.
 *
 * Wrong options, and everything else that is known before an image is read, reject the run, its promises and the iteration
 * with an ImgprocError, and nothing is written. As with any promise, an error that nobody handles ends the process. The
 * failure of an image is data in its result, unless `throwOnFailure` is set.
 *
 * @example
 * ```ts
 * import { run } from 'imgproc'
 * const { renditions, seconds } = await run({ inputs: ['photos/**'], preset: 'thumb', out: 'thumbs' })
 * console.log(`${renditions.written} written in ${seconds} s`)
 * ```
 * @example
 * ```ts
 * import { run } from 'imgproc'
 * const batch = run({ inputs: ['photos/**'], preset: 'thumb', out: 'thumbs' })
 * for await (const { job, status, outputs } of batch) console.log(status, job.path, outputs.length)
 * const { failures } = await batch.summary
 * console.log(`${failures.length} failed`)
 * ```
 */
export function run(options: RunOptions): Run {
  const started = readClock()
  // The caller may read them later, or never.
  const results = createBacklog(createResultCodec())
  const opened = open(options)
  let isStarted = false
  const prepared = once(async () => {
    isStarted = true
    return prepare(await opened)
  })
  const done = once(async () => {
    try {
      const { summarize, joinManifests } = await execute(await prepared(), (result) => results.push(result))
      const summary = summarize((readClock() - started) / 1000)
      if (options.throwOnFailure === true && summary.failures.length > 0)
        throw createImagesFailedError(summary)
      return { summary, joinManifests }
    } finally {
      results.end()
    }
  })
  const summarize = async (): Promise<Summary> => {
    const { counts, run } = await opened
    // Somebody who has asked for the plan or the results by now gets the summary of these.
    if (counts === undefined || isStarted) return (await done()).summary
    const { summarizeUnchanged } = await import('./steps.js')
    return summarizeUnchanged(counts, run, (readClock() - started) / 1000)
  }
  return toRun(summarize(), {
    isUnchanged: () => opened.then(({ counts }) => counts !== undefined),
    plan: () => prepared().then(({ plan }) => plan),
    // Parsing all entries takes time, so it waits until somebody asks.
    manifest: () => done().then(({ joinManifests }) => joinManifests()),
    iterate: async function* () {
      const end = done()
      // Reported by the end of the iteration.
      end.catch(() => {})
      // A caller may break, and iterate again for the rest.
      yield* results.read()
      await end
    },
  })
}

/** Returns a function that calls another at most once, and returns the same promise each time. */
function once<T>(start: () => Promise<T>): () => Promise<T> {
  let started: Promise<T> | undefined
  return () => (started ??= start())
}

/** Returns a run that rejects with an error that occurred before it could start. */
export function createFailedRun(error: unknown): Run {
  const reject = async (): Promise<never> => {
    throw error
  }
  return toRun(reject(), {
    isUnchanged: reject,
    plan: reject,
    manifest: reject,
    iterate: () => ({ next: reject }),
  })
}

/** Sources of a run's properties, called when somebody uses them. */
interface Parts {
  readonly isUnchanged: () => Promise<boolean>
  readonly plan: () => Promise<Plan>
  readonly manifest: () => Promise<Manifest>
  readonly iterate: () => AsyncIterator<Result>
}

/**
 * Makes a run of the promise of its summary. If the caller neither awaits the run nor uses a property that rejects, its
 * rejection stays unhandled, and Node.js ends the process.
 */
function toRun(summary: Promise<Summary>, { isUnchanged, plan, manifest, iterate }: Parts): Run {
  // The caller gets the error from a property.
  const handle = () => void summary.catch(() => {})
  const takeSummary = () => {
    handle()
    return summary
  }
  const takeEarly = <T>(promise: Promise<T>): Promise<T> => {
    // A run that fails after its plan still has to be awaited.
    promise.catch(handle)
    return promise
  }
  const takeManifest = () => {
    handle()
    const promise = manifest()
    promise.catch(() => {})
    return promise
  }
  const takeResults = () => {
    handle()
    return iterate()
  }
  return Object.defineProperties(summary, {
    isUnchanged: { get: () => takeEarly(isUnchanged()) },
    plan: { get: () => takeEarly(plan()) },
    summary: { get: takeSummary },
    manifest: { get: takeManifest },
    [Symbol.asyncIterator]: { value: takeResults },
  }) as Run // with the five properties that a promise lacks
}

function createImagesFailedError({ failures, sources }: Summary): ImgprocError {
  const shown = failures
    .slice(0, MAX_SHOWN)
    .map(({ path, error }) => `${path}: ${error.code} ${error.message}`)
  const more = failures.length - shown.length
  const failed = sources.failed + sources.partial
  const message = [
    `${failed} of ${sources.total} images failed (throwOnFailure):`,
    ...shown,
    ...(more > 0 ? [`and ${more} more`] : []),
  ].join('\n  ')
  const retryable = failures.every(({ error }) => error.retryable)
  return new ImgprocError('IMAGES_FAILED', message, { failures, retryable })
}

async function open(options: RunOptions): Promise<OpenedRun> {
  const { loadRunOperations, openRun, resolveRun } = await import('./steps.js')
  await loadRunOperations(options)
  return openRun(resolveRun(options))
}

async function prepare(opened: OpenedRun): Promise<PreparedRun> {
  const { prepareRun } = await import('./steps.js')
  return prepareRun(opened)
}

async function execute(prepared: PreparedRun, onResult: (result: Result) => void): Promise<FinishedRun> {
  const { executeRun } = await import('./steps.js')
  return executeRun(prepared, onResult)
}
