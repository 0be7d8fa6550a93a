import { setMaxListeners } from 'node:events'
import { availableParallelism } from 'node:os'
import pLimit from 'p-limit'
import { loadAnalyzers } from './analyzers/load.js'
import type { Analyzer } from './core/analyzer.js'
import { createClaims } from './core/claims.js'
import { refuseOverwrites } from './core/collisions.js'
import { execute } from './core/execute.js'
import { addToJournal, endJournal } from './core/journal.js'
import type { Manifest } from './core/manifest-types.js'
import type { Memory } from './core/recall.js'
import { isRemote, toPlace, wayTo } from './core/refs.js'
import { plan as planJobs, type Plan, type PlanBatch } from './core/plan.js'
import { withDefaults } from './core/source.js'
import { createTally, type Summary } from './core/summary.js'
import type { Result, Store } from './core/types.js'
import { decoders } from './decoders.js'
import { createLocalEngine } from './engines/local.js'
import { toBatches, type Batch } from './run-batches.js'
import { openMemory, recallAll, rememberAll } from './run-memory.js'
import type { RunOptions } from './run-options.js'
import { openManifest, openStores } from './run-places.js'
import { joinManifests, outputsOf, recordResults, recover, type Recorded } from './run-manifests.js'

/** A run under way: its results as they come, and what it came to. */
export interface Run extends AsyncIterable<Result> {
  /** Settled before anything is decoded. */
  readonly plan: Promise<Plan>
  /** When all is through. */
  readonly summary: Promise<Summary>
  /** What the manifest says when all is through, of each output folder. */
  readonly manifest: Promise<Manifest>
}

/** Images that are read or written over a network while others are computed: at 50 ms a request, 600 a second. */
const IN_FLIGHT = 64
const BYTES_IN_FLIGHT = 128 * 1024 * 1024

