import { loadAnalyzers } from '../analyzers/load-analyzers.js'
import type { Analyzer } from '../analyzers/types.js'
import type { ReleaseLock } from '../state/lock.js'
import type { Manifest } from '../manifest/types.js'
import { resolveLocation, relativeLocation } from '../paths/location.js'
import type { Plan } from '../plan/types.js'
import { createTally, type Summary } from '../jobs/summary.js'
import type { Job, Result } from '../jobs/types.js'
import type { Store } from '../stores/types.js'
import { joinPlans, planFolders } from './plan-folders.js'
import type { OutputFolder } from './types.js'
import { runJobs } from './execute-jobs.js'
import { openJournals, type Journals } from './journals.js'
import { needsLock, isOutdated, lockFolders } from './locks.js'
import { joinManifests, recordResults, type BeforeWrite, type WrittenManifest } from './manifests.js'
import { saveFingerprints } from './history.js'
import type { RunOptions } from './options.js'
import { createPruner } from './prune.js'
import { createFailureLimit } from './failure-limit.js'
import { openStores } from './open-stores.js'

/** A run under way: its results as they come, and what it came to. */
export interface Run extends AsyncIterable<Result> {
  /** Settled before anything is decoded. */
  readonly plan: Promise<Plan>
  /** When all is through. */
  readonly summary: Promise<Summary>
  /** What the manifest says when all is through, of each output folder. */
  readonly manifest: Promise<Manifest>
}

/**
 * Makes many images from many images, several at once. Iterate it, or just await its `summary`: it begins by itself.
 *
 * What is wrong in the options, and all that can be known to go wrong before a picture is read, rejects `plan`,
 * `summary` and the iteration with an ImgprocError, and nothing is written. What is wrong with an image is data in
 * its result.
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
  const cwd = resolveLocation(options.cwd ?? '.', '.')
  const ready = prepare(cwd, options)
  const plan = ready.then(({ folders }) => joinPlans(folders))
  let results!: ReadableStreamDefaultController<Result>
  const stream = new ReadableStream<Result>({ start: (controller) => void (results = controller) })
  const done = underLock(ready, async ({ store, folders, analyzers }, journals) => {
    const tally = createTally()
    const limit = createFailureLimit(options, folders.flatMap((folder) => folder.plan.jobs).length)
    const made: Result[] = []
    const take = (result: Result) => {
      limit.record(result)
      made.push(result)
      journals.keep(result, () => {
        tally.add(result)
        results.enqueue(result)
      })
    }
    for (const { settled } of folders) settled.forEach(take)
    for await (const result of runJobs(folders, store, analyzers, options, limit.signal)) take(result)
    await journals.told()
    const { pruned, tidy } = createPruner(store, folders, cwd, options)
    // What was stopped doesn't know all that is there.
    const isWhole = options.signal?.aborted !== true && !limit.signal.aborted
    const last = options.prune === true && isWhole ? tidy : undefined
    const manifests = await foldAll(store, folders, made, journals, last)
    const files = folders.flatMap(({ manifest }) => manifest?.ref ?? [])
    return { tally, limit, pruned, manifests, files }
  })
  done.then(
    () => results.close(),
    (error: unknown) => results.error(error),
  )
  const summary = Promise.all([done, plan]).then(
    ([{ tally, limit, pruned, files }, { jobs, ignored }]): Summary => ({
      ...tally.total(),
      seconds: (performance.now() - started) / 1000,
      ignored: Object.fromEntries(ignored),
      ...(options.prune === true && { pruned: pruned.count }),
      ...limit.summary(jobs.length - tally.total().sources.total),
      ...(pruned.warnings.length > 0 && { warnings: pruned.warnings }),
      ...(files[0] !== undefined && { manifest: relativeLocation(files[0], cwd) }),
    }),
  )
  // Whoever only iterates hears of a failure there.
  for (const promise of [plan, summary, done]) promise.catch(() => {})
  return {
    plan,
    summary,
    // Its entries are parsed for those who ask.
    get manifest() {
      const manifest = done.then(({ manifests }) => joinManifests(manifests))
      manifest.catch(() => {})
      return manifest
    },
    [Symbol.asyncIterator]: () => stream.values({ preventCancel: true }),
  }
}

/** What a run is made of, when nothing can go wrong any more but its pictures. */
interface Prepared {
  readonly store: Store
  readonly folders: readonly OutputFolder[]
  readonly analyzers: ReadonlyMap<string, Analyzer>
  /** Lets other runs into the output folders. */
  readonly release: ReleaseLock
}

/** All that can go wrong before a picture is read: plans, analyzers that are there, and another run at work. */
async function prepare(cwd: string, options: RunOptions): Promise<Prepared> {
  const store = await openStores(cwd, options)
  const look = async () => {
    const folders = await planFolders(store, cwd, options)
    return { store, folders, analyzers: await findAnalyzers(folders, cwd, options) }
  }
  const first = await look()
  if (!needsLock(first.folders, options)) return { ...first, release: async () => {} }
  const release = await lockFolders(store, first.folders, cwd)
  try {
    // Another run may have come to its end between our plan and our lock.
    return { ...((await isOutdated(store, first.folders)) ? await look() : first), release }
  } catch (error) {
    await release()
    throw error
  }
}

async function findAnalyzers(
  folders: readonly OutputFolder[],
  cwd: string,
  { analyzers = {}, root }: RunOptions,
) {
  const names = folders.flatMap((folder) => folder.plan.jobs.flatMap(({ analyze }) => analyze))
  const loaded = await loadAnalyzers(names, analyzers, resolveLocation(root ?? '.', cwd))
  return new Map(loaded.map((analyzer) => [analyzer.name, analyzer]))
}

/** Closes the journals and lets the lock go when all is made, or has failed. */
async function underLock<T>(
  ready: Promise<Prepared>,
  make: (prepared: Prepared, journals: Journals) => Promise<T>,
): Promise<T> {
  const prepared = await ready
  const journals = openJournals(prepared.store, prepared.folders)
  try {
    return await make(prepared, journals)
  } finally {
    try {
      await journals.close()
    } finally {
      await prepared.release()
    }
  }
}

/** Folds results into the manifests, and drops the journals that kept them until then. */
async function foldAll(
  store: Store,
  folders: readonly OutputFolder[],
  made: readonly Result[],
  journals: Journals,
  tidy: BeforeWrite | undefined,
): Promise<WrittenManifest[]> {
  const isKnown = (job: Job) => folders.some(({ known }) => known.has(job))
  const manifests = await recordResults(store, folders, made, isKnown, tidy)
  for (const folder of folders) {
    const { out, memory, manifest } = folder
    const news = made.filter(({ job }) => job.out === out && !isKnown(job))
    const written = manifests.find(({ ref }) => ref !== undefined && ref === manifest?.ref)
    await saveFingerprints(store, folder, memory, news, written?.hash)
    await journals.end(out)
  }
  return manifests
}
