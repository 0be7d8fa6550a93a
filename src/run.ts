import { availableParallelism } from 'node:os'
import { resolve, sep } from 'node:path'
import type { UserConfig } from './config/user-config.js'
import { createClaims } from './core/claims.js'
import { execute } from './core/execute.js'
import { mergeEntries } from './core/manifest.js'
import type { Manifest } from './core/manifest-types.js'
import { readManifestFile, writeManifestFile, type ManifestFile } from './core/manifest-file.js'
import { relativePath } from './core/paths.js'
import { plan as planJobs, type Plan, type PlanBatch } from './core/plan.js'
import { withDefaults } from './core/source.js'
import { createTally, type Summary } from './core/summary.js'
import type { Result, Store } from './core/types.js'
import { createLocalEngine } from './engines/local.js'
import type { ImageOp } from './ops/image-op.js'
import { toBatches, type Batch } from './run-batches.js'
import { createFileStore } from './stores/file.js'
import { versions } from './version.js'

/** What `run` may be told: a config's keys, and what is particular to this run. */
export interface RunOptions extends Omit<UserConfig, '$schema'> {
  /** Files, folders, globs; without any the `batches` are made. */
  readonly inputs?: readonly string[] | undefined
  /** Names of presets to make of the inputs. */
  readonly preset?: string | readonly string[] | undefined
  /** Operations: behind those of each preset, or a rendition of their own without one. */
  readonly ops?: readonly ImageOp[] | undefined
  /** Replaces the presets' formats. */
  readonly formats?: readonly NonNullable<ImageOp['format']>[] | undefined
  /** Replaces the presets' widths. */
  readonly widths?: readonly number[] | undefined
  /** Replaces the quality of the formats. */
  readonly quality?: number | undefined
  /** Path template of every output, whatever presets and batches say. */
  readonly pathForAll?: string | undefined
  /** Whether an input may turn up nothing. @default false */
  readonly allowEmpty?: boolean | undefined
  /** The folder that relative inputs and paths begin in. @default the working directory */
  readonly cwd?: string | undefined
  /** The folder that source paths in the manifest are relative to. @default cwd */
  readonly root?: string | undefined
  /** The same command with another path template, for the advice in an error. */
  readonly suggest?: ((path: string) => string) | undefined
  /** Stops the run: what is in work is dropped or finished whole, and the manifest is written. */
  readonly signal?: AbortSignal | undefined
}

/** A run under way: its results as they come, and what it came to. */
export interface Run extends AsyncIterable<Result> {
  /** Settled before anything is decoded. */
  readonly plan: Promise<Plan>
  /** When all is through. */
  readonly summary: Promise<Summary>
  /** What the manifest says when all is through, of each output folder. */
  readonly manifest: Promise<Manifest>
}

