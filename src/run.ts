import { loadAnalyzers } from './analyzers/load.js'
import { addToJournal, endJournal } from './core/journal.js'
import type { Manifest } from './core/manifest-types.js'
import { isRemote, toPlace, wayTo } from './core/refs.js'
import type { Plan } from './core/plan.js'
import { createTally, type Summary } from './core/summary.js'
import type { Job, Result } from './core/types.js'
import { joinPlans, planGroups, type Group } from './run-groups.js'
import { runJobs } from './run-jobs.js'
import { joinManifests, recordResults } from './run-manifests.js'
import { rememberAll } from './run-memory.js'
import type { RunOptions } from './run-options.js'
import { openStores } from './run-places.js'

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
  const done = ready.then(async ({ store, groups, analyzers }) => {
    const tally = createTally()
    const made: Result[] = []
    for await (const result of runJobs(groups, store, analyzers, options)) {
      // Before anybody hears of it: what was told is not made again.
      if (isNews(result, groups)) await addToJournal(store, result)
      tally.add(result)
      results.enqueue(result)
      made.push(result)
    }
    const isKnown = (job: Job) => groups.some(({ known }) => known.has(job))
    const manifests = await recordResults(store, groups, made, isKnown)
    for (const group of groups) {
      const { out, memory, manifest } = group
      const news = made.filter(({ job }) => job.out === out && !isKnown(job))
      const written = manifests.find(({ ref }) => ref !== undefined && ref === manifest?.ref)
      await rememberAll(store, group, memory, news, written?.hash)
      if (memory !== undefined && !isRemote(out)) await endJournal(store, out)
    }
    return { tally, manifests, files: groups.flatMap(({ manifest }) => manifest?.ref ?? []) }
  })
  done.then(
    () => results.close(),
    (error: unknown) => results.error(error),
  )
  const summary = Promise.all([done, plan]).then(([{ tally, files }, { ignored }]): Summary => ({
    ...tally.total(),
    seconds: (performance.now() - started) / 1000,
    ignored: Object.fromEntries(ignored),
    ...(files[0] !== undefined && { manifest: wayTo(files[0], cwd) }),
  }))
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

/**
 * What `run` would make of the same options: the sources, and where each output would go. Opens no image and
 * writes nothing; throws what `run` would reject with.
 *
 * @example
 * ```ts
 * import { plan } from 'imgproc'
 * const { jobs } = await plan({ inputs: ['photos/**'], preset: 'thumb' })
 * for (const job of jobs) console.log(job.path, job.renditions.map((rendition) => rendition.target))
 * ```
 */
export async function plan(options: RunOptions): Promise<Plan> {
  const cwd = toPlace(options.cwd ?? '.', '.')
  const groups = await planGroups(await openStores(cwd, options), cwd, options)
  return joinPlans(groups)
}

/** All that can go wrong before a picture is read: plans, and analyzers that are there. */
async function prepare(cwd: string, options: RunOptions) {
  const store = await openStores(cwd, options)
  const groups = await planGroups(store, cwd, options)
  const names = groups.flatMap((group) => group.plan.jobs.flatMap(({ analyze }) => analyze))
  const loaded = await loadAnalyzers(names, options.analyzers ?? {}, toPlace(options.root ?? '.', cwd))
  return { store, groups, analyzers: new Map(loaded.map((analyzer) => [analyzer.name, analyzer])) }
}

/** Whether a result is news to a manifest on the disk. */
function isNews({ job, outputs, error }: Result, groups: readonly Group[]): boolean {
  const own = groups.find(({ out }) => out === job.out)
  if (isRemote(job.out) || own?.memory === undefined || own.known.has(job)) return false
  return error !== undefined || outputs.some(({ action }) => action !== 'unchanged')
}
