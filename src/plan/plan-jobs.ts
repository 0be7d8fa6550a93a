import { ImgprocError } from '../errors.js'
import {
  checkCollisions,
  checkPipeOutput,
  checkSingleOutput,
  checkShardInputs,
  checkOverwrites,
  closedTargets,
  createBelowCheck,
} from './output-collisions.js'
import { sourceId } from '../jobs/source-id.js'
import { hashFiles, type FileHashes } from './recipe-hash.js'
import { isPipe, schemeOf, relativeLocation, resolveLocation } from '../paths/location.js'
import { commonBase } from '../paths/output-path.js'
import { allOps, allOpsOf, expandPreset, placeRenditions } from './expand-presets.js'
import { analyzersOf } from './needed-analyzers.js'
import { isInShard } from './shard.js'
import type { FoundSources } from './find-sources.js'
import type { FoundSource } from './source-list.js'
import { listBatches, type ListedBatch } from './list-batches.js'
import type { Store } from '../stores/types.js'
import { isHttpUrl, markTwins, withoutSecrets } from '../paths/url.js'
import { isEmpty } from '../utils/is-empty.js'
import { createRepeatDetector, findRepeated } from '../utils/spool/repeated-texts.js'
import { createJobCollector, type JobCollector } from './job-collector.js'
import { filterJobs, toPlan } from './job-list.js'
import type { PlacementChange, Plan, PlanBatch, PlanRequest } from './types.js'

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
  const { out, outFile, isOutput, allowEmpty, shard, suggest } = request
  const ignored = new Map<string, number>()
  let sniffed = 0
  const found: FoundBatch[] = []
  for (const { batch, files } of listed ?? (await listBatches(store, request))) {
    for (const [kind, count] of files.ignored) ignored.set(kind, (ignored.get(kind) ?? 0) + count)
    sniffed += files.sniffed
    const isFormer = await findFormerOutputs(files, request)
    const isInput = ({ source: { ref } }: FoundSource) => isOutput?.(ref) !== true && !isFormer(ref)
    found.push({ batch, sources: filter(files.sources, isInput), bases: files.bases })
  }
  if (allowEmpty !== true && found.every(({ sources }) => isEmpty(sources))) throw createNoImagesError()
  const files = await hashFiles(store, allOpsOf(request.batches))
  const targets = createRepeatDetector()
  const isBelow = createBelowCheck([{ out }])
  let hasInputsBelow = false
  const jobs = toJobs(found, files, request).finish((job) => {
    for (const key of closedTargets(job)) targets.add(key)
    hasInputsBelow ||= isBelow(job)
  })
  if (isPipe(out)) checkPipeOutput(jobs)
  checkSingleOutput(jobs, outFile)
  if (hasInputsBelow) checkOverwrites(jobs)
  const repeated = targets.find(() => flatten(jobs, closedTargets))
  const replan = (change: PlacementChange) => toJobs(found, files, request, change).finish(() => {})
  if (repeated.size > 0)
    checkCollisions(jobs, repeated, replan, { base: findCommonBase(found, request), suggest })
  const counts = { ignored, sniffed }
  if (shard === undefined) return toPlan(jobs, counts)
  if (hasInputsBelow) checkShardInputs(jobs)
  return toPlan(
    filterJobs(jobs, ({ id }) => isInShard(id, shard)),
    counts,
  )
}

function filter<T>(items: Iterable<T>, isKept: (item: T) => boolean): Iterable<T> {
  return {
    *[Symbol.iterator]() {
      for (const item of items) if (isKept(item)) yield item
    },
  }
}

function* flatten<T, U>(items: Iterable<T>, toMany: (item: T) => Iterable<U>): Generator<U> {
  for (const item of items) yield* toMany(item)
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
  const refs = new Set<string>()
  for (const { source } of sources) refs.add(source.ref)
  return (ref) => outputs.some((list) => refs.has(list.get(ref) ?? ''))
}

/** A batch, and the sources of its inputs. */
interface FoundBatch {
  readonly batch: PlanBatch
  readonly sources: Iterable<FoundSource>
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
 * Collects the jobs of all batches.
 *
 * @param change a path template and base that replace all others.
 */
function toJobs(
  found: readonly FoundBatch[],
  files: FileHashes,
  request: PlanRequest,
  { path, base }: PlacementChange = {},
): JobCollector {
  const { root, cwd = root, out, limits, failOn, baseUrl } = request
  const newBase = base === undefined ? undefined : resolveLocation(base, cwd)
  const jobs = createJobCollector()
  const marks = findTwins(found)
  for (const { batch, sources } of found) {
    const renditions = batch.presets.flatMap((preset) =>
      expandPreset(preset, files, {
        ...batch,
        path: path ?? batch.path,
        failOn,
        models: request.models,
      }),
    )
    const analyze = [
      ...new Set(
        batch.presets.flatMap((preset) => [
          ...(preset.analyze ?? []),
          ...analyzersOf({ ...preset, ops: allOps(preset) }),
        ]),
      ),
    ]
    for (const { source, base: inputBase } of sources) {
      const { ref } = source
      const mark = marks.get(ref)
      const placed = placeRenditions(renditions, {
        ref,
        mark,
        base: newBase ?? batch.base ?? inputBase,
        out,
      })
      const path = relativeLocation(ref, root) + (mark === undefined ? '' : `?${mark}`)
      jobs.add({
        id: sourceId(path),
        path,
        source,
        renditions: placed,
        out,
        ...(baseUrl !== undefined && { baseUrl }),
        analyze,
        limits,
        failOn,
      })
    }
  }
  return jobs
}

/** Returns marks of URLs that differ only in what a manifest does not show. Holds no others. */
function findTwins(found: readonly FoundBatch[]): ReadonlyMap<string, string> {
  const batches = found.filter(({ bases }) => bases.some(isHttpUrl))
  if (batches.length === 0) return new Map()
  function* listUrls() {
    for (const { sources } of batches)
      for (const { source } of sources) if (isHttpUrl(source.ref)) yield source.ref
  }
  function* show(refs: Iterable<string>) {
    for (const ref of refs) yield withoutSecrets(ref)
  }
  const repeated = findRepeated(() => show(listUrls()))
  const twins: string[] = []
  for (const ref of listUrls()) if (repeated.has(withoutSecrets(ref))) twins.push(ref)
  return markTwins(twins)
}
