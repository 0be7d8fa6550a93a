import { ImgprocError, throwIfAborted, toImgprocError, toRecord, type ErrorRecord } from '../errors.js'
import type { Analyzer } from '../analyzers/types.js'
import type { Buffers } from '../image/buffer-pool.js'
import { FORMATS } from '../image/output-formats.js'
import { applyPolicies, type Decision } from './apply-policies.js'
import { createJobFindings, type JobFindings } from './job-findings.js'
import { failsSource, renderAll } from './render-all.js'
import { recipeOf } from '../render/recipe.js'
import type { Encoded } from '../render/render-rendition.js'
import { checkTarget } from '../paths/output-path.js'
import { statusOf, urlOf } from './job-status.js'
import { isRemote } from '../paths/location.js'
import { sha256 } from '../utils/sha256.js'
import { contentHash, createJobSource } from './job-source.js'
import { toSkipped } from './skip-rules.js'
import { atOnce, type OpenImage, type OpenOptions } from '../image/open-image.js'
import { checkMemory } from './job-memory.js'
import { openPages, type PageImages } from './page-images.js'
import { asksForHash, describeTarget, resolveTarget, type TemplateValues } from '../paths/template.js'
import type { FastCodec } from '../codec/types.js'
import type { Job, OutputResult, Rendition, Result } from './types.js'
import type { Compute, Decoder } from '../image/types.js'
import type { Store } from '../stores/types.js'
import { readClock } from '../utils/clock.js'

/** Stores, decoders and limits that `executeJob` uses. */
export interface ExecuteContext {
  /** Store that the source is read from. */
  readonly input: Store
  /** Store that outputs are written to. */
  readonly output: Store
  /** Decoders of formats that sharp does not read. */
  readonly decoders?: readonly Decoder[] | undefined
  /** JPEG codec with the same results as sharp. @default sharp */
  readonly fastCodec?: FastCodec | undefined
  /** Analyzers that jobs name, by name. */
  readonly analyzers?: ReadonlyMap<string, Analyzer> | undefined
  /** Pool of buffers that sources are read into. @default a new buffer for each */
  readonly buffers?: Buffers | undefined
  /** Limits concurrent work. @default runs all work at once */
  readonly compute?: Compute | undefined
  /** Bytes of memory that one image may take. @default Infinity */
  readonly availableMemory?: number | undefined
  /** Reserves an output path for a job. Returns the source that has reserved it already, if another has. */
  readonly reserve: (path: string, job: Job) => Promise<string | undefined>
  /** Called when a rendition is encoded, or has failed. */
  readonly onRendition?: ((job: Job) => void) | undefined
  /** Aborts the job until it begins to render; later it is finished. */
  readonly signal?: AbortSignal | undefined
}

/** Reads a source, renders its renditions, and writes them. Never throws: failures are data. */
export async function executeJob(job: Job, context: ExecuteContext): Promise<Result> {
  const started = readClock()
  const outputs: OutputResult[] = [...(job.settled ?? [])]
  let findings: Pick<Result, 'analysis' | 'analysisErrors'> = {}
  let error: ErrorRecord | undefined
  let encodings: ReadonlyMap<Rendition, Promise<Encoded>> = new Map()
  const { input, buffers, signal, compute = atOnce, availableMemory = Infinity } = context
  const known = createJobFindings(job, context.analyzers)
  const source = createJobSource(job, input, openOptions(job, context, known), buffers)
  try {
    const image = await source.open()
    // After this check the job finishes even on abort: the manifest cannot record half of the outputs.
    throwIfAborted(signal)
    const pages = await openPages(image, job.renditions, compute)
    const { memory } = pages
    checkMemory(memory, availableMemory)
    const decisions = await applyPolicies(image, pages, job, known, (work) => compute(work, memory))
    const wanted = [...decisions.values()].flatMap((one) => ('make' in one ? one.make : []))
    encodings = renderAll(image, wanted, (work) => compute(work, memory))
    reportEncodings(job, encodings, context)
    const opened = { pages, job, hash: source.facts()?.hash }
    for (const [rendition, decision] of decisions) {
      if ('skip' in decision) outputs.push(toSkipped(rendition, decision.skip))
      else if ('error' in decision) outputs.push(toFailed(rendition, opened, decision.error))
      else outputs.push(await writeOutput(decision, encodings.get(decision.make)!, opened, context))
    }
    if (job.analyze.length > 0) findings = await compute(() => runAnalyzers(image, job, known), memory)
  } catch (caught) {
    error = toPublicRecord(caught, job)
    // The job must not end while encoders still run.
    await Promise.allSettled(encodings.values())
  }
  source.release()
  const facts = source.facts()
  return {
    job,
    status: statusOf(outputs, error),
    ...(facts !== undefined && { source: facts }),
    // A copy has no room for more elements.
    outputs: [...outputs],
    ...findings,
    ...(error !== undefined && { error }),
    ms: readClock() - started,
  }
}

function openOptions(
  job: Job,
  { input, decoders, fastCodec, compute, signal }: ExecuteContext,
  { findRegions }: JobFindings,
): OpenOptions {
  const { limits, failOn } = job
  // Operations read files, such as overlays, after the job has begun: no signal stops it then.
  const read = (ref: string) => input.read(ref, { maxBytes: limits.bytes })
  return { limits, failOn, read, findRegions, decoders, fastCodec, compute: compute ?? atOnce, signal }
}

