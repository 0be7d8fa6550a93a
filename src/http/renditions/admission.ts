import { createComputeLimiter } from '../../engines/compute-limiter.js'
import { ImgprocError } from '../../errors.js'

/** Limits of the work in progress. */
export interface AdmissionOptions {
  /** Requests that are worked on at once. */
  readonly concurrency: number
  /** Further requests that may wait. */
  readonly queue: number
}

/** Admits requests to the decoder. */
export interface Admission {
  /**
   * Waits for a place, then works. Throws OVERLOADED at once if too many wait, and ABORTED if the signal aborts while it waits:
   * then its place in the queue is free again.
   */
  admit<T>(work: () => Promise<T>, signal: AbortSignal): Promise<T>
  /** Requests that are worked on. */
  running(): number
  /** Requests that wait. */
  waiting(): number
}

/**
 * Creates an admission. A server that lets everybody wait answers nobody in time: refused clients may ask another server.
 *
 * @example
 * ```ts
 * const admission = createAdmission({ concurrency: 4, queue: 100 })
 * const picture = await admission.admit(() => render(source), request.signal)
 * ```
 */
export function createAdmission({ concurrency, queue }: AdmissionOptions): Admission {
  const place = createComputeLimiter({ slots: concurrency })
  let running = 0
  let waiting = 0

  async function work<T>(task: () => Promise<T>): Promise<T> {
    running++
    try {
      return await task()
    } finally {
      running--
    }
  }

  return {
    running: () => running,
    waiting: () => waiting,
    async admit(task, signal) {
      if (signal.aborted) throw createGoneError()
      if (running + waiting >= concurrency + queue) throw createOverloadError(queue)
      waiting++
      let isWaiting = true
      const endWaiting = () => {
        if (isWaiting) waiting--
        isWaiting = false
      }
      let leave = () => {}
      const gone = new Promise<never>((_, reject) => {
        leave = () => {
          endWaiting()
          reject(createGoneError())
        }
        signal.addEventListener('abort', leave, { once: true })
      })
      const turn = place(async () => {
        endWaiting()
        signal.removeEventListener('abort', leave)
        // Its turn comes although nobody waits for it any more.
        if (signal.aborted) throw createGoneError()
        return work(task)
      }, 0)
      return Promise.race([turn, gone])
    },
  }
}

function createGoneError(): ImgprocError {
  return new ImgprocError('ABORTED', 'The client has gone before its turn came.')
}

function createOverloadError(queue: number): ImgprocError {
  const message = `The server is busy, and ${queue} requests wait already. Ask again in a moment.`
  return new ImgprocError('OVERLOADED', message, { stage: 'usage' })
}
