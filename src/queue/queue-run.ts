import { ImgprocError, toImgprocError } from '../errors.js'
import type { EngineWork } from '../engines/types.js'
import type { Job, Result } from '../jobs/types.js'
import { asRecord } from '../utils/parse-json.js'
import { addShipments, type AddOptions } from './add-jobs.js'
import { inChunks } from './chunks.js'
import { lookUp, type Existing } from './existing-jobs.js'
import { createFailedResult, MOVED, queueId, readResult, type ResultMessage } from './job-message.js'
import type { OpenQueue } from './open-queue.js'
import { isParcel, packJobs, sizeOf, type Shipment, type Ticket } from './parcels/pack-jobs.js'
import { createPendingJobs, type PendingJobs } from './pending-jobs.js'
import { persistAloud } from './redis/persist.js'
import { createRemover, removeJobs, withdrawMessages, type Remover } from './remove-jobs.js'
import { listenForResults } from './result-events.js'
import { createClaimPublisher, type ClaimPublisher } from './shared-claims.js'

/** Jobs that are added or looked up in one round trip. */
const CHUNK = 500

export interface QueueRunOptions {
  readonly open: OpenQueue
  readonly work: EngineWork
  readonly add: AddOptions
  readonly ahead: number
  /** Small jobs in one message, at most. */
  readonly inParcel: number
  readonly sweepSeconds: number
  readonly force: boolean
  readonly onNotice: ((text: string) => void) | undefined
  readonly signal: AbortSignal | undefined
}

/** The jobs of one run in a queue. */
export interface QueueRun {
  /** Begins to add jobs. Takes no more of them than are wanted ahead. */
  readonly feed: (jobs: AsyncIterable<Job> | Iterable<Job>) => void
  /** Resolves to the next result; undefined when all jobs have theirs. */
  readonly next: () => Promise<Result | undefined>
  /** Takes jobs that wait out of the queue, and stops to listen. */
  readonly end: () => Promise<void>
}

/** The parts of a run. */
interface Parts extends QueueRunOptions {
  readonly pending: PendingJobs
  readonly claims: ClaimPublisher
  readonly remover: Remover
}

/** Starts to listen for results, before any job is added. */
export async function startRun(options: QueueRunOptions): Promise<QueueRun> {
  const { open, work, ahead, signal, sweepSeconds } = options
  const pending = createPendingJobs(ahead)
  const parts: Parts = {
    ...options,
    pending,
    claims: await createClaimPublisher(open, work.claims),
    remover: createRemover(open),
  }
  const stopListening = await listenForResults(open, {
    onCompleted: (message, results) => settleAll(parts, message, asRecord(results)),
    onFailed: (message) => void settleFailed(parts, message).catch(() => {}),
    // Else it was removed by somebody else, and its jobs are added again.
    onRemoved: (message) => pending.isStopped() && pending.drop(pending.inMessage(message)),
  })
  // A look that fails is taken again.
  let sweeping: Promise<void> | undefined
  // While Redis is away ioredis holds requests back: another sweep would only add to them.
  const timer = setInterval(() => {
    sweeping ??= sweep(parts)
      .catch(() => {})
      .finally(() => (sweeping = undefined))
  }, sweepSeconds * 1000)
  const abort = () => void withdraw(parts).catch(pending.fail)
  signal?.addEventListener('abort', abort, { once: true })
  return {
    feed: (jobs) => void feed(parts, jobs).then(pending.close, pending.fail),
    next: pending.next,
    async end() {
      clearInterval(timer)
      signal?.removeEventListener('abort', abort)
      const isWhole = pending.size() === 0
      await withdraw(parts)
      await stopListening()
      await parts.remover.flush()
      if (isWhole) await parts.claims.remove()
    },
  }
}

async function feed(parts: Parts, jobs: AsyncIterable<Job> | Iterable<Job>): Promise<void> {
  const { pending, inParcel } = parts
  for await (const chunk of inChunks(jobs, { room: pending.room, size: CHUNK })) {
    if (pending.isStopped()) return
    const tickets = chunk.map((job) => ({ id: queueId(job), job }))
    pending.add(tickets)
    const fresh = await retry(parts, () => takeOlderResults(parts, tickets))
    await addPacked(parts, fresh, inParcel)
    // An abort in the meantime has not seen these in the queue.
    if (pending.isStopped()) await withdraw(parts)
  }
}

/** Adds jobs, of which small ones share messages. */
async function addPacked(parts: Parts, tickets: readonly Ticket[], most: number): Promise<void> {
  const { open, pending, claims, add } = parts
  const shipments = packJobs(tickets, { most, isExclusive: claims.isExclusive })
  for (const { id, tickets: shipped } of shipments) for (const ticket of shipped) pending.place(ticket.id, id)
  const isWanted = (shipment: Shipment) => shipment.tickets.some(({ id }) => pending.jobOf(id) !== undefined)
  await retry(parts, () => addShipments(open, shipments, claims, add, isWanted))
}