/** Reports renditions as they are encoded. They are written in another order. */
function reportEncodings(
  job: Job,
  encodings: ReadonlyMap<Rendition, Promise<Encoded>>,
  { onRendition }: ExecuteContext,
): void {
  // The result reports the only one.
  if (onRendition === undefined || encodings.size < 2) return
  const report = () => onRendition(job)
  for (const encoding of encodings.values()) encoding.then(report, report)
}

/** A job whose source is open. */
interface OpenJob {
  readonly pages: PageImages
  readonly job: Job
  /** Hash of the source. */
  readonly hash: string | undefined
}

/** Writes one rendition. The caller keeps the renditions' order: two of them may have the same path. */
async function writeOutput(
  { make: rendition, warning }: Extract<Decision, { make: Rendition }>,
  encoding: Promise<Encoded>,
  { pages: images, job, hash }: OpenJob,
  context: ExecuteContext,
): Promise<OutputResult> {
  const { preset, target, recipe } = rendition
  let path: string | undefined
  try {
    const encoded = await encoding
    const { data, format, width, height, pages, timeline, details } = encoded
    path = fillTarget(target, encoded, `${hash}${recipe}`)
    if (!isRemote(job.out)) checkTarget(path)
    const owner = await context.reserve(path, job)
    if (owner !== undefined) throw createCollisionError(path, owner)
    const { mime } = FORMATS[format]
    await context.output.write(`${job.out}/${path}`, data, { contentType: mime })
    // A run keeps all results. With a spread inside it, V8 stores a literal in twice the memory.
    const output = {
      action: 'written' as const,
      preset,
      path,
      format,
      mime,
      width,
      height,
      bytes: data.length,
      hash: contentHash(data),
      recipe,
    }
    return Object.assign(
      output,
      job.baseUrl !== undefined && { url: urlOf(path, job.baseUrl) },
      pages > 1 && { pages, ...timeline },
      details,
      warning !== undefined && { warnings: [...(details.warnings ?? []), warning] },
    )
  } catch (caught) {
    const error = toImgprocError(caught)
    if (failsSource(error)) throw error
    return toFailed(rendition, { pages: images, job, hash }, error, path)
  }
}

/** Returns the result of a rendition that failed. */
function toFailed(
  rendition: Rendition,
  { pages, job, hash }: OpenJob,
  error: unknown,
  path = describeTarget(rendition.target, plannedValues(rendition, pages, hash)),
): OutputResult {
  const { preset, recipe } = rendition
  return { action: 'failed', preset, path, recipe, error: toPublicRecord(error, job) }
}

/** Returns the tokens of an output that could not be encoded, as far as they do not depend on its pixels. */
function plannedValues(
  rendition: Rendition,
  images: PageImages,
  hash: string | undefined,
): Partial<TemplateValues> {
  const { ops, recipe } = rendition
  const picture = images.pictureAfter(rendition, ops)
  const { format } = recipeOf(ops)
  return {
    ...(picture !== undefined && { width: picture.width, height: picture.height }),
    ...(format !== undefined &&
      format.type !== 'auto' && { ext: FORMATS[format.type].ext, format: format.type }),
    ...(hash !== undefined && { hash: sha256(`${hash}${recipe}`) }),
  }
}

function createCollisionError(path: string, owner: string): ImgprocError {
  const message = `${path} is already made from ${owner}. Make the paths differ with path (--path), for example by {srcext}, {width} or {dir}.`
  return new ImgprocError('OUTPUT_COLLISION', message, { stage: 'write', path })
}

/** Fills the tokens of a target that are known only after encoding. */
function fillTarget(target: string, { format, width, height }: Encoded, content: string): string {
  const known = { ext: FORMATS[format].ext, width, height, format }
  return resolveTarget(target, asksForHash(target) ? { ...known, hash: sha256(content) } : known)
}

/** Runs the job's analyzers. Throws if the image cannot be decoded: that fails the source. */
async function runAnalyzers(
  image: OpenImage,
  job: Job,
  { findAll }: JobFindings,
): Promise<Pick<Result, 'analysis' | 'analysisErrors'>> {
  const { analysis, errors } = await findAll(image)
  const decodeError = errors.find(({ error }) => error.stage === 'decode')
  if (decodeError !== undefined) throw decodeError.error
  const failed = errors.map(({ name, error }) => ({ name, error: toPublicRecord(error, job) }))
  return { analysis, ...(failed.length > 0 && { analysisErrors: failed }) }
}

/** Returns an error for the manifest, without this machine's folders in its message. */
function toPublicRecord(caught: unknown, job: Job): ErrorRecord {
  const record = toRecord(toImgprocError(caught))
  let { message } = record
  for (const [long, short] of [
    [job.source.ref, job.path],
    [`${job.out}/`, ''],
  ] as const) {
    message = message.replaceAll(long, () => short).replaceAll(quoted(long), () => quoted(short))
  }
  return { ...record, message }
}

/** Escapes a path as it appears between the quotes of a message. */
function quoted(path: string): string {
  return JSON.stringify(path).slice(1, -1)
}
