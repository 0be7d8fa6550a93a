import type { Summary } from '../jobs/summary.js'
import type { Result } from '../jobs/types.js'
import type { Manifest } from '../manifest/types.js'
import type { Plan } from '../plan/types.js'
import type { FinishedRun } from './execute-run.js'
import type { RunOptions } from './options.js'
import type { PreparedRun } from './prepare.js'

/** A run in progress: its results as they come, and promises for the rest. */
export interface Run extends AsyncIterable<Result> {
  /** Resolves before any image is decoded. */
  readonly plan: Promise<Plan>
  /** Resolves when the run has finished. */
  readonly summary: Promise<Summary>
  /** Resolves to the manifests of all output folders, joined, when the run has finished. */
  readonly manifest: Promise<Manifest>
}

/**
 * Processes many images in parallel. A run starts at once: iterate it, or await its `summary`.
 *
 * Wrong options, and everything else that is known before an image is read, reject `plan`, `summary` and the iteration
 * with an ImgprocError, and nothing is written. The failure of an image is data in its result.
 *
 * @example
 * ```ts
 * import { run } from 'imgproc'
 * const batch = run({ inputs: ['photos/**'], preset: 'thumb', out: 'thumbs' })
 * for await (const { job, status, outputs } of batch) console.log(status, job.path, outputs.length)
 * const { renditions, seconds } = await batch.summary
 * console.log(`${renditions.written} written in ${seconds} s`)
 * ```
 */
export function run(options: RunOptions): Run {
  const started = performance.now()
  const prepared = prepare(options)
  const plan = prepared.then(({ plan }) => plan)
  let results!: ReadableStreamDefaultController<Result>
  const stream = new ReadableStream<Result>({ start: (controller) => void (results = controller) })
  const done = prepared.then((ready) => execute(ready, (result) => results.enqueue(result)))
  done.then(
    () => results.close(),
    (error: unknown) => results.error(error),
  )
  const summary = done.then(({ summarize }) => summarize((performance.now() - started) / 1000))
  // A caller that only iterates gets the error there.
  for (const promise of [plan, summary, done]) promise.catch(() => {})
  return {
    plan,
    summary,
    // Parsing all entries takes time, so it waits until somebody asks.
    get manifest() {
      const manifest = done.then(({ joinManifests }) => joinManifests())
      manifest.catch(() => {})
      return manifest
    },
    [Symbol.asyncIterator]: () => stream.values({ preventCancel: true }),
  }
}

async function prepare(options: RunOptions): Promise<PreparedRun> {
  const { prepareRun, resolveRun } = await import('./steps.js')
  return prepareRun(resolveRun(options))
}

async function execute(prepared: PreparedRun, onResult: (result: Result) => void): Promise<FinishedRun> {
  const { executeRun } = await import('./steps.js')
  return executeRun(prepared, onResult)
}
