import { createTally, type Summary } from '../jobs/summary.js'
import type { Job, Result } from '../jobs/types.js'
import type { Manifest } from '../manifest/types.js'
import { relativeLocation } from '../paths/location.js'
import type { Plan } from '../plan/types.js'
import { runJobs } from './execute-jobs.js'
import { createFailureLimit } from './failure-limit.js'
import { saveFingerprints } from './history.js'
import { openJournals, type Journals } from './journals.js'
import { joinManifests, recordResults, type BeforeWrite, type WrittenManifest } from './manifests.js'
import type { RunOptions } from './options.js'
import { joinPlans } from './plan-folders.js'
import { prepareRun, type PreparedRun } from './prepare.js'
import { createPruner } from './prune.js'
import { resolveRun } from './resolve-options.js'

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
  const prepared = Promise.resolve(options).then(resolveRun).then(prepareRun)
  const plan = prepared.then(({ folders }) => joinPlans(folders))
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
      const manifest = done.then(({ manifests }) => joinManifests(manifests))
      manifest.catch(() => {})
      return manifest
    },
    [Symbol.asyncIterator]: () => stream.values({ preventCancel: true }),
  }
}

/** A finished run. */
interface Finished {
  readonly manifests: readonly WrittenManifest[]
  readonly summarize: (seconds: number) => Summary
}

/** Executes the jobs of a run and writes the manifests; closes the journals and releases the locks in any case. */
async function execute(prepared: PreparedRun, onResult: (result: Result) => void): Promise<Finished> {
  const journals = openJournals(prepared.store, prepared.folders)
  try {
    return await executeAll(prepared, journals, onResult)
  } finally {
    try {
      await journals.close()
    } finally {
      await prepared.release()
    }
  }
}

async function executeAll(
  { run, store, folders, analyzers }: PreparedRun,
  journals: Journals,
  onResult: (result: Result) => void,
): Promise<Finished> {
  const tally = createTally()
  const { jobs, ignored } = joinPlans(folders)
  const failureLimit = createFailureLimit(run, jobs.length)
  const results: Result[] = []
  const add = (result: Result) => {
    failureLimit.record(result)
    results.push(result)
    journals.add(result, () => {
      tally.add(result)
      onResult(result)
    })
  }
  for (const { settled } of folders) settled.forEach(add)
  for await (const result of runJobs(folders, store, analyzers, run, failureLimit.signal)) add(result)
  await journals.flushed()
  const { pruned, beforeWrite } = createPruner(store, folders, run)
  // A run that was stopped does not know all outputs.
  const isWhole = run.signal?.aborted !== true && !failureLimit.signal.aborted
  const manifests = await writeManifests(
    store,
    folders,
    results,
    journals,
    run.prune && isWhole ? beforeWrite : undefined,
  )
  const [file] = folders.flatMap(({ manifest }) => manifest?.ref ?? [])
  const summarize = (seconds: number): Summary => ({
    ...tally.total(),
    seconds,
    ignored: Object.fromEntries(ignored),
    ...(run.prune && { pruned: pruned.count }),
    ...failureLimit.summary(jobs.length - tally.total().sources.total),
    ...(pruned.warnings.length > 0 && { warnings: pruned.warnings }),
    ...(file !== undefined && { manifest: relativeLocation(file, run.cwd) }),
  })
  return { manifests, summarize }
}

/** Applies results to the manifests, and removes the journals that kept them until then. */
async function writeManifests(
  store: PreparedRun['store'],
  folders: PreparedRun['folders'],
  results: readonly Result[],
  journals: Journals,
  beforeWrite: BeforeWrite | undefined,
): Promise<WrittenManifest[]> {
  const isKnown = (job: Job) => folders.some(({ known }) => known.has(job))
  const manifests = await recordResults(store, folders, results, isKnown, beforeWrite)
  for (const folder of folders) {
    const { out, history, manifest } = folder
    const changed = results.filter(({ job }) => job.out === out && !isKnown(job))
    const written = manifests.find(({ ref }) => ref !== undefined && ref === manifest?.ref)
    await saveFingerprints(store, folder, history, changed, written?.hash)
    await journals.remove(out)
  }
  return manifests
}
