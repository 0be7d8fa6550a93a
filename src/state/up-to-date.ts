import pLimit from 'p-limit'
import type { Analysis } from '../analyzers/analysis.js'
import type { ErrorRecord } from '../errors.js'
import type { ManifestEntry, ManifestOutput } from '../manifest/types.js'
import { statusOf, urlOf } from '../jobs/job-status.js'
import { readOutputSizes, isPlanned, outputStatus, type Sizes } from './output-status.js'
import type { SourceFingerprint } from './fingerprints.js'
import { matchesFingerprint } from './source-index.js'
import type { RunHistory } from './run-history.js'
import { pictureAfterFacts, skipReason, toSkipped } from '../jobs/skip-rules.js'
import { unsafeSkipReason } from '../jobs/unsafe-policy.js'
import { analyzersOf, type Models } from '../plan/needed-analyzers.js'
import { matchesTarget } from '../paths/match-template.js'
import type { Job, OutputResult, Reason, Rendition, Result } from '../jobs/types.js'
import { chunksOf } from '../utils/chunks-of.js'
import { sha256 } from '../utils/sha256.js'

/** A job reduced to the renditions to make; with its result if there are none. */
export interface UpToDateCheck {
  readonly job: Job
  readonly result?: Result
  /** The result changes neither the manifest nor the source index. */
  readonly isKnown?: true
}

/** Jobs whose output sizes are read together. */
const CHUNK_SIZE = 512
/** Sources that are read at once to compare their contents. */
const READ_CONCURRENCY = 32

/** A job, and the state of its source after earlier runs. */
interface JobWithHistory {
  readonly job: Job
  readonly entry: ManifestEntry | undefined
  readonly fingerprint: SourceFingerprint | undefined
}

/**
 * Checks which renditions are up to date, and why the others are made, before anything is decoded. A rendition is up to
 * date if its source, its recipe and its output are unchanged. If size, mtime and ETag of a source do not tell, its
 * content is hashed. Yields the checks in chunks.
 */
export async function* checkUpToDate(
  jobs: Iterable<Job>,
  history: RunHistory,
): AsyncGenerator<readonly UpToDateCheck[]> {
  for (const chunk of chunksOf(jobs, CHUNK_SIZE)) yield await checkChunk(chunk, history)
}

async function checkChunk(jobs: readonly Job[], history: RunHistory): Promise<UpToDateCheck[]> {
  if (history.force) return jobs.map((job) => ({ job: withReason(job, undefined, 'forced') }))
  const chunk = jobs.map((job): JobWithHistory => {
    return { job, entry: history.entryOf(job.id), fingerprint: history.fingerprints.get(job.id) }
  })
  const sizes = await readOutputSizes(chunk, history.sizesOf)
  const unchanged = await checkSources(chunk, history)
  return chunk.map((one, index) => checkJob(one, unchanged[index], sizes, history))
}

/**
 * Checks one job.
 *
 * @param isUnchanged for its source; undefined if the content of the source was never known.
 */
function checkJob(
  { job, entry, fingerprint }: JobWithHistory,
  isUnchanged: boolean | undefined,
  sizes: Sizes,
  history: RunHistory,
): UpToDateCheck {
  if (entry === undefined) return { job: withReason(job, entry, 'new') }
  if (isUnchanged !== true)
    return { job: withReason(job, entry, isUnchanged === false ? 'source changed' : 'failed before') }
  if (entry.error !== undefined && fingerprint?.failed === failureConditions(job, history.tool())) {
    return failAgain(job, entry, entry.error)
  }
  const settled: OutputResult[] = []
  const toMake: Rendition[] = []
  const pictureAfter = pictureAfterFacts(entry.source)
  const found = currentFindings(entry, history.models)
  for (const rendition of job.renditions) {
    const skipped = skipReason(rendition, pictureAfter) ?? unsafeSkipReason(rendition, found.moderation)
    const status =
      skipped === undefined
        ? outputStatus(rendition, job, entry, sizes, history.outdated)
        : toSkipped(rendition, skipped)
    if (typeof status === 'string')
      toMake.push({ ...rendition, reason: status, ...pathBefore(rendition, job, entry) })
    else settled.push(status)
  }
  const analyze = job.analyze.filter((name) => !(name in found))
  const known = findingsFor(toMake, found)
  // Three times as fast as a spread that overwrites keys, and there may be a million sources.
  const rest: Job = Object.assign(
    {},
    job,
    { isSame: true, renditions: toMake, analyze, settled } as const,
    known,
  )
  if (toMake.length > 0 || analyze.length > 0) return { job: rest }
  const isKnown =
    fingerprint !== undefined &&
    matchesFingerprint(job.source, fingerprint) === true &&
    isEntryCurrent(entry, job, settled)
  return {
    job: rest,
    result: { job: rest, status: statusOf(settled), ...factsOf(entry), outputs: settled, ms: 0 },
    ...(isKnown && { isKnown }),
  }
}

