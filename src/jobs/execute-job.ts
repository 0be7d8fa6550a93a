import { ImgprocError, throwIfAborted, toImgprocError, toRecord, type ErrorRecord } from '../errors.js'
import { analyze } from '../analyzers/run-analyzers.js'
import type { Analyzer } from '../analyzers/types.js'
import type { Buffers } from '../image/buffer-pool.js'
import { FORMATS } from '../image/formats.js'
import { failsSource, renderAll } from './render-all.js'
import { pictureAfter, type Encoded } from '../render/render-rendition.js'
import { checkTarget } from '../paths/output-path.js'
import { statusOf, urlOf } from './job-status.js'
import { wantsPreview, openFromHead, canUsePreview } from '../render/preview/open-from-head.js'
import { isRemote } from '../paths/location.js'
import { sha256 } from '../utils/sha256.js'
import { skipReason } from './skip-rules.js'
import { atOnce, openImage, type OpenImage, type OpenOptions } from '../image/open-image.js'
import { estimateMemory } from './job-memory.js'
import { asksForHash, resolveTarget } from '../paths/template.js'
import type { FastJpeg } from '../jpeg/types.js'
import type { Job, OutputResult, Rendition, Result, SourceFacts } from './types.js'
import type { Compute, Decoder } from '../image/types.js'
import type { Store } from '../stores/types.js'

/** What `execute` works with. */
export interface ExecuteContext {
  /** Where the source is read. */
  readonly input: Store
  /** Where outputs are written. */
  readonly output: Store
  /** What reads formats that sharp doesn't. */
  readonly decoders?: readonly Decoder[] | undefined
  /** As `openImage` takes it. */
  readonly fastJpeg?: FastJpeg | undefined
  /** Those that jobs name, by their names. */
  readonly analyzers?: ReadonlyMap<string, Analyzer> | undefined
  /** What sources are read into. @default fresh memory for each */
  readonly buffers?: Buffers | undefined
  /** @default at once */
  readonly compute?: Compute | undefined
  /** Takes an output path for a job; the source that has it already, if another does. */
  readonly reserve: (path: string, job: Job) => Promise<string | undefined>
  readonly signal?: AbortSignal | undefined
}

/** Makes one source's renditions: read, render, write. Never throws: failures are data. */
export async function executeJob(job: Job, context: ExecuteContext): Promise<Result> {
  const started = performance.now()
  let facts: SourceFacts | undefined
  const outputs: OutputResult[] = [...(job.settled ?? [])]
  let findings: Pick<Result, 'analysis' | 'analysisErrors'> = {}
  let error: ErrorRecord | undefined
  let source: Uint8Array | undefined
  let release: OpenImage['release']
  let encodings: ReadonlyMap<Rendition, Promise<Encoded>> = new Map()
  try {
    const { input, signal, compute = atOnce } = context
    const { limits, failOn } = job
    // Overlays are read when the source has begun, and then no signal stops it.
    const read = (ref: string) => input.read(ref, { maxBytes: limits.bytes })
    const { decoders, fastJpeg } = context
    const options = { limits, failOn, read, decoders, fastJpeg, compute, signal }
    const head = await readHead(job, context, options)
    const allocate = context.buffers?.take
    const bytes =
      head?.bytes ?? (await input.read(job.source.ref, { maxBytes: limits.bytes, signal, allocate }))
    source = bytes
    facts = head === undefined ? { bytes: bytes.length, hash: hashOf(bytes) } : { bytes: job.source.size }
    const image = head ?? (await openImage(bytes, options))
    release = image.release
    facts = { ...facts, ...describe(image) }
    // What has begun is finished: the manifest would not know half a source's outputs.
    throwIfAborted(signal)
    const weight = estimateMemory(image, job.renditions)
    const reasons = new Map(
      job.renditions.map((one) => [one, skipReason(one, (ops) => pictureAfter(image, ops))]),
    )
    const wanted = job.renditions.filter((one) => reasons.get(one) === undefined)
    encodings = renderAll(image, wanted, (work) => compute(work, weight))
    for (const [rendition, reason] of reasons) {
      const encoding = encodings.get(rendition)
      if (reason !== undefined) outputs.push(toSkipped(rendition, reason))
      else if (encoding !== undefined)
        outputs.push(await makeOutput(rendition, encoding, job, facts, context))
    }
    if (job.analyze.length > 0) findings = await compute(() => lookAt(image, job, context), weight)
  } catch (caught) {
    error = toPublicRecord(caught, job)
    // A job is over when nothing of it is in work.
    await Promise.allSettled(encodings.values())
  }
  release?.()
  // An analyzer of somebody else's may still look at it.
  if (source !== undefined && job.analyze.length === 0) context.buffers?.give(source)
  return {
    job,
    status: statusOf(outputs, error),
    ...(facts !== undefined && { source: facts }),
    outputs,
    ...findings,
    ...(error !== undefined && { error }),
    ms: performance.now() - started,
  }
}

