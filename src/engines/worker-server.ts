import { setMaxListeners } from 'node:events'
import { keyOf } from '../paths/location.js'
import type { Job, Result } from '../jobs/types.js'
import { ImgprocError } from '../errors.js'
import { createMessageBatch } from './message-batch.js'
import type { EngineMessage, WorkerMessage } from './worker-protocol.js'

type JobOrder = Extract<EngineMessage, { job: Job }>

/** What a job may need of its run while it is made. */
export interface JobContext {
  /** Takes an output path; the source that has it already, if another does. */
  readonly reserve: (path: string) => Promise<string | undefined>
  readonly signal: AbortSignal
}

type Make = (job: Job, surroundings: JobContext) => Promise<Result>

/** Results that go together, and the milliseconds that one waits for others at most. */
const REPORTS = 8
const PATIENCE = 50

/**
 * The other end of the process engine: makes the jobs that come through a process's channel, so many at once as it is
 * told, until the channel closes.
 *
 * @param self the process that this is.
 * @param prepare what makes jobs, of the setup that the engine was given.
 */
export function serveJobs(self: NodeJS.Process, prepare: (setup: unknown) => Promise<Make>): void {
  const stop = new AbortController()
  setMaxListeners(0, stop.signal)
  const { post, flush } = createMessageBatch<WorkerMessage>({
    // Who has nobody to report to ends by itself.
    send: (reports) => void self.send?.(reports, undefined, undefined, () => {}),
    most: REPORTS,
    later: (send) => void setTimeout(send, PATIENCE),
  })
  const questions = createQuestions((question) => {
    post(question)
    flush()
  })
  let isHalted = false
  let prepared: Promise<Make> | undefined
  const turns = createTurns(async (order: JobOrder) => {
    const made = await (await prepared)?.(order.job, surround(order))
    if (made === undefined) return
    // The engine has the job.
    const { job: _, ...result } = made
    post({ id: order.id, result })
  }, flush)

  async function begin(setup: unknown, atOnce: number): Promise<void> {
    prepared = prepare(setup)
    await prepared
    post({ ready: true })
    flush()
    turns.open(atOnce)
  }

  function surround({ id, job, isExclusive }: JobOrder): JobContext {
    const ask = (path: string) => questions.ask(id, path)
    return { reserve: isExclusive ? claimWithin(job) : ask, signal: stop.signal }
  }

  function halt(): void {
    isHalted = true
    for (const { id } of turns.clear()) post({ id, isUnbegun: true })
    flush()
  }

  function heed(order: EngineMessage): void {
    if ('setup' in order) void begin(order.setup, order.atOnce)
    else if ('question' in order) questions.settle(order)
    else if ('halt' in order) halt()
    else if ('stop' in order) stop.abort()
    else if (isHalted) post({ id: order.id, isUnbegun: true })
    else turns.add(order)
  }

  self.on('message', (orders: readonly EngineMessage[]) => orders.forEach(heed))
  // A terminal interrupts all processes of a command; what comes of it is for the first of them to say.
  self.on('SIGINT', () => {})
  self.on('SIGTERM', () => {})
  // An exit would wait for the pictures in work.
  self.on('disconnect', () => self.kill(self.pid, 'SIGKILL'))
}

/** Settles the paths of a job that nobody else can want: only its own outputs may be rivals. */
function claimWithin(job: Job): JobContext['reserve'] {
  const own = new Set<string>()
  return async (path) => {
    const key = keyOf(`${job.out}/${path}`)
    if (own.has(key)) return job.path
    own.add(key)
    return undefined
  }
}

/** Begins so many at once, in their order. */
function createTurns<T>(make: (one: T) => Promise<void>, onIdle: () => void) {
  const waiting: T[] = []
  let slots = 0
  const next = () => {
    for (; slots > 0; slots--) {
      const one = waiting.shift()
      // Nothing to be busy with until the engine has heard of what is made.
      if (one === undefined) return onIdle()
      void make(one).then(() => {
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
    add(one: T): void {
      waiting.push(one)
      next()
    },
    /** Takes back what hasn't begun. */
    clear: () => waiting.splice(0),
  }
}

/** Questions to the engine, which hold up only those who ask. */
function createQuestions(report: (message: WorkerMessage) => void) {
  const open = new Map<number, (answer: Extract<EngineMessage, { question: number }>) => void>()
  let last = 0
  return {
    async ask(id: number, path: string): Promise<string | undefined> {
      const question = ++last
      const answer = await new Promise<Extract<EngineMessage, { question: number }>>((resolve) => {
        open.set(question, resolve)
        report({ id, question, path })
      })
      if ('owner' in answer) return answer.owner
      const { code, message, ...details } = answer.refused
      throw new ImgprocError(code, message, details)
    },
    settle(answer: Extract<EngineMessage, { question: number }>): void {
      open.get(answer.question)?.(answer)
      open.delete(answer.question)
    },
  }
}
