import { ImgprocError } from '../errors.js'
import {
  checkCollisions,
  checkPipeOutput,
  checkSingleOutput,
  checkShardInputs,
  checkOverwrites,
} from './output-collisions.js'
import { sourceId } from '../jobs/source-id.js'
import { hashFiles, type FileHashes } from './recipe-hash.js'
import { schemeOf, relativeLocation, resolveLocation } from '../paths/location.js'
import { commonBase } from '../paths/output-path.js'
import { allOpsOf, expandPreset, placeRenditions } from './expand-presets.js'
import { isInShard } from './shard.js'
import type { FoundSources } from './find-sources.js'
import { listBatches, type ListedBatch } from './list-batches.js'
import type { Job, Rendition } from '../jobs/types.js'
import type { Store, Source } from '../stores/types.js'
import { isHttpUrl, markTwins } from '../paths/url.js'
import type { PlacementChange, PlanBatch, PlanRequest, Plan } from './types.js'

/**
 * Finds the sources and plans their renditions and output paths. Reads no image.
 *
 * @param listed the files of all batches, if they are listed already.
 * @throws ImgprocError INVALID_USAGE if an input has no images; INVALID_OPERATION if an operation is invalid;
 * OUTPUT_COLLISION, OUTPUT_OVERWRITES_INPUT or OUTPUT_OUTSIDE_ROOT if that is certain from the names.
 */
export async function planJobs(
  store: Store,
  request: PlanRequest,
  listed?: readonly ListedBatch[],
): Promise<Plan> {
  const { outFile, isOutput, allowEmpty, shard, suggest } = request
  const ignored = new Map<string, number>()
  const found: FoundBatch[] = []
  for (const { batch, files } of listed ?? (await listBatches(store, request))) {
    for (const [kind, count] of files.ignored) ignored.set(kind, (ignored.get(kind) ?? 0) + count)
    const isFormer = await findFormerOutputs(files, request)
    const sources = files.sources.filter(({ ref }) => isOutput?.(ref) !== true && !isFormer(ref))
    const baseOf = batch.base === undefined ? files.baseOf : () => batch.base!
    found.push({ batch, sources, baseOf, bases: files.bases })
  }
  if (allowEmpty !== true && found.every(({ sources }) => sources.length === 0)) throw createNoImagesError()
  const files = await hashFiles(store, allOpsOf(request.batches))
  const jobs = toJobs(found, files, request)
  checkPipeOutput(jobs)
  checkSingleOutput(jobs, outFile)
  checkOverwrites(jobs)
  const replan = (change: PlacementChange) => toJobs(found, files, request, change)
  checkCollisions(jobs, replan, { base: findCommonBase(found, request), suggest })
  if (shard === undefined) return { jobs, ignored }
  checkShardInputs(jobs)
  return { jobs: jobs.filter(({ id }) => isInShard(id, shard)), ignored }
}

/**
 * Returns a function that is true for outputs which a run has written into a folder of the inputs, if their sources are
 * inputs too. Outputs alone may be inputs of another run.
 */
async function findFormerOutputs(
  { folders, sources }: FoundSources,
  { listOutputsIn }: PlanRequest,
): Promise<(ref: string) => boolean> {
  if (listOutputsIn === undefined) return () => false
  const lists = await Promise.all(folders.map(listOutputsIn))
  const outputs = lists.filter((list) => list.size > 0)
  if (outputs.length === 0) return () => false
  const refs = new Set(sources.map(({ ref }) => ref))
  return (ref) => outputs.some((list) => refs.has(list.get(ref) ?? ''))
}

/** A batch, and the sources of its inputs. */
interface FoundBatch {
  readonly batch: PlanBatch
  readonly sources: readonly Source[]
  /** Returns the folder that a source's `{dir}` is relative to. */
  readonly baseOf: (ref: string) => string
  /** The bases of its inputs. */
  readonly bases: readonly string[]
}

/** Returns the deepest folder that contains all inputs, if they have several bases and the run names none. */
function findCommonBase(found: readonly FoundBatch[], { root, cwd = root }: PlanRequest): string | undefined {
  const bases = new Set(found.flatMap((one) => one.bases))
  if (bases.size < 2 || found.some(({ batch }) => batch.base !== undefined)) return undefined
  // Outputs of URLs are placed by host and path.
  if (new Set([...bases].map(schemeOf)).size > 1 || [...bases].some(isHttpUrl)) return undefined
  const common = commonBase([...bases])
  return common === '' ? undefined : relativeLocation(common, cwd) || '.'
}

function createNoImagesError(): ImgprocError {
  const message =
    'The inputs contain no image to process: all files are of other types, ignored, or outputs of an earlier run. Use allowEmpty (--allow-empty) to accept that.'
  return new ImgprocError('INVALID_USAGE', message, { stage: 'plan' })
}

/**
 * Creates one job a source, sorted by path.
 *
 * @param change a path template and base that replace all others.
 */
function toJobs(
  found: readonly FoundBatch[],
  files: FileHashes,
  request: PlanRequest,
  { path, base }: PlacementChange = {},
): Job[] {
  const { root, cwd = root } = request
  const newBase = base === undefined ? undefined : resolveLocation(base, cwd)

  const jobs = new Map<string, Job>()
  const marks = markTwins(found.flatMap(({ sources }) => sources.map(({ ref }) => ref)))
  for (const { batch, sources, baseOf } of found) {
    const renditions = batch.presets.flatMap((preset) =>
      expandPreset(preset, files, { ...batch, path: path ?? batch.path, failOn: request.failOn }),
    )
    const analyze = [...new Set(batch.presets.flatMap((preset) => preset.analyze ?? []))]
    for (const source of sources) {
      const { ref } = source
      const mark = marks.get(ref)
      const placed = placeRenditions(renditions, {
        ref,
        mark,
        base: newBase ?? baseOf(ref),
        out: request.out,
      })
      const path = relativeLocation(ref, request.root) + (mark === undefined ? '' : `?${mark}`)
      addJob(jobs, { path, source, renditions: placed, analyze }, request)
    }
  }
  return [...jobs.values()].toSorted((a, b) => (a.path < b.path ? -1 : 1))
}

/** Adds a source's job, or adds to it if another batch has the same source. */
function addJob(
  jobs: Map<string, Job>,
  { path, source, renditions, analyze }: Pick<Job, 'path' | 'source' | 'renditions' | 'analyze'>,
  { out, limits, failOn, baseUrl }: PlanRequest,
): void {
  const before = jobs.get(source.ref)
  if (before !== undefined) {
    // Renditions that both batches have are made once.
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
