import { ImgprocError } from '../errors.js'
import type { ImageOp } from '../operations/image-op.generated.js'
import { refuseCollisions, refuseCrowdedPipe, refuseMixing, refuseOverwrites } from './output-collisions.js'
import { sourceId } from '../manifest/parse-manifest.js'
import type { Removal } from '../state/prune.js'
import { hashFiles, type FileHashes } from './recipe-hash.js'
import { schemeOf, wayTo } from '../paths/location.js'
import { allOps, expand, place } from './expand-presets.js'
import { isInShard, type Shard } from './shard.js'
import { findSources } from './find-sources.js'
import type { FailOn, Job, Limits, Rendition, Source, Store } from '../jobs/types.js'
import { markTwins } from '../paths/url.js'

/** A preset, with everything that it extends filled in. */
export interface PresetRecipe {
  readonly name: string
  readonly ops: readonly ImageOp[]
  /** Pixels; each makes a rendition, resized after `ops`. */
  readonly widths?: readonly number[]
  /** Each makes a rendition. */
  readonly formats?: readonly NonNullable<ImageOp['format']>[]
  /** Run after the resize to a width. */
  readonly after?: readonly ImageOp[]
  /** Path template of the outputs. */
  readonly path?: string
  readonly skipSmaller?: boolean
  /** Names of analyzers that look at each source. */
  readonly analyze?: readonly string[]
}

/** Sources, and what is to be made of each. */
export interface PlanBatch {
  /** Files, folders, globs. */
  readonly inputs: readonly string[]
  readonly presets: readonly PresetRecipe[]
  /** Wins over the presets' own path templates. */
  readonly path?: string | undefined
  /** For presets that have none. */
  readonly defaultPath?: string | undefined
  /** The folder that `{dir}` is relative to; by default the deepest that holds every input's fixed part. */
  readonly base?: string | undefined
  /** Globs to leave out. */
  readonly ignore?: readonly string[] | undefined
}

/** What is to be planned: batches into one output folder. */
export interface PlanRequest {
  readonly batches: readonly PlanBatch[]
  /** The output folder: absolute, with `/`. */
  readonly out: string
  /** The folder that source paths in the manifest are relative to: absolute, with `/`. */
  readonly root: string
  readonly limits: Limits
  readonly failOn: FailOn
  readonly baseUrl?: string | undefined
  /** Folders of other outputs, which are not entered either. @default none */
  readonly otherOuts?: readonly string[] | undefined
  /** Whether a file is an output of earlier runs, and so never an input. */
  readonly isOutput?: ((ref: string) => boolean) | undefined
  readonly allowEmpty?: boolean | undefined
  /** Which of the sources are meant, where they are shared out. */
  readonly shard?: Shard | undefined
  /** The same command with another path template, for the advice in an error. */
  readonly suggest?: ((path: string) => string) | undefined
  readonly signal?: AbortSignal | undefined
}

/** What is to be made. No image has been opened for it. */
export interface Plan {
  /** One a source, sorted by the source's path. */
  readonly jobs: readonly Job[]
  /** Files that turned up and are no images, counted by extension. */
  readonly ignored: ReadonlyMap<string, number>
  /** Outputs that would be removed, where that is asked for and nothing is made. */
  readonly removals?: readonly Removal[]
}

/**
 * Finds the sources and settles what is made of each and where it goes.
 *
 * Throws INVALID_USAGE where an input turns up nothing, OUTPUT_COLLISION, OUTPUT_OVERWRITES_INPUT and
 * OUTPUT_OUTSIDE_ROOT for all that can be known before a picture is read.
 */
