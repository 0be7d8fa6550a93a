import { Readable } from 'node:stream'
import { ImgprocError } from '../errors.js'
import type { Summary } from '../jobs/summary.js'
import type { Result } from '../jobs/types.js'
import type { Manifest } from '../manifest/types.js'
import type { Plan } from '../plan/types.js'
import type { FinishedRun } from './execute-run.js'
import type { RunOptions } from './options.js'
import type { PreparedRun } from './prepare.js'

/** Failures that a message lists. */
const MAX_SHOWN = 5

/** A run in progress: a promise of its summary, its results as they come, and promises for the rest. */
export interface Run extends Promise<Summary>, AsyncIterable<Result> {
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
  const started = performance.now()
  const prepared = prepare(options)
  const results = new Readable({ objectMode: true, read() {} })
  const finished = prepared.then((ready) => execute(ready, (result) => results.push(result)))
  const close = () => results.push(null)
  finished.then(close, close)
  const done = finished.then(({ summarize, joinManifests }) => {
    const summary = summarize((performance.now() - started) / 1000)
    if (options.throwOnFailure === true && summary.failures.length > 0) throw createImagesFailedError(summary)
    return { summary, joinManifests }
  })
  return toRun(
    done.then(({ summary }) => summary),
    {
      plan: () => prepared.then(({ plan }) => plan),
      // Parsing all entries takes time, so it waits until somebody asks.
      manifest: () => done.then(({ joinManifests }) => joinManifests()),
      iterate: async function* () {
        // A caller may break, and iterate again for the rest.
        yield* results.iterator({ destroyOnReturn: false }) as AsyncIterable<Result>
        await done
      },
    },
  )
}

/** Returns a run that rejects with an error that occurred before it could start. */
export function createFailedRun(error: unknown): Run {
  const reject = async (): Promise<never> => {
    throw error
  }
  return toRun(reject(), { plan: reject, manifest: reject, iterate: () => ({ next: reject }) })
}

/** Sources of a run's properties, called when somebody uses them. */
interface Parts {
  readonly plan: () => Promise<Plan>
  readonly manifest: () => Promise<Manifest>
  readonly iterate: () => AsyncIterator<Result>
}

/**
 * Makes a run of the promise of its summary. If the caller neither awaits the run nor uses a property that rejects, its
 * rejection stays unhandled, and Node.js ends the process.
 */
function toRun(summary: Promise<Summary>, { plan, manifest, iterate }: Parts): Run {
  // The caller gets the error from a property.
  const handle = () => void summary.catch(() => {})
  const takeSummary = () => {
    handle()
    return summary
  }
  const takePlan = () => {
    const promise = plan()
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
    plan: { get: takePlan },
    summary: { get: takeSummary },
    manifest: { get: takeManifest },
    [Symbol.asyncIterator]: { value: takeResults },
  }) as Run // with the four properties that a promise lacks
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

async function prepare(options: RunOptions): Promise<PreparedRun> {
  const { prepareRun, resolveRun } = await import('./steps.js')
  return prepareRun(resolveRun(options))
}

async function execute(prepared: PreparedRun, onResult: (result: Result) => void): Promise<FinishedRun> {
  const { executeRun } = await import('./steps.js')
  return executeRun(prepared, onResult)
}
