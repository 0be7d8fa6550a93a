import type { ManifestEntry, ManifestOutput, ReadyOutput } from '../manifest/types.js'
import { urlOf } from '../jobs/job-status.js'
import { matchesTarget } from '../paths/match-template.js'
import type { Job, OutputResult, Reason, Rendition } from '../jobs/types.js'

/** Errors that depend on the source and the recipe only: neither on limits nor on the store. */
const PERMANENT: ReadonlySet<string> = new Set([
  'CORRUPT_IMAGE',
  'INVALID_OPERATION',
  'TARGET_UNREACHABLE',
  'UNSAFE_CONTENT',
])

/** Bytes of outputs by their paths; undefined for one that does not exist. */
export type Sizes = ReadonlyMap<string, number | undefined>

/** Returns the bytes of files below the output folder, in the order of the paths; undefined for a missing file. */
export type SizesOf = (paths: readonly string[]) => Promise<readonly (number | undefined)[]>

/** A job, and the manifest's entry of its source. */
interface JobWithEntry {
  readonly job: Job
  readonly entry: ManifestEntry | undefined
}

/** Reads the sizes of all outputs that may be unchanged, in one call. */
export async function readOutputSizes(jobs: readonly JobWithEntry[], sizesOf: SizesOf): Promise<Sizes> {
  const paths: string[] = []
  for (const { job, entry } of jobs) {
    for (const output of entry?.outputs ?? [])
      if (output.status === 'ready' && isPlanned(output, job)) paths.push(output.path)
  }
  const sizes = await sizesOf(paths)
  return new Map(paths.map((path, index) => [path, sizes[index]]))
}

/** Returns a rendition's result from an earlier run if that still holds; otherwise the reason to make it. */
export function outputStatus(
  { preset, recipe, target }: Rendition,
  job: Job,
  { outputs, error }: ManifestEntry,
  sizes: Sizes,
  outdated: boolean,
): OutputResult | Reason {
  const own = outputs.filter((output) => output.preset === preset)
  const fits = ({ path }: ManifestOutput) => matchesTarget(target, path)
  const same = own.find((output) => output.recipe === recipe && fits(output))
  if (same === undefined) {
    if (own.some((output) => fits(output) && !isPlanned(output, job))) return 'recipe changed'
    if (own.some((output) => output.recipe === recipe)) return 'path changed'
    return error === undefined ? 'new' : 'failed before'
  }
  if (same.status === 'failed') {
    const { status: _, ...failed } = same
    return PERMANENT.has(same.error.code) ? { action: 'failed', ...failed } : 'failed before'
  }
  if (same.stale === true) return 'source changed'
  if (outdated) return 'other versions'
  const bytes = sizes.get(same.path)
  if (bytes !== same.bytes) return bytes === undefined ? 'output missing' : 'output changed'
  return toUnchanged(same, job)
}

/** Returns true if a rendition of the job makes this output. Compares recipes: renditions may share an open target. */
export function isPlanned({ preset, recipe }: ManifestOutput, { renditions }: Job): boolean {
  return renditions.some((rendition) => rendition.preset === preset && rendition.recipe === recipe)
}

/** Converts to a result with a new URL, since `baseUrl` may have changed. */
function toUnchanged(output: ReadyOutput, { baseUrl }: Job): OutputResult {
  const { status: _status, stale: _stale, url: _url, ...rest } = output
  return { action: 'unchanged', ...rest, ...(baseUrl !== undefined && { url: urlOf(rest.path, baseUrl) }) }
}
