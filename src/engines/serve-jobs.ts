import { setMaxListeners } from 'node:events'
import type { Job, Result } from '../core/types.js'
import { ImgprocError, type ErrorRecord } from '../errors.js'

/** What an engine tells a worker process. */
export type Order =
  | { readonly setup: unknown }
  | { readonly id: number; readonly job: Job }
  | { readonly question: number; readonly owner: string | undefined }
  | { readonly question: number; readonly refused: ErrorRecord }
  | { readonly stop: true }

/** What a worker process tells its engine. */
export type Report = { readonly ready: true } | WorkReport

/** What it tells of a job: its result, or a path that it would write to. */
export type WorkReport =
  | { readonly id: number; readonly result: Omit<Result, 'job'> }
  | { readonly id: number; readonly question: number; readonly path: string }

/** What a job may need of its run while it is made. */
export interface Surroundings {
  /** Takes an output path; the source that has it already, if another does. */
  readonly claim: (path: string) => Promise<string | undefined>
  readonly signal: AbortSignal
}

type Make = (job: Job, surroundings: Surroundings) => Promise<Result>

/**
 * The other end of the process engine: makes the jobs that come through a process's channel, as many at once as come,
 * until the channel closes.
 *
 * @param self the process that this is.
 * @param prepare what makes jobs, of the setup that the engine was given.
 */
export function serveJobs(self: NodeJS.Process, prepare: (setup: unknown) => Promise<Make>): void {
  const stop = new AbortController()
  setMaxListeners(0, stop.signal)
  // Who has nobody to report to ends by itself.
  const report = (message: Report) => void self.send?.(message, undefined, undefined, () => {})
  const questions = createQuestions(report)
  let prepared: Promise<Make> | undefined

  async function begin(setup: unknown): Promise<void> {
    prepared = prepare(setup)
    await prepared
    report({ ready: true })
  }

  async function make(id: number, job: Job): Promise<void> {
    const claim = (path: string) => questions.ask(id, path)
    const made = await (await prepared)?.(job, { claim, signal: stop.signal })
    if (made === undefined) return
    // The engine has the job.
    const { job: _, ...result } = made
    report({ id, result })
  }

  self.on('message', (order: Order) => {
    if ('job' in order) void make(order.id, order.job)
    else if ('question' in order) questions.settle(order)
    else if ('stop' in order) stop.abort()
    else void begin(order.setup)
  })
  // A terminal interrupts all processes of a command; what comes of it is for the first of them to say.
  self.on('SIGINT', () => {})
  self.on('SIGTERM', () => {})
  // An exit would wait for the pictures in work.
  self.on('disconnect', () => self.kill(self.pid, 'SIGKILL'))
}

/** Questions to the engine, which hold up only those who ask. */
function createQuestions(report: (message: Report) => void) {
  const open = new Map<number, (answer: Extract<Order, { question: number }>) => void>()
  let last = 0
  return {
    async ask(id: number, path: string): Promise<string | undefined> {
      const question = ++last
      const answer = await new Promise<Extract<Order, { question: number }>>((resolve) => {
        open.set(question, resolve)
        report({ id, question, path })
      })
      if ('owner' in answer) return answer.owner
      const { code, message, ...details } = answer.refused
      throw new ImgprocError(code, message, details)
    },
    settle(answer: Extract<Order, { question: number }>): void {
      open.get(answer.question)?.(answer)
      open.delete(answer.question)
    },
  }
}