export async function plan(store: Store, request: PlanRequest): Promise<Plan> {
  const { out, otherOuts = [], isOutput, allowEmpty, shard, signal, suggest } = request
  const ignored = new Map<string, number>()
  const found: FoundBatch[] = []
  for (const batch of request.batches) {
    const { inputs, ignore } = batch
    const outputs = [out, ...otherOuts]
    const turnedUp = await findSources(store, { inputs, ignore, outputs, allowEmpty, signal })
    for (const [kind, count] of turnedUp.ignored) ignored.set(kind, (ignored.get(kind) ?? 0) + count)
    const sources = turnedUp.sources.filter(({ ref }) => isOutput?.(ref) !== true)
    const baseOf = (ref: string) => batch.base ?? turnedUp.bases.get(schemeOf(ref)) ?? ref
    found.push({ batch, sources, baseOf })
  }
  if (allowEmpty !== true && found.every(({ sources }) => sources.length === 0)) throw nothingLeft()
  const files = await hashFiles(
    store,
    request.batches.flatMap(({ presets }) => presets.flatMap(allOps)),
  )
  const jobs = toJobs(found, files, request)
  refuseCrowdedPipe(jobs)
  refuseOverwrites(jobs)
  refuseCollisions(jobs, (path) => toJobs(found, files, request, path), suggest)
  if (shard === undefined) return { jobs, ignored }
  refuseMixing(jobs)
  return { jobs: jobs.filter(({ id }) => isInShard(id, shard)), ignored }
}

/** A batch, and the sources that its inputs stand for. */
interface FoundBatch {
  readonly batch: PlanBatch
  readonly sources: readonly Source[]
  /** The folder that a source's `{dir}` is relative to. */
  readonly baseOf: (ref: string) => string
}

function nothingLeft(): ImgprocError {
  const message =
    'None of the inputs is an image to work on: they are of other kinds, left out, or outputs of an earlier run. --allow-empty accepts that.'
  return new ImgprocError('INVALID_USAGE', message, { stage: 'plan' })
}

/** One job a source, sorted; with another path template for all of them, if one is given. */
function toJobs(found: readonly FoundBatch[], files: FileHashes, request: PlanRequest, path?: string): Job[] {
  const jobs = new Map<string, Job>()
  const marks = markTwins(found.flatMap(({ sources }) => sources.map(({ ref }) => ref)))
  for (const { batch, sources, baseOf } of found) {
    const renditions = batch.presets.flatMap((preset) =>
      expand(preset, files, { ...batch, path: path ?? batch.path, failOn: request.failOn }),
    )
    const analyze = [...new Set(batch.presets.flatMap((preset) => preset.analyze ?? []))]
    for (const source of sources) {
      const { ref } = source
      const mark = marks.get(ref)
      const placed = place(renditions, { ref, mark, base: baseOf(ref), out: request.out })
      const path = wayTo(ref, request.root) + (mark === undefined ? '' : `?${mark}`)
      addJob(jobs, { path, source, renditions: placed, analyze }, request)
    }
  }
  return [...jobs.values()].toSorted((a, b) => (a.path < b.path ? -1 : 1))
}

/** One job a source, whatever batches it is in. */
function addJob(
  jobs: Map<string, Job>,
  { path, source, renditions, analyze }: Pick<Job, 'path' | 'source' | 'renditions' | 'analyze'>,
  { out, limits, failOn, baseUrl }: PlanRequest,
): void {
  const before = jobs.get(source.ref)
  if (before !== undefined) {
    // Batches may overlap: what both want the same is made once.
    const more = renditions.filter((one) => !before.renditions.some((other) => isSame(one, other)))
    jobs.set(source.ref, {
      ...before,
      renditions: [...before.renditions, ...more],
      analyze: [...new Set([...before.analyze, ...analyze])],
    })
    return
  }
  jobs.set(source.ref, {
    id: sourceId(path),
    path,
    source,
    renditions,
    out,
    ...(baseUrl !== undefined && { baseUrl }),
    analyze,
    limits,
    failOn,
  })
}

function isSame(a: Rendition, b: Rendition): boolean {
  return a.preset === b.preset && a.target === b.target && a.recipe === b.recipe
}
