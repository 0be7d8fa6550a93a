import { once, type EventEmitter } from 'node:events'
import { setTimeout as wait } from 'node:timers/promises'
import pLimit from 'p-limit'
import { ImgprocError, throwIfAborted } from '../errors.js'
import { MAX_DELAY } from './time-limit.js'

/** Calls workers that can be killed: a call that hangs or crashes ends with its worker, and the process goes on. */
export interface DisposablePool<Request, Answer> {
  /**
   * Sends a request to an idle worker, or to a new one, and returns the answer. Waits while all workers are busy.
   *
   * Throws ABORTED, the pool's timeout error, or its crash error. The worker is killed in all three cases.
   */
  readonly call: (request: Request, limits: CallLimits) => Promise<Answer>
  /** Returns the bytes that idle workers hold, with `retainsWhileBusy` also those of busy ones. */
  readonly retainedBytes: () => number
}

export interface CallLimits {
  readonly signal?: AbortSignal | undefined
  /** Time from the request to the answer; 0 for no limit. */
  readonly seconds: number
}

/**
 * How a kind of worker is started, called and ended. A worker is a thread or process that answers one request at a time.
 * It emits `message` with the answer, and `error` or `exit` when it crashes.
 */
export interface DisposablePoolOptions<Worker extends EventEmitter, Request, Answer> {
  /** Most workers at a time. */
  readonly size: number
  /** Time after which an idle worker is killed; 0 kills each worker after its answer. */
  readonly idleSeconds: number
  readonly start: () => Worker
  readonly send: (worker: Worker, request: Request) => void
  readonly kill: (worker: Worker) => unknown
  /** Makes a worker keep the process alive. Called before each request but the first. */
  readonly ref: (worker: Worker) => void
  /** Lets the process end while the worker is idle. */
  readonly unref: (worker: Worker) => void
  /** Returns false for an answer after which the worker is killed. @default always true */
  readonly isReusable?: (answer: Answer) => boolean
  /** Returns the bytes that a worker holds after an answer. They are taken to never shrink. @default none */
  readonly retainedBytes?: (answer: Answer) => number
  /** Counts busy workers too: the memory of their work is in no estimate of a job. @default false */
  readonly retainsWhileBusy?: boolean
  readonly createTimeoutError: () => ImgprocError
  /** @param cause undefined if the worker ended without an error. */
  readonly createCrashError: (cause?: unknown) => ImgprocError
}

/**
 * Creates a pool whose workers start when they are needed and are killed when they have been idle for a while.
 *
 * @example
 * ```ts
 * const pool = createDisposablePool({
 *   size: 2,
 *   idleSeconds: 5,
 *   start: () => new Worker('./decode.js'),
 *   send: (worker, request: string) => worker.postMessage(request),
 *   kill: (worker) => worker.terminate(),
 *   ref: (worker) => worker.ref(),
 *   unref: (worker) => worker.unref(),
 *   createTimeoutError: () => new ImgprocError('TIMED_OUT', 'Decoding took too long.'),
 *   createCrashError: (cause) => new ImgprocError('INTERNAL', 'The decoder crashed.', { cause }),
 * })
 * await pool.call('a.heic', { seconds: 60 })
 * ```
 */
export function createDisposablePool<Worker extends EventEmitter, Request, Answer>(
  options: DisposablePoolOptions<Worker, Request, Answer>,
): DisposablePool<Request, Answer> {
  const {
    idleSeconds,
    kill,
    isReusable = () => true,
    retainedBytes = () => 0,
    retainsWhileBusy = false,
  } = options
  const limit = pLimit(options.size)
  const idle = new Map<Worker, NodeJS.Timeout>()
  const retained = new Map<Worker, number>()

  function takeIdle(): Worker | undefined {
    // The last one used: if one worker is enough, the others expire.
    const [worker, timer] = [...idle].at(-1) ?? []
    if (worker === undefined) return undefined
    clearTimeout(timer)
    idle.delete(worker)
    options.ref(worker)
    return worker
  }

  const start = () =>
    startWorker(options, (worker) => {
      clearTimeout(idle.get(worker))
      idle.delete(worker)
      retained.delete(worker)
    })

  function putBack(worker: Worker): void {
    options.unref(worker)
    const expire = () => {
      idle.delete(worker)
      void kill(worker)
    }
    idle.set(worker, setTimeout(expire, toDelay(idleSeconds)).unref())
  }

  return {
    call: (request, limits) =>
      limit(async () => {
        throwIfAborted(limits.signal)
        const worker = takeIdle() ?? start()
        try {
          options.send(worker, request)
          const answer = await waitForAnswer(worker, limits, options)
          retained.set(worker, Math.max(retained.get(worker) ?? 0, retainedBytes(answer)))
          if (idleSeconds > 0 && isReusable(answer)) putBack(worker)
          else await kill(worker)
          return answer
        } catch (error) {
          await kill(worker)
          throw error
        }
      }),
    retainedBytes: () => sumBytes(retained, (worker) => retainsWhileBusy || idle.has(worker)),
  }
}

function startWorker<Worker extends EventEmitter>(
  options: { readonly start: () => Worker },
  forget: (worker: Worker) => void,
): Worker {
  const worker = options.start()
  worker.once('exit', () => forget(worker))
  // Without a listener an error of an idle worker would end this process.
  worker.on('error', () => {})
  return worker
}

function sumBytes<Worker>(bytes: ReadonlyMap<Worker, number>, counts: (worker: Worker) => boolean): number {
  return [...bytes].reduce((sum, [worker, one]) => (counts(worker) ? sum + one : sum), 0)
}

async function waitForAnswer<Worker extends EventEmitter, Request, Answer>(
  worker: Worker,
  { signal, seconds }: CallLimits,
  options: DisposablePoolOptions<Worker, Request, Answer>,
): Promise<Answer> {
  const { createTimeoutError, createCrashError } = options
  const settled = new AbortController()
  const until = { signal: settled.signal }
  const throwTimeout = () => {
    throw createTimeoutError()
  }
  try {
    const answer = await Promise.race([
      // Rejects if the worker emits an error.
      once(worker, 'message', until).then(([message]: Answer[]) => message),
      once(worker, 'exit', until).then(() => undefined),
      wait(toDelay(seconds || Infinity), undefined, until).then(throwTimeout),
      ...(signal === undefined ? [] : [once(signal, 'abort', until).then(() => throwIfAborted(signal))]),
    ]).catch((error: unknown) => {
      throw error instanceof ImgprocError ? error : createCrashError(error)
    })
    if (answer === undefined) throw createCrashError()
    return answer
  } finally {
    settled.abort()
  }
}

function toDelay(seconds: number): number {
  return Math.min(seconds * 1000, MAX_DELAY)
}
