import type { ErrorRecord } from '../errors.js'
import type { ManifestEntry, ManifestOutput, ReadyOutput } from './manifest-types.js'
import { statusOf, urlOf } from './outcome.js'
import { isSame, type Seen, type SeenSources } from './seen.js'
import { afterFacts, whySkipped } from './skip.js'
import { matchesTarget } from './template.js'
import type { Job, OutputResult, Reason, Rendition, Result } from './types.js'
import { sha256 } from './sha256.js'

/** What earlier runs have left. */
export interface Memory {
  /** By its id; the paths of its outputs are below the output folder. */
  readonly entryOf: (id: string) => ManifestEntry | undefined
  readonly seen: SeenSources
  /** Bytes of a file below the output folder; undefined where there is none. */
  readonly sizeOf: (path: string) => Promise<number | undefined>
  /** The content of a source. */
  readonly read: (job: Job) => Promise<Uint8Array>
  /** Makes everything again. */
  readonly force: boolean
  /** Makes again what other versions of sharp or libvips made: they did. */
  readonly outdated: boolean
  /** The versions that decide what can be decoded. */
  readonly tool: string
}

/** A job with only that to make which isn't there, and its result where there is nothing to make. */
export interface Recalled {
  readonly job: Job
  readonly result?: Result
  /** The manifest and what is known of the source say all of the result already. */
  readonly isKnown?: true
}

/** Failures that the source and the recipe alone decide: neither limits nor what is on the disk. */
const FOR_GOOD: ReadonlySet<string> = new Set(['CORRUPT_IMAGE', 'INVALID_OPERATION', 'TARGET_UNREACHABLE'])

/**
 * Settles why each rendition is made, or that it isn't, before anything is decoded. A rendition is unchanged when its
 * source, its recipe and its output are; where size, date and ETag of the source leave a doubt, its content decides.
 */
export async function recall(job: Job, memory: Memory): Promise<Recalled> {
  const entry = memory.entryOf(job.id)
  if (memory.force) return { job: allFor(job, undefined, 'forced') }
  if (entry === undefined) return { job: allFor(job, entry, 'new') }
  const seen = memory.seen.get(job.id)
  const same = await isSourceSame(job, entry, seen, memory)
  if (same !== true) return { job: allFor(job, entry, same === false ? 'source changed' : 'failed before') }
  if (entry.error !== undefined && seen?.failed === conditionsOf(job, memory.tool)) {
    return failAgain(job, entry, entry.error)
  }
  const settled: OutputResult[] = []
  const toMake: Rendition[] = []
  const pictureAfter = afterFacts(entry.source)
  for (const rendition of job.renditions) {
    const skipped = whySkipped(rendition, pictureAfter)
    const found =
      skipped === undefined ? await settle(rendition, job, entry, memory) : toSkipped(rendition, skipped)
    if (typeof found === 'string')
      toMake.push({ ...rendition, reason: found, ...pathBefore(rendition, job, entry) })
    else settled.push(found)
  }
  const analyze = job.analyze.filter((name) => entry.analysis === undefined || !(name in entry.analysis))
  const rest: Job = { ...job, isSame: true, renditions: toMake, analyze, settled }
  if (toMake.length > 0 || analyze.length > 0) return { job: rest }
  const isKnown = seen !== undefined && isSame(job.source, seen) === true && saysAll(entry, job, settled)
  return {
    job: rest,
    result: { job: rest, status: statusOf(settled), ...factsOf(entry), outputs: settled, ms: 0 },
    ...(isKnown && { isKnown }),
  }
}

/** Whether an entry lists these outputs, all unchanged, and of their presets no others. */
function saysAll(entry: ManifestEntry, job: Job, settled: readonly OutputResult[]): boolean {
  if (entry.error !== undefined || entry.outputs.some((output) => !isCurrent(output, job))) return false
  const presets = new Set(settled.map(({ preset }) => preset))
  const listed = entry.outputs.filter(({ preset }) => presets.has(preset))
  return listed.length === settled.length && settled.every(({ action }) => action === 'unchanged')
}

/** Whether an output has the address that it would get now. */
function isCurrent(output: ManifestOutput, { baseUrl }: Job): boolean {
  return (
    output.status === 'ready' &&
    output.url === (baseUrl === undefined ? undefined : urlOf(output.path, baseUrl))
  )
}