/** Jobs into one output folder. */
interface Group {
  readonly out: string
  readonly plan: Plan
  readonly manifest: ManifestFile | undefined
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
  const cwd = slashed(resolve(options.cwd ?? '.'))
  const store = createFileStore({ cwd })
  const groups = planGroups(store, cwd, options)
  const plan = groups.then((list) => joinPlans(list.map((group) => group.plan)))
  let results!: ReadableStreamDefaultController<Result>
  const stream = new ReadableStream<Result>({ start: (controller) => void (results = controller) })
  const done = groups.then(async (list) => {
    const tally = createTally()
    const manifests: Manifest[] = []
    for (const group of list)
      manifests.push(await runGroup(group, store, options, tally.add, (result) => results.enqueue(result)))
    const files = list.flatMap(({ manifest }) => manifest?.ref ?? [])
    return { tally, manifests, files }
  })
  done.then(
    () => results.close(),
    (error: unknown) => results.error(error),
  )
  const summary = Promise.all([done, plan]).then(([{ tally, files }, { ignored }]): Summary => ({
    ...tally.total(),
    seconds: (performance.now() - started) / 1000,
    ignored: Object.fromEntries(ignored),
    ...(files[0] !== undefined && { manifest: relativePath(cwd, files[0]) }),
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
  const cwd = slashed(resolve(options.cwd ?? '.'))
  const groups = await planGroups(createFileStore({ cwd }), cwd, options)
  return joinPlans(groups.map((group) => group.plan))
}

/** Plans every output folder before anything is made in one. */
async function planGroups(store: Store, cwd: string, options: RunOptions): Promise<Group[]> {
  const root = slashed(resolve(cwd, options.root ?? '.'))
  const batches = toBatches(options)
  const groups: Group[] = []
  for (const out of new Set(batches.map((batch) => slashed(resolve(cwd, batch.out))))) {
    const manifest = await openManifest(store, cwd, out, options)
    const plan = await planJobs(store, {
      batches: batches
        .filter((batch) => slashed(resolve(cwd, batch.out)) === out)
        .map((batch) => toPlanBatch(batch, cwd)),
      out,
      root,
      limits: withDefaults(options.limits),
      failOn: options.failOn ?? 'error',
      baseUrl: options.baseUrl,
      madeBefore: outputsOf(manifest),
      allowEmpty: options.allowEmpty,
      suggest: options.suggest,
      signal: options.signal,
    })
    groups.push({ out, plan, manifest })
  }
  return groups
}

function toPlanBatch({ base, ...batch }: Batch, cwd: string): PlanBatch {
  return { ...batch, ...(base !== undefined && { base: slashed(resolve(cwd, base)) }) }
}

async function openManifest(
  store: Store,
  cwd: string,
  out: string,
  options: RunOptions,
): Promise<ManifestFile | undefined> {
  if (options.manifest === false) return undefined
  const ref =
    options.manifest === undefined ? `${out}/manifest.json` : slashed(resolve(cwd, options.manifest))
  return readManifestFile(store, ref)
}

function outputsOf(file: ManifestFile | undefined): ReadonlySet<string> {
  const folder = file === undefined ? '' : file.ref.slice(0, file.ref.lastIndexOf('/'))
  const outputs =
    file?.manifest?.entries.flatMap((entry) =>
      entry.outputs.map(({ path }) => slashed(resolve(folder, path))),
    ) ?? []
  return new Set(outputs)
}

/** Makes what is planned into one output folder, and folds it into its manifest. */
async function runGroup(
  { out, plan, manifest }: Group,
  store: Store,
  options: RunOptions,
  ...listeners: ((result: Result) => void)[]
): Promise<Manifest> {
  const claims = createClaims(plan.jobs)
  const engine = createLocalEngine({
    concurrency: options.concurrency ?? availableParallelism(),
    execute: (job) =>
      execute(job, { input: store, output: store, claim: claims.claim, signal: options.signal }).finally(() =>
        claims.finish(job),
      ),
  })
  const results: Result[] = []
  for await (const result of engine.run(plan.jobs, { signal: options.signal })) {
    for (const listen of listeners) listen(result)
    results.push(manifest === undefined ? result : moveOutputs(result, out, manifest.ref))
  }
  const before = manifest?.manifest
  const merged: Manifest = {
    $schema: 'https://unpkg.com/imgproc/dist/manifest.schema.json',
    ...before,
    version: 1,
    tool: versions(),
    entries: mergeEntries(before?.entries ?? [], results),
  }
  if (manifest !== undefined) await writeManifestFile(store, manifest, merged)
  return merged
}

/** Output paths in a manifest are relative to it, wherever it lies. */
function moveOutputs(result: Result, out: string, manifest: string): Result {
  const prefix = relativePath(manifest.slice(0, manifest.lastIndexOf('/')), out)
  if (prefix === '') return result
  return {
    ...result,
    outputs: result.outputs.map((output) => ({ ...output, path: `${prefix}/${output.path}` })),
  }
}

function joinPlans(plans: readonly Plan[]): Plan {
  const ignored = new Map<string, number>()
  for (const [kind, count] of plans.flatMap((plan) => [...plan.ignored]))
    ignored.set(kind, (ignored.get(kind) ?? 0) + count)
  return { jobs: plans.flatMap((plan) => plan.jobs), ignored }
}

function joinManifests(manifests: readonly Manifest[]): Manifest {
  const [first = { version: 1, tool: versions(), entries: [] }, ...others] = manifests
  return { ...first, entries: [...first.entries, ...others.flatMap(({ entries }) => entries)] }
}

/** Paths inside have `/` on every system. */
function slashed(path: string): string {
  return path.replaceAll(sep, '/')
}
