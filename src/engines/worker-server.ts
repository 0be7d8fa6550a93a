import { setMaxListeners } from 'node:events'
import { reserveWithin } from '../plan/output-claims.js'
import type { Job, Result } from '../jobs/types.js'
import { ImgprocError } from '../errors.js'
import { createMessageBatch } from './message-batch.js'
import type { EngineMessage, WorkerMessage } from './worker-protocol.js'

type JobRequest = Extract<EngineMessage, { job: Job }>
type ReserveResponse = Extract<EngineMessage, { requestId: number }>

/** Services of the run for one job. */
export interface JobContext {
  /** Reserves an output path. Returns the source that has it, or undefined if it was free. */
  readonly reserve: (path: string) => Promise<string | undefined>
  /** Reports that a rendition is encoded. */
  readonly onRendition: () => void
  readonly signal: AbortSignal
}

type ExecuteJob = (job: Job, context: JobContext) => Promise<Result>

/** Results that are sent together, at most. */
const MAX_RESULTS = 8
/** Milliseconds that a result waits for others, at most. */
const SEND_AFTER = 50

/**
 * Runs the jobs that arrive through a process's IPC channel, until the channel closes. The worker's end of the worker
 * pool engine.
 *
 * @param self this process.
 * @param prepare creates the function that runs jobs from the engine's `setup`.
 */
export function serveJobs(self: NodeJS.Process, prepare: (setup: unknown) => Promise<ExecuteJob>): void {
  const abort = new AbortController()
  setMaxListeners(0, abort.signal)
  const { post, flush } = createMessageBatch<WorkerMessage>({
    // If the parent has disconnected, this process exits by itself.
    send: (messages) => void self.send?.(messages, undefined, undefined, () => {}),
    maxMessages: MAX_RESULTS,
    schedule: (send) => void setTimeout(send, SEND_AFTER),
  })
  const requests = createReserveRequests((message) => {
    post(message)
    flush()
  })
  let isHalted = false
  let prepared: Promise<ExecuteJob> | undefined
  const queue = createJobQueue(async (request: JobRequest) => {
    const full = await (await prepared)?.(request.job, createContext(request))
    if (full === undefined) return
    // The engine has the job.
    const { job: _, ...result } = full
    post({ id: request.id, result })
  }, flush)

  async function start(setup: unknown, concurrency: number): Promise<void> {
    prepared = prepare(setup)
    await prepared
    post({ ready: true })
    flush()
    queue.open(concurrency)
  }

  function createContext({ id, job, isExclusive }: JobRequest): JobContext {
    const request = (path: string) => requests.send(id, path)
    const reserve = isExclusive ? reserveWithin(job) : request
    return { reserve, onRendition: () => post({ id, rendition: true }), signal: abort.signal }
  }

  function halt(): void {
    isHalted = true
    for (const { id } of queue.clear()) post({ id, notStarted: true })
    flush()
  }

  function handle(message: EngineMessage): void {
    if ('setup' in message) void start(message.setup, message.concurrency)
    else if ('requestId' in message) requests.settle(message)
    else if ('halt' in message) halt()
    else if ('abort' in message) abort.abort()
    else if (isHalted) post({ id: message.id, notStarted: true })
    else queue.add(message)
  }

  self.on('message', (messages: readonly EngineMessage[]) => messages.forEach(handle))
  // A terminal signals all processes of a command. The main process decides what to do.
  for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) self.on(name, () => {})
  // A regular exit would wait for the images in work.
  self.on('disconnect', () => self.kill(self.pid, 'SIGKILL'))
}

/** Creates a queue that starts its items in order, as many at once as `open` has set. */
function createJobQueue<T>(execute: (item: T) => Promise<void>, onIdle: () => void) {
  const waiting: T[] = []
  let slots = 0
  const next = () => {
    for (; slots > 0; slots--) {
      const item = waiting.shift()
      // Pending results are sent now: the engine may have no more jobs until it gets them.
      if (item === undefined) return onIdle()
      void execute(item).then(() => {
        slots++
        next()
      })
    }
  }
  return {
    open(count: number): void {
      slots = count
      next()
    },
    add(item: T): void {
      waiting.push(item)
      next()
    },
    /** Removes and returns the items that have not started. */
    clear: () => waiting.splice(0),
  }
}

/** Sends requests to reserve a path to the engine, and settles them by its responses. */
function createReserveRequests(send: (message: WorkerMessage) => void) {
  const pending = new Map<number, (response: ReserveResponse) => void>()
  let lastId = 0
  return {
    async send(id: number, path: string): Promise<string | undefined> {
      const requestId = ++lastId
      const response = await new Promise<ReserveResponse>((resolve) => {
        pending.set(requestId, resolve)
        send({ id, requestId, path })
      })
      if ('owner' in response) return response.owner
      const { code, message, ...details } = response.error
      throw new ImgprocError(code, message, details)
    },
    settle(response: ReserveResponse): void {
      pending.get(response.requestId)?.(response)
      pending.delete(response.requestId)
    },
  }
}
