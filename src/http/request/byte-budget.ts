import { ImgprocError, throwIfAborted } from '../../errors.js'

/** Memory that requests share. */
export interface ByteBudget {
  /**
   * Waits until so many bytes are free, and takes them. Call the returned function to give them back.
   *
   * @throws ImgprocError OVERLOADED if too many requests wait; ABORTED.
   */
  take(bytes: number, signal?: AbortSignal): Promise<() => void>
}

interface Waiting {
  readonly bytes: number
  readonly start: () => void
}

/**
 * Creates a budget. Requests get memory in their order, so that none starves. One that wants more than all gets all.
 *
 * @param total bytes.
 * @param queue requests that may wait, at most.
 */
export function createByteBudget(total: number, queue: number): ByteBudget {
  const waiting: Waiting[] = []
  let free = total
  const startWaiting = () => {
    while (waiting[0] !== undefined && waiting[0].bytes <= free) {
      const next = waiting.shift()!
      free -= next.bytes
      next.start()
    }
  }
  return {
    async take(wanted, signal) {
      throwIfAborted(signal)
      if (waiting.length >= queue) {
        const message = 'Too many uploads arrive at the moment. Send this one again in a moment.'
        throw new ImgprocError('OVERLOADED', message, { stage: 'usage' })
      }
      const bytes = Math.min(wanted, total)
      await new Promise<void>((resolve, reject) => {
        const stop = () => {
          waiting.splice(waiting.indexOf(entry), 1)
          reject(new ImgprocError('ABORTED', 'The client has gone.'))
          startWaiting()
        }
        const start = () => {
          signal?.removeEventListener('abort', stop)
          resolve()
        }
        const entry = { bytes, start }
        waiting.push(entry)
        signal?.addEventListener('abort', stop, { once: true })
        startWaiting()
      })
      let isTaken = true
      return () => {
        if (isTaken) free += bytes
        isTaken = false
        startWaiting()
      }
    },
  }
}