/** Takes the results of jobs that an earlier run has left, and returns the jobs that are to be added. */
async function takeOlderResults(parts: Parts, tickets: readonly Ticket[]): Promise<Ticket[]> {
  const { open, pending } = parts
  const states = await lookUp(
    open,
    tickets.map(({ id }) => id),
  )
  const fresh: Ticket[] = []
  const old = new Map<string, string[]>()
  for (const [at, ticket] of tickets.entries()) {
    const { id, job } = ticket
    const state = states[at]
    if (state === undefined || pending.jobOf(id) === undefined) continue
    if (state.kind === 'pending') pending.place(id, state.message)
    else if (state.kind === 'absent') fresh.push(ticket)
    else if (await isCurrent(parts, job, state)) settle(parts, id, state)
    else {
      old.set(state.message, [...(old.get(state.message) ?? []), id])
      fresh.push(ticket)
    }
  }
  await removeJobs(open, old)
  return fresh
}

async function isCurrent({ force, work }: Parts, job: Job, state: Existing): Promise<boolean> {
  if (force || state.kind !== 'done' || state.hasFailed) return false
  const result = toResult(state.result, job)
  return result.error === undefined && work.isCurrent({ ...result, job })
}

/** Settles the jobs of a message that has ended well. */
function settleAll(parts: Parts, message: string, results: Readonly<Record<string, unknown>>): void {
  const { pending, remover } = parts
  const settled: string[] = []
  let hasMoved = false
  for (const id of isParcel(message) ? Object.keys(results) : [message]) {
    const result = results[id]
    if (result === MOVED && pending.jobOf(id) !== undefined) {
      pending.place(id, id)
      hasMoved = true
    } else if (result !== MOVED && pending.settle(id, (job) => toResult(result, job))) settled.push(id)
  }
  if (settled.length > 0) remover.add(message, settled)
  if (hasMoved && pending.isStopped()) void withdraw(parts).catch(() => {})
}

/** Settles a job by what lies in Redis. */
function settle({ pending, remover }: Parts, id: string, { message, hasFailed, result }: Done): void {
  // Failures stay to be read.
  if (pending.settle(id, (job) => toResult(result, job)) && !hasFailed) remover.add(message, [id])
}

type Done = Extract<Existing, { readonly kind: 'done' }>

/** Settles a job that has failed, by the result that its worker has left. */
async function settleFailed(parts: Parts, id: string): Promise<void> {
  if (parts.pending.jobOf(id) === undefined) return
  const [state] = await lookUp(parts.open, [id])
  if (state?.kind === 'done') settle(parts, id, state)
}

/** Looks at the jobs of which nothing was heard for longest: an event or a job may be lost with a server. */
async function sweep(parts: Parts): Promise<void> {
  const { pending, open } = parts
  const ids = pending.ids(CHUNK)
  const states = await lookUp(open, ids)
  const lost: Ticket[] = []
  for (const [at, id] of ids.entries()) {
    const [state, job] = [states[at], pending.jobOf(id)]
    if (state === undefined || job === undefined) continue
    if (state.kind === 'done') settle(parts, id, state)
    else if (state.kind === 'pending') pending.place(id, state.message)
    else if (pending.isStopped()) pending.drop([id])
    else lost.push({ id, job })
    pending.touch(id)
  }
  // Each alone: a worker may have refused their parcel.
  if (lost.length > 0) await addPacked(parts, lost, 1)
}

/** Takes jobs that wait out of the queue. Those in work go on. */
async function withdraw(parts: Parts): Promise<void> {
  const { pending, open } = parts
  pending.stop()
  const messages = pending.messages()
  const isOwn = (message: string) => pending.inMessage(message).length === sizeOf(message)
  const own = new Map(messages.filter(isOwn).map((message) => [message, pending.inMessage(message)]))
  const shared = messages.filter((message) => !own.has(message))
  // Their events tell which of them are gone. Those that have ended in the meantime have their results before.
  await retry(parts, () => withdrawMessages(open, own))
  for (const message of shared) {
    // Other producers want the rest of it: it stays, and nobody waits for its start.
    const state = await retry(parts, () => open.queue.getJobState(message))
    if (state !== 'active' && state !== 'completed') pending.drop(pending.inMessage(message))
  }
}

/** Repeats an action until Redis does it. */
async function retry<T>({ onNotice }: Parts, action: () => Promise<T>): Promise<T> {
  return persistAloud(action, onNotice)
}

/** Reads a result. A job without one has killed its workers. */
function toResult(value: unknown, job: Job): ResultMessage {
  if (value === undefined) return createFailedResult(job, createCrashError(job))
  try {
    return readResult(value)
  } catch (error) {
    return createFailedResult(job, toImgprocError(error))
  }
}

function createCrashError({ path }: Job): ImgprocError {
  const message =
    `Making ${path} ended its worker three times, the last time with no other image beside it, most likely because ` +
    'memory ran out; the other images were not affected. Give the workers more memory, or save the image again with another program.'
  return new ImgprocError('INTERNAL', message, { stage: 'decode', path, retryable: true })
}