/** What a source is remembered by, after a run. */
export function remember({ job, error }: Result, tool: string): Seen {
  const { size, modified, etag } = job.source
  return {
    size,
    ...(modified !== undefined && { modified }),
    ...(etag !== undefined && { etag }),
    ...(error !== undefined && !error.retryable && { failed: conditionsOf(job, tool) }),
  }
}

function allFor(job: Job, entry: ManifestEntry | undefined, reason: Reason): Job {
  const renditions = job.renditions.map((rendition): Rendition => {
    return { ...rendition, reason, ...pathBefore(rendition, job, entry) }
  })
  return { ...job, renditions }
}

/** Where a target leaves something open, the manifest may know what that was. */
function pathBefore(
  { preset, recipe, target }: Rendition,
  job: Job,
  entry: ManifestEntry | undefined,
): Pick<Rendition, 'before'> {
  if (entry === undefined || !target.includes('{')) return {}
  const own = entry.outputs.filter(
    (output) => output.status === 'ready' && output.preset === preset && matchesTarget(target, output.path),
  )
  const found =
    own.find((output) => output.recipe === recipe) ?? own.find((output) => !isPlanned(output, job))
  return found === undefined ? {} : { before: found.path }
}

/** A source that is as it was when it failed isn't decoded again. */
function failAgain(job: Job, entry: ManifestEntry, error: ErrorRecord): Recalled {
  const settled = job.renditions.map(({ preset, target: path, recipe }): OutputResult => ({
    action: 'failed',
    preset,
    path,
    recipe,
    error,
  }))
  const rest: Job = { ...job, renditions: [], settled }
  return { job: rest, result: { job: rest, status: 'failed', ...factsOf(entry), outputs: [], error, ms: 0 } }
}

/** What is known of the source, if it was ever read. */
function factsOf({ source }: ManifestEntry): Pick<Result, 'source'> {
  const { path: _, bytes, ...facts } = source
  return bytes === undefined ? {} : { source: { bytes, ...facts } }
}

/** Undefined where nothing was ever known of its content. */
async function isSourceSame(
  job: Job,
  { source, error }: ManifestEntry,
  seen: Seen | undefined,
  { read }: Memory,
): Promise<boolean | undefined> {
  const same = seen === undefined ? undefined : isSame(job.source, seen)
  if (same !== undefined) return same
  if (source.hash === undefined) return error === undefined ? false : undefined
  if (job.source.size > 0 && job.source.size !== source.bytes) return false
  // What can't be read fails in its job, with its reason.
  const bytes = await read(job).catch(() => undefined)
  return bytes !== undefined && source.hash === `sha256:${sha256(bytes)}`
}

/** What became of a rendition in an earlier run, or why it is to be made. */
async function settle(
  { preset, recipe, target }: Rendition,
  job: Job,
  { outputs, error }: ManifestEntry,
  { sizeOf, outdated }: Memory,
): Promise<OutputResult | Reason> {
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
  const bytes = await sizeOf(same.path)
  if (bytes !== same.bytes) return bytes === undefined ? 'output missing' : 'output changed'
  return toUnchanged(same, job)
}

/** Whether an output is what another rendition of its preset makes: widths that are still open share a target. */
function isPlanned({ preset, recipe }: ManifestOutput, { renditions }: Job): boolean {
  return renditions.some((rendition) => rendition.preset === preset && rendition.recipe === recipe)
}

/** The address may have moved since. */
function toUnchanged(output: ReadyOutput, { baseUrl }: Job): OutputResult {
  const { status: _status, stale: _stale, url: _url, ...rest } = output
  return { action: 'unchanged', ...rest, ...(baseUrl !== undefined && { url: urlOf(rest.path, baseUrl) }) }
}

function toSkipped({ preset, target: path, recipe }: Rendition, reason: string): OutputResult {
  return { action: 'skipped', preset, path, recipe, reason }
}

/** What has to be the same for a failure to come again. */
function conditionsOf({ limits, failOn }: Job, tool: string): string {
  const { pixels, bytes, frames, seconds } = limits
  return [pixels, bytes, frames, seconds, failOn, tool].join(' ')
}