/** Returns the findings of an entry that no other model has replaced. */
function currentFindings({ analysis = {} }: ManifestEntry, models: Models = {}): Analysis {
  const current = Object.entries(analysis).filter(([name, finding]) => {
    const model = models[name]
    return model === undefined || (Object(finding) as { model?: unknown }).model === model
  })
  return current.length === Object.keys(analysis).length ? analysis : Object.fromEntries(current)
}

/** Returns the findings that renditions use. */
function findingsFor(renditions: readonly Rendition[], found: Analysis): Pick<Job, 'known'> {
  const names = new Set(
    renditions.flatMap((rendition) => analyzersOf(rendition)).filter((name) => name in found),
  )
  return names.size === 0 ? {} : { known: Object.fromEntries([...names].map((name) => [name, found[name]])) }
}

/** Returns true if an entry lists exactly these outputs for their presets, all of them unchanged. */
function isEntryCurrent(entry: ManifestEntry, job: Job, settled: readonly OutputResult[]): boolean {
  if (entry.error !== undefined || entry.outputs.some((output) => !isCurrent(output, job))) return false
  const presets = new Set(settled.map(({ preset }) => preset))
  const listed = entry.outputs.filter(({ preset }) => presets.has(preset))
  return listed.length === settled.length && settled.every(({ action }) => action === 'unchanged')
}

/** Returns true if an output exists and its URL is the one that it would get now. */
function isCurrent(output: ManifestOutput, { baseUrl }: Job): boolean {
  return (
    output.status === 'ready' &&
    output.url === (baseUrl === undefined ? undefined : urlOf(output.path, baseUrl))
  )
}

/** Returns the fingerprint of a source after a run. */
export function toFingerprint({ job, error }: Result, tool: () => string): SourceFingerprint {
  const { size, modified, etag, changed } = job.source
  return {
    size,
    ...(modified !== undefined && { modified }),
    ...(etag !== undefined && { etag }),
    ...(changed !== undefined && { changed }),
    ...(error !== undefined && !error.retryable && { failed: failureConditions(job, tool()) }),
  }
}

/** Returns the job with one reason for all its renditions. */
function withReason(job: Job, entry: ManifestEntry | undefined, reason: Reason): Job {
  const renditions = job.renditions.map((rendition): Rendition => {
    return { ...rendition, reason, ...pathBefore(rendition, job, entry) }
  })
  return { ...job, renditions }
}

/** Finds the earlier path of a rendition whose target still has tokens, in the manifest. */
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

/** Repeats the failure of a source that is unchanged, without decoding it again. */
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

/** Returns the facts of the source, if it was ever read. */
function factsOf({ source }: ManifestEntry): Pick<Result, 'source'> {
  const { path: _, bytes, ...facts } = source
  return bytes === undefined ? {} : { source: { bytes, ...facts } }
}

/** Checks for each source if it is unchanged. Undefined if its content was never known. */
async function checkSources(
  chunk: readonly JobWithHistory[],
  history: RunHistory,
): Promise<(boolean | undefined)[]> {
  const limit = pLimit(READ_CONCURRENCY)
  const reads: Promise<void>[] = []
  const unchanged = chunk.map((one, index) => {
    const known = isSourceUnchanged(one)
    if (known !== 'unsure') return known
    reads.push(limit(async () => void (unchanged[index] = await isContentUnchanged(one, history))))
    return undefined
  })
  await Promise.all(reads)
  return unchanged
}

function isSourceUnchanged({ job, entry, fingerprint }: JobWithHistory): boolean | undefined | 'unsure' {
  const matches = fingerprint === undefined ? undefined : matchesFingerprint(job.source, fingerprint)
  if (matches !== undefined || entry === undefined) return matches
  const { source, error } = entry
  if (source.hash === undefined) return error === undefined ? false : undefined
  return job.source.size > 0 && job.source.size !== source.bytes ? false : 'unsure'
}

async function isContentUnchanged({ job, entry }: JobWithHistory, { read }: RunHistory): Promise<boolean> {
  // A source that cannot be read fails again in its job, which reports the reason.
  const bytes = await read(job).catch(() => undefined)
  return bytes !== undefined && entry?.source.hash === `sha256:${sha256(bytes)}`
}

/** Returns the conditions under which the same source fails again: limits, strictness and versions. */
function failureConditions({ limits, failOn }: Job, tool: string): string {
  const { pixels, bytes, frames, seconds } = limits
  return [pixels, bytes, frames, seconds, failOn, tool].join(' ')
}
