import type { ManifestEntry, ManifestOutput, ReadyOutput } from '../manifest/types.js'
import { urlOf } from '../jobs/job-status.js'
import { matchesTarget } from '../paths/match-template.js'
import type { Job, OutputResult, Reason, Rendition } from '../jobs/types.js'

/** Failures that the source and the recipe alone decide: neither limits nor what is on the disk. */
const FOR_GOOD: ReadonlySet<string> = new Set(['CORRUPT_IMAGE', 'INVALID_OPERATION', 'TARGET_UNREACHABLE'])

/** Bytes of outputs by their paths; of one that isn't there undefined. */
export type Sizes = ReadonlyMap<string, number | undefined>

/** Bytes of files below the output folder; undefined for one that isn't there. */
export type SizesOf = (paths: readonly string[]) => Promise<readonly (number | undefined)[]>

/** A job, and what the manifest tells of its source. */
interface Remembered {
  readonly job: Job
  readonly entry: ManifestEntry | undefined
}

/** Asks after all outputs that may be unchanged, at once. */
export async function readOutputSizes(known: readonly Remembered[], sizesOf: SizesOf): Promise<Sizes> {
  const paths: string[] = []
  for (const { job, entry } of known) {
    for (const output of entry?.outputs ?? [])
      if (output.status === 'ready' && isPlanned(output, job)) paths.push(output.path)
  }
  const sizes = await sizesOf(paths)
  return new Map(paths.map((path, index) => [path, sizes[index]]))
}

/** What became of a rendition in an earlier run, or why it is to be made. */
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
    return FOR_GOOD.has(same.error.code) ? { action: 'failed', ...failed } : 'failed before'
  }
  if (same.stale === true) return 'source changed'
  if (outdated) return 'other versions'
  const bytes = sizes.get(same.path)
  if (bytes !== same.bytes) return bytes === undefined ? 'output missing' : 'output changed'
  return toUnchanged(same, job)
}

/** Whether an output is what a rendition of its preset makes: of those whose widths are still open several share a target. */
export function isPlanned({ preset, recipe }: ManifestOutput, { renditions }: Job): boolean {
  return renditions.some((rendition) => rendition.preset === preset && rendition.recipe === recipe)
}

/** The address may have moved since. */
function toUnchanged(output: ReadyOutput, { baseUrl }: Job): OutputResult {
  const { status: _status, stale: _stale, url: _url, ...rest } = output
  return { action: 'unchanged', ...rest, ...(baseUrl !== undefined && { url: urlOf(rest.path, baseUrl) }) }
}