/** Jobs into one output folder. */
interface Group extends Recorded {
  /** Jobs of only that which is to be made. */
  readonly plan: Plan
  readonly memory: Memory | undefined
  /** Of jobs that have nothing to make. */
  readonly settled: readonly Result[]
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
  const plan = ready.then(({ groups }) => joinPlans(groups.map((group) => group.plan)))
  let results!: ReadableStreamDefaultController<Result>
  const stream = new ReadableStream<Result>({ start: (controller) => void (results = controller) })
  const done = ready.then(async ({ store, groups, analyzers }) => {
    const tally = createTally()
    const made: Result[] = []
    for await (const result of runJobs(groups, store, analyzers, options)) {
      // Before anybody hears of it: what was told is not made again.
      if (isJournaled(result, groups)) await addToJournal(store, result)
      tally.add(result)
      results.enqueue(result)
      made.push(result)
    }
    const manifests = await recordResults(store, groups, made)
    for (const { out, memory } of groups) {
      const own = made.filter(({ job }) => job.out === out)
      await rememberAll(store, out, memory, own)
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
  const manifest = done.then(({ manifests }) => joinManifests(manifests))
  // Whoever only iterates hears of a failure there.
  for (const promise of [plan, summary, manifest]) promise.catch(() => {})
  return { plan, summary, manifest, [Symbol.asyncIterator]: () => stream.values({ preventCancel: true }) }
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
  return joinPlans(groups.map((group) => group.plan))
}

/** All that can go wrong before a picture is read: plans, and analyzers that are there. */
async function prepare(cwd: string, options: RunOptions) {
  const store = await openStores(cwd, options)
  const groups = await planGroups(store, cwd, options)
  const names = groups.flatMap((group) => group.plan.jobs.flatMap(({ analyze }) => analyze))
  const loaded = await loadAnalyzers(names, options.analyzers ?? {}, toPlace(options.root ?? '.', cwd))
  return { store, groups, analyzers: new Map(loaded.map((analyzer) => [analyzer.name, analyzer])) }
}

/** Plans every output folder before anything is made in one. */
async function planGroups(store: Store, cwd: string, options: RunOptions): Promise<Group[]> {
  const batches = toBatches(options).map((batch) => ({ ...batch, out: toPlace(batch.out, cwd) }))
  const folders: Recorded[] = []
  for (const out of new Set(batches.map((batch) => batch.out)))
    folders.push(await recover(store, out, await openManifest(store, cwd, out, options)))
  const shared = {
    root: toPlace(options.root ?? '.', cwd),
    limits: withDefaults(options.limits),
    failOn: options.failOn ?? 'error',
    baseUrl: options.baseUrl,
    otherOuts: folders.map(({ out }) => out),
    madeBefore: new Set(folders.flatMap(({ manifest }) => outputsOf(manifest))),
    allowEmpty: options.allowEmpty,
    suggest: options.suggest,
    signal: options.signal,
  }
  const groups: Group[] = []
  for (const folder of folders) {
    const { out } = folder
    const own = batches.filter((batch) => batch.out === out).map((batch) => toPlanBatch(batch, cwd))
    const all = await planJobs(store, { ...shared, out, batches: own })
    const memory = await openMemory(store, folder, options)
    const recalled = await recallAll(all.jobs, memory)
    const settled = recalled.flatMap(({ result }) => result ?? [])
    const jobs = recalled.map(({ job }) => job)
    groups.push({ ...folder, plan: { ...all, jobs }, memory, settled })
  }
  // One folder's outputs may take another's inputs.
  if (groups.length > 1) refuseOverwrites(groups.flatMap((group) => group.plan.jobs))
  return groups
}

function toPlanBatch({ base, ...batch }: Batch, cwd: string): PlanBatch {
  return { ...batch, ...(base !== undefined && { base: toPlace(base, cwd) }) }
}

/** Makes what is planned, whatever folder it goes to. */
async function* runJobs(
  groups: readonly Group[],
  store: Store,
  analyzers: ReadonlyMap<string, Analyzer>,
  options: RunOptions,
): AsyncGenerator<Result> {
  const { concurrency = availableParallelism() } = options
  const signal = shareSignal(options.signal)
  const jobs = groups.flatMap((group) => group.plan.jobs)
  const { claim, finish } = createClaims(jobs)
  const settled = groups.flatMap((group) => group.settled)
  for (const result of settled) {
    finish(result.job)
    yield result
  }
  const isSettled = new Set(settled.map(({ job }) => job))
  const toMake = jobs.filter((job) => !isSettled.has(job))
  const far = toMake.some((job) => isRemote(job.source.ref) || isRemote(job.out))
  const compute = far ? pLimit(concurrency) : undefined
  const context = { input: store, output: store, claim, signal, decoders, analyzers, compute }
  const engine = createLocalEngine({
    concurrency: far ? concurrency + IN_FLIGHT : concurrency,
    bytes: far ? BYTES_IN_FLIGHT : undefined,
    execute: (job) => execute(job, context).finally(() => finish(job)),
  })
  for await (const result of engine.run(toMake, { signal })) {
    // What a stop has kept from beginning is no failure, and has no result.
    if (result.error?.code !== 'ABORTED') yield result
  }
}

/** Whether a result is news to a manifest on the disk. */
function isJournaled({ job, outputs, error }: Result, groups: readonly Group[]): boolean {
  if (isRemote(job.out) || groups.every(({ out, memory }) => out !== job.out || memory === undefined))
    return false
  return error !== undefined || outputs.some(({ action }) => action !== 'unchanged')
}

/** A signal that all that is in flight may listen to, which Node would take for a leak. */
function shareSignal(signal: AbortSignal | undefined): AbortSignal | undefined {
  if (signal === undefined) return undefined
  const shared = AbortSignal.any([signal])
  setMaxListeners(0, shared)
  return shared
}

function joinPlans(plans: readonly Plan[]): Plan {
  const ignored = new Map<string, number>()
  for (const [kind, count] of plans.flatMap((plan) => [...plan.ignored]))
    ignored.set(kind, (ignored.get(kind) ?? 0) + count)
  return { jobs: plans.flatMap((plan) => plan.jobs), ignored }
}
