import type { z } from 'zod'
import { ImgprocError, toRecord, type ErrorRecord } from '../errors.js'
import { statusOf } from '../jobs/job-status.js'
import type { Job, Result } from '../jobs/types.js'
import type { ManifestTool } from '../manifest/types.js'
import { versions } from '../manifest/tool-versions.js'
import { findOwnOperation } from '../operations/own/own-operations.js'
import { ownVersions, parseOps } from '../operations/parse-operations.js'
import { sha256 } from '../utils/sha256.js'
import { check } from '../utils/validate.js'
import { envelopeSchema, messageSchema, resultSchema } from './message-schema.js'
import type { Ticket } from './parcels/pack-jobs.js'

/** Version of the format of messages. Raised by every change that older workers would misread. */
const MESSAGE_FORMAT = 3

/** Paths that other jobs may want too. Absent if no other job can. */
export interface MessageClaims {
  /** Names the paths that are taken in the output folder. */
  readonly key: string
  /** Ids of jobs that take their paths first. */
  readonly after: readonly string[]
}

/** Jobs as they lie in Redis: plain JSON, without credentials. */
export interface JobMessage {
  readonly format: number
  /** The versions of the producer, which the manifest names. */
  readonly tool: ManifestTool
  /** The jobs by their ids, in their order. */
  readonly jobs: Readonly<Record<string, Job>>
  /** Versions of the users' operations of the jobs, by name. Absent if there are none. */
  readonly operations?: Readonly<Record<string, string>>
  readonly claims?: MessageClaims
}

/** A result as it lies in Redis. */
export type ResultMessage = Omit<Result, 'job'>

/** Stands for the result of a job that is made elsewhere: it has become a message of its own, or is in another parcel. */
export const MOVED = 'moved'

/** The results of a message as they lie in Redis, by the ids of its jobs. */
export type ResultsMessage = Readonly<Record<string, ResultMessage | typeof MOVED>>

/** Creates the message of jobs. Only one that is alone may have claims. */
export function createMessage(tickets: readonly Ticket[], claims?: MessageClaims): JobMessage {
  const operations = ownVersions(tickets.flatMap(({ job }) => job.renditions.flatMap(({ ops }) => ops)))
  return {
    format: MESSAGE_FORMAT,
    tool: versions(),
    jobs: Object.fromEntries(tickets.map(({ id, job }) => [id, job])),
    ...(Object.keys(operations).length > 0 && { operations }),
    ...(claims !== undefined && { claims }),
  }
}

/**
 * Returns the id of a job in the queue: a hash of its source, its recipes and everything else that decides its result, so
 * that the same work is not queued twice.
 */
export function queueId(job: Job): string {
  const { isSame: _, renditions, ...rest } = job
  const made = renditions.map(({ reason: _reason, before: _before, ...rendition }) => rendition)
  // BullMQ takes neither digits alone nor a colon.
  return `job-${sha256(JSON.stringify([MESSAGE_FORMAT, versions(), rest, made])).slice(0, 32)}`
}

/**
 * Reads a message where it arrives.
 *
 * @throws ImgprocError QUEUE_UNAVAILABLE if another version of imgproc, sharp or libvips has sent it, with both versions;
 * INVALID_USAGE if it holds no jobs.
 */
export function readMessage(value: unknown): JobMessage {
  checkVersion(value)
  const { problems } = check(messageSchema, value)
  if (problems !== undefined) throw createMessageError('job', problems[0])
  const message = value as JobMessage // validated; ops and their limits follow
  checkOwnOperations(message.operations ?? {})
  const jobs = Object.entries(message.jobs).map(([id, job]) => {
    for (const { ops } of job.renditions) checkOps(ops)
    return [id, withLimits(job)] as const
  })
  return { ...message, jobs: Object.fromEntries(jobs) }
}

/** Restores the limits of a job that JSON has no form for. */
function withLimits(job: Job): Job {
  const orInfinity = (limit: number | null) => limit ?? Infinity
  const { pixels, bytes, frames, seconds } = job.limits
  const limits = {
    pixels: orInfinity(pixels),
    bytes: orInfinity(bytes),
    frames: orInfinity(frames),
    seconds: orInfinity(seconds),
  }
  return { ...job, limits }
}

/** Throws INVALID_OPERATION unless this worker has the users' operations of a job, in the same versions. */
function checkOwnOperations(wanted: Readonly<Record<string, string>>): void {
  for (const [name, version] of Object.entries(wanted)) {
    const own = findOwnOperation(name)?.version
    if (own === version) continue
    const has = own === undefined ? 'does not have it' : `has its version ${own}`
    throw new ImgprocError(
      'INVALID_OPERATION',
      `it needs version ${version} of the operation "${name}", and this worker ${has}. Name the module of the producer under operations in the config of the worker.`,
      { stage: 'usage' },
    )
  }
}

/** Lists of operations that were valid, as JSON. Most jobs of a queue have the same. */
const validOps = new Set<string>()
const MAX_VALID = 1000

function checkOps(ops: unknown): void {
  const text = JSON.stringify(ops)
  if (validOps.has(text)) return
  parseOps(ops)
  if (validOps.size >= MAX_VALID) validOps.clear()
  validOps.add(text)
}

function checkVersion(value: unknown): void {
  const checked = check(envelopeSchema, value)
  if (checked.problems !== undefined) throw createMessageError('job', checked.problems[0])
  const own = { format: MESSAGE_FORMAT, tool: versions() }
  const [theirs, ours] = [describeVersion(checked.data), describeVersion(own)]
  if (theirs === ours) return
  const message =
    `The job was queued by ${theirs}, but this worker is ${ours}. ` +
    'Install the same version on all machines: the manifest names one.'
  throw new ImgprocError('QUEUE_UNAVAILABLE', message, { stage: 'usage' })
}

function describeVersion({ format, tool }: z.output<typeof envelopeSchema>): string {
  const { version, sharp, libvips } = tool
  return `imgproc ${version} with sharp ${sharp} and libvips ${libvips} (messages of version ${format})`
}

/** Returns a result without its job, which the producer has. */
export function toResultMessage(full: Result): ResultMessage {
  const { job: _, ...result } = full
  return result
}

/**
 * Reads a result where it arrives.
 *
 * @throws ImgprocError INVALID_USAGE if it is none.
 */
export function readResult(value: unknown): ResultMessage {
  const { problems } = check(resultSchema, value)
  if (problems !== undefined) throw createMessageError('result', problems[0])
  // As it was written, since the order of its keys is that of the manifest.
  return value as ResultMessage
}

function createMessageError(kind: string, problem?: { path: string; sentence: string }): ImgprocError {
  const where = problem === undefined || problem.path === '' ? '' : `, ${problem.path}`
  return new ImgprocError(
    'INVALID_USAGE',
    `The queue holds something that is no ${kind} of imgproc${where}: ${problem?.sentence}. Use a queue of its own (--queue-name).`,
    { stage: 'usage' },
  )
}

/** Returns the result of a job that failed as a whole before or after it ran. */
export function createFailedResult(job: Pick<Job, 'settled'>, error: ImgprocError): ResultMessage {
  const outputs = [...(job.settled ?? [])]
  const record: ErrorRecord = toRecord(error)
  return { status: statusOf(outputs, record), outputs, error: record, ms: 0 }
}
