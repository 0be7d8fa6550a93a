import { ImgprocError } from '../../errors.js'

/** Makes equal things once that are asked for at the same time. */
export interface SingleFlight<T> {
  /**
   * Joins the work on a key, or starts it. Rejects with ABORTED if the signal aborts. The signal that the work gets aborts
   * when nobody waits for it any more.
   */
  run(key: string, signal: AbortSignal, work: (signal: AbortSignal) => Promise<T>): Promise<T>
}

interface Flight<T> {
  readonly result: Promise<T>
  readonly controller: AbortController
  waiting: number
  isOver: boolean
}

/**
 * Creates a single flight.
 *
 * @example
 * ```ts
 * const flights = createSingleFlight<Buffer>()
 * const both = [flights.run('a', signal, make), flights.run('a', signal, make)] // `make` is called once
 * ```
 */
export function createSingleFlight<T>(): SingleFlight<T> {
  const flights = new Map<string, Flight<T>>()

  function start(key: string, work: (signal: AbortSignal) => Promise<T>): Flight<T> {
    const controller = new AbortController()
    const flight: Flight<T> = {
      controller,
      result: work(controller.signal).finally(() => {
        flight.isOver = true
        forget(key, flight)
      }),
      waiting: 0,
      isOver: false,
    }
    // Everybody may have gone when it fails.
    flight.result.catch(() => {})
    flights.set(key, flight)
    return flight
  }

  function forget(key: string, flight: Flight<T>): void {
    if (flights.get(key) === flight) flights.delete(key)
  }

  return {
    async run(key, signal, work) {
      if (signal.aborted) throw createGoneError()
      const flight = flights.get(key) ?? start(key, work)
      flight.waiting++
      let leave = () => {}
      const gone = new Promise<never>((_, reject) => {
        leave = () => reject(createGoneError())
        signal.addEventListener('abort', leave, { once: true })
      })
      try {
        return await Promise.race([flight.result, gone])
      } finally {
        signal.removeEventListener('abort', leave)
        flight.waiting--
        if (flight.waiting === 0 && !flight.isOver) {
          // A later request starts anew.
          forget(key, flight)
          flight.controller.abort()
        }
      }
    },
  }
}

function createGoneError(): ImgprocError {
  return new ImgprocError('ABORTED', 'The client has gone before the image was made.')
}
