import pLimit from 'p-limit'
import type { ErrorRecord } from '../errors.js'
import type { ManifestEntry, ManifestOutput } from '../manifest/types.js'
import { statusOf, urlOf } from '../jobs/job-status.js'
import { readOutputSizes, isPlanned, outputStatus, type Sizes, type SizesOf } from './output-status.js'
import { matchesFingerprint, type SourceFingerprint, type SourceFingerprints } from './source-index.js'
import { pictureAfterFacts, skipReason, toSkipped } from '../jobs/skip-rules.js'
import { matchesTarget } from '../paths/match-template.js'
import type { Job, OutputResult, Reason, Rendition, Result } from '../jobs/types.js'
import { sha256 } from '../utils/sha256.js'

/** What earlier runs have left. */
export interface RunHistory {
  /** By its id; the paths of its outputs are below the output folder. */
  readonly entryOf: (id: string) => ManifestEntry | undefined
  readonly seen: SourceFingerprints
  readonly sizesOf: SizesOf
  /** The content of a source. */
  readonly read: (job: Job) => Promise<Uint8Array>
  /** Makes everything again. */
  readonly force: boolean
  /** Makes again what other versions of sharp or libvips made: they did. */
  readonly outdated: boolean
  /** The versions that decide what can be decoded. */
  readonly tool: () => string
}

/** A job with only that to make which isn't there, and its result where there is nothing to make. */
export interface UpToDateCheck {
  readonly job: Job
  readonly result?: Result
  /** The manifest and what is known of the source say all of the result already. */
  readonly isKnown?: true
}

/** Jobs whose outputs are asked after together. */
const TOGETHER = 512
/** Sources that are read at once, where only their content tells whether they have changed. */
const READ_AT_ONCE = 32

/** A job, and what is known of its source from earlier runs. */
interface Known {
  readonly job: Job
  readonly entry: ManifestEntry | undefined
  readonly seen: SourceFingerprint | undefined
}

/**
 * Settles why each rendition is made, or that it isn't, before anything is decoded. A rendition is unchanged when its
 * source, its recipe and its output are; where size, date and ETag of the source leave a doubt, its content decides.
 */
export async function checkUpToDate(jobs: readonly Job[], memory: RunHistory): Promise<UpToDateCheck[]> {
  if (memory.force) return jobs.map((job) => ({ job: allFor(job, undefined, 'forced') }))
  const recalled: UpToDateCheck[] = []
  for (let at = 0; at < jobs.length; at += TOGETHER) {
    const known = jobs.slice(at, at + TOGETHER).map((job): Known => {
      return { job, entry: memory.entryOf(job.id), seen: memory.seen.get(job.id) }
    })
    const sizes = await readOutputSizes(known, memory.sizesOf)
    const same = await areSourcesSame(known, memory)
    for (const [index, one] of known.entries()) recalled.push(recallOne(one, same[index], sizes, memory))
  }
  return recalled
}

function recallOne(
  { job, entry, seen }: Known,
  same: boolean | undefined,
  sizes: Sizes,
  memory: RunHistory,
): UpToDateCheck {
  if (entry === undefined) return { job: allFor(job, entry, 'new') }
  if (same !== true) return { job: allFor(job, entry, same === false ? 'source changed' : 'failed before') }
  if (entry.error !== undefined && seen?.failed === conditionsOf(job, memory.tool())) {
    return failAgain(job, entry, entry.error)
  }
  const settled: OutputResult[] = []
  const toMake: Rendition[] = []
  const pictureAfter = pictureAfterFacts(entry.source)
  for (const rendition of job.renditions) {
    const skipped = skipReason(rendition, pictureAfter)
    const found =
      skipped === undefined
        ? outputStatus(rendition, job, entry, sizes, memory.outdated)
        : toSkipped(rendition, skipped)
    if (typeof found === 'string')
      toMake.push({ ...rendition, reason: found, ...pathBefore(rendition, job, entry) })
    else settled.push(found)
  }
  const analyze = job.analyze.filter((name) => entry.analysis === undefined || !(name in entry.analysis))
  // A spread that replaces takes three times as long, and there is one for each source.
  const rest: Job = Object.assign({}, job, { isSame: true, renditions: toMake, analyze, settled } as const)
  if (toMake.length > 0 || analyze.length > 0) return { job: rest }
  const isKnown =
    seen !== undefined && matchesFingerprint(job.source, seen) === true && saysAll(entry, job, settled)
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
export function toFingerprint({ job, error }: Result, tool: () => string): SourceFingerprint {
  const { size, modified, etag } = job.source
  return {
    size,
    ...(modified !== undefined && { modified }),
    ...(etag !== undefined && { etag }),
    ...(error !== undefined && !error.retryable && { failed: conditionsOf(job, tool()) }),
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
function failAgain(job: Job, entry: ManifestEntry, error: ErrorRecord): UpToDateCheck {
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

/** Whether each source is as it was; undefined where nothing was ever known of its content. */
async function areSourcesSame(known: readonly Known[], memory: RunHistory): Promise<(boolean | undefined)[]> {
  const limit = pLimit(READ_AT_ONCE)
  const doubts: Promise<void>[] = []
  const same = known.map((one, index) => {
    const told = isSourceSame(one)
    if (told !== 'in doubt') return told
    doubts.push(limit(async () => void (same[index] = await isContentSame(one, memory))))
    return undefined
  })
  await Promise.all(doubts)
  return same
}

function isSourceSame({ job, entry, seen }: Known): boolean | undefined | 'in doubt' {
  const same = seen === undefined ? undefined : matchesFingerprint(job.source, seen)
  if (same !== undefined || entry === undefined) return same
  const { source, error } = entry
  if (source.hash === undefined) return error === undefined ? false : undefined
  return job.source.size > 0 && job.source.size !== source.bytes ? false : 'in doubt'
}

async function isContentSame({ job, entry }: Known, { read }: RunHistory): Promise<boolean> {
  // What can't be read fails in its job, with its reason.
  const bytes = await read(job).catch(() => undefined)
  return bytes !== undefined && entry?.source.hash === `sha256:${sha256(bytes)}`
}

/** What has to be the same for a failure to come again. */
function conditionsOf({ limits, failOn }: Job, tool: string): string {
  const { pixels, bytes, frames, seconds } = limits
  return [pixels, bytes, frames, seconds, failOn, tool].join(' ')
}