/** Opens the source by the head of its file, where all of the job can be made from that. */
async function readHead(
  job: Job,
  { input, signal, buffers, compute = atOnce }: ExecuteContext,
  options: OpenOptions,
): Promise<OpenImage | undefined> {
  const { source, renditions, analyze: analyzers, limits } = job
  if (renditions.length === 0 || analyzers.length > 0 || !renditions.every(isMadeFromHead)) return undefined
  // A size that the store doesn't know can't be told, nor refused.
  if (source.size === 0 || source.size > limits.bytes) return undefined
  const serves = (image: OpenImage) => {
    const wanted = renditions.filter(
      (one) => skipReason(one, (ops) => pictureAfter(image, ops)) === undefined,
    )
    return canUsePreview(
      image,
      wanted.map(({ ops }) => ops),
    )
  }
  const heads: Uint8Array[] = []
  const readTo = async (to: number) => {
    const head = await input.read(source.ref, { range: [0, to], signal, allocate: buffers?.take })
    heads.push(head)
    return head
  }
  const image = await openFromHead(readTo, (opened) => compute(() => serves(opened), 0), options)
  for (const head of heads) if (head !== image?.bytes) buffers?.give(head)
  return image
}

/** A hash in the path is one of the whole content. */
function isMadeFromHead({ ops, target }: Rendition): boolean {
  return wantsPreview(ops) && !asksForHash(target)
}

function toSkipped({ preset, target: path, recipe }: Rendition, reason: string): OutputResult {
  return { action: 'skipped', preset, path, recipe, reason }
}

/** Writes what was encoded: in the renditions' order, since two may want one path. */
async function makeOutput(
  { preset, target, recipe }: Rendition,
  encoding: Promise<Encoded>,
  job: Job,
  facts: SourceFacts,
  context: ExecuteContext,
): Promise<OutputResult> {
  let path = target
  try {
    const encoded = await encoding
    const { data, format, width, height, pages, found } = encoded
    path = settleTarget(target, encoded, `${facts.hash}${recipe}`)
    if (!isRemote(job.out)) checkTarget(path)
    const owner = await context.reserve(path, job)
    if (owner !== undefined) throw collision(path, owner)
    const { mime } = FORMATS[format]
    await context.output.write(`${job.out}/${path}`, data, { contentType: mime })
    const size = { width, height, ...(pages > 1 && { pages }), ...found }
    const file = { ...size, bytes: data.length, hash: hashOf(data) }
    return {
      action: 'written',
      preset,
      path,
      ...(job.baseUrl !== undefined && { url: urlOf(path, job.baseUrl) }),
      format,
      mime,
      ...file,
      recipe,
    }
  } catch (caught) {
    const error = toImgprocError(caught)
    if (failsSource(error)) throw error
    return { action: 'failed', preset, path, recipe, error: toPublicRecord(error, job) }
  }
}

function collision(path: string, owner: string): ImgprocError {
  const message = `${path} is made from ${owner} already. Tell them apart in --path, such as by {srcext}, {width} or {dir}.`
  return new ImgprocError('OUTPUT_COLLISION', message, { stage: 'write', path })
}

/** Puts in what only the picture could tell. */
function settleTarget(target: string, { format, width, height }: Encoded, content: string): string {
  const known = { ext: FORMATS[format].ext, width, height, format }
  return resolveTarget(target, asksForHash(target) ? { ...known, hash: sha256(content) } : known)
}

/** What the job's analyzers find. A picture that turns out to be damaged fails as a source. */
async function lookAt(
  image: OpenImage,
  job: Job,
  { analyzers }: ExecuteContext,
): Promise<Pick<Result, 'analysis' | 'analysisErrors'>> {
  const wanted = job.analyze.flatMap((name) => analyzers?.get(name) ?? [])
  const { analysis, errors } = await analyze(image, wanted)
  const damage = errors.find(({ error }) => error.stage === 'decode')
  if (damage !== undefined) throw damage.error
  const failed = errors.map(({ name, error }) => ({ name, error: toPublicRecord(error, job) }))
  return { analysis, ...(failed.length > 0 && { analysisErrors: failed }) }
}

function describe({ metadata, format }: OpenImage): Partial<SourceFacts> {
  const { width, height } = metadata.autoOrient
  return { width, height: metadata.pageHeight ?? height, format }
}

/** An error as it may stand in a manifest that goes elsewhere: without this machine's folders. */
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

/** A path as it stands between the quotes of a message. */
function quoted(path: string): string {
  return JSON.stringify(path).slice(1, -1)
}

/** As a manifest has it. */
function hashOf(bytes: Uint8Array): string {
  return `sha256:${sha256(bytes)}`
}
