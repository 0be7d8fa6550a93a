import { loadAnalyzers } from '../analyzers/load-analyzers.js'
import type { Analyzer } from '../analyzers/types.js'
import type { LetGo } from '../state/lock.js'
import type { Manifest } from '../manifest/types.js'
import { toPlace, wayTo } from '../paths/location.js'
import type { Plan } from '../plan/types.js'
import { createTally, type Summary } from '../jobs/summary.js'
import type { Job, Result } from '../jobs/types.js'
import type { Store } from '../stores/types.js'
import { joinPlans, planGroups } from './plan-folders.js'
import type { Group } from './types.js'
import { runJobs } from './execute-jobs.js'
import { openJournals, type Journals } from './journals.js'
import { hasNews, isOutdated, lockGroups } from './locks.js'
import { joinManifests, recordResults, type Tidy, type Written } from './manifests.js'
import { rememberAll } from './history.js'
import type { RunOptions } from './options.js'
import { createPruner } from './prune.js'
import { createBrake } from './failure-limit.js'
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
  const cwd = toPlace(options.cwd ?? '.', '.')
  const ready = prepare(cwd, options)
  const plan = ready.then(({ groups }) => joinPlans(groups))
  let results!: ReadableStreamDefaultController<Result>
  const stream = new ReadableStream<Result>({ start: (controller) => void (results = controller) })
  const done = underLock(ready, async ({ store, groups, analyzers }, journals) => {
    const tally = createTally()
    const brake = createBrake(options, groups.flatMap((group) => group.plan.jobs).length)
    const made: Result[] = []
    const take = (result: Result) => {
      brake.see(result)
      made.push(result)
      journals.keep(result, () => {
        tally.add(result)
        results.enqueue(result)
      })
    }
    for (const { settled } of groups) settled.forEach(take)
    for await (const result of runJobs(groups, store, analyzers, options, brake.signal)) take(result)
    await journals.told()
    const { pruned, tidy } = createPruner(store, groups, cwd, options)
    // What was stopped doesn't know all that is there.
    const isWhole = options.signal?.aborted !== true && !brake.signal.aborted
    const last = options.prune === true && isWhole ? tidy : undefined
    const manifests = await foldAll(store, groups, made, journals, last)
    return { tally, brake, pruned, manifests, files: groups.flatMap(({ manifest }) => manifest?.ref ?? []) }
  })
  done.then(
    () => results.close(),
    (error: unknown) => results.error(error),
  )
  const summary = Promise.all([done, plan]).then(
    ([{ tally, brake, pruned, files }, { jobs, ignored }]): Summary => ({
      ...tally.total(),
      seconds: (performance.now() - started) / 1000,
      ignored: Object.fromEntries(ignored),
      ...(options.prune === true && { pruned: pruned.count }),
      ...brake.told(jobs.length - tally.total().sources.total),
      ...(pruned.warnings.length > 0 && { warnings: pruned.warnings }),
      ...(files[0] !== undefined && { manifest: wayTo(files[0], cwd) }),
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
  readonly groups: readonly Group[]
  readonly analyzers: ReadonlyMap<string, Analyzer>
  /** Lets other runs into the output folders. */
  readonly letGo: LetGo
}

/** All that can go wrong before a picture is read: plans, analyzers that are there, and another run at work. */
async function prepare(cwd: string, options: RunOptions): Promise<Prepared> {
  const store = await openStores(cwd, options)
  const look = async () => {
    const groups = await planGroups(store, cwd, options)
    return { store, groups, analyzers: await findAnalyzers(groups, cwd, options) }
  }
  const first = await look()
  if (!hasNews(first.groups, options)) return { ...first, letGo: async () => {} }
  const letGo = await lockGroups(store, first.groups, cwd)
  try {
    // Another run may have come to its end between our plan and our lock.
    return { ...((await isOutdated(store, first.groups)) ? await look() : first), letGo }
  } catch (error) {
    await letGo()
    throw error
  }
}

async function findAnalyzers(groups: readonly Group[], cwd: string, { analyzers = {}, root }: RunOptions) {
  const names = groups.flatMap((group) => group.plan.jobs.flatMap(({ analyze }) => analyze))
  const loaded = await loadAnalyzers(names, analyzers, toPlace(root ?? '.', cwd))
  return new Map(loaded.map((analyzer) => [analyzer.name, analyzer]))
}

/** Closes the journals and lets the lock go when all is made, or has failed. */
async function underLock<T>(
  ready: Promise<Prepared>,
  make: (prepared: Prepared, journals: Journals) => Promise<T>,
): Promise<T> {
  const prepared = await ready
  const journals = openJournals(prepared.store, prepared.groups)
  try {
    return await make(prepared, journals)
  } finally {
    try {
      await journals.close()
    } finally {
      await prepared.letGo()
    }
  }
}

/** Folds results into the manifests, and drops the journals that kept them until then. */
async function foldAll(
  store: Store,
  groups: readonly Group[],
  made: readonly Result[],
  journals: Journals,
  tidy: Tidy | undefined,
): Promise<Written[]> {
  const isKnown = (job: Job) => groups.some(({ known }) => known.has(job))
  const manifests = await recordResults(store, groups, made, isKnown, tidy)
  for (const group of groups) {
    const { out, memory, manifest } = group
    const news = made.filter(({ job }) => job.out === out && !isKnown(job))
    const written = manifests.find(({ ref }) => ref !== undefined && ref === manifest?.ref)
    await rememberAll(store, group, memory, news, written?.hash)
    await journals.end(out)
  }
  return manifests
}
