import type { ImgprocError } from '../errors.js'

/** Longest delay of a timer, in milliseconds: a longer one would fire at once. */
export const MAX_DELAY = 2 ** 31 - 1

/**
 * Milliseconds between the end of a limit and the error. A process that was stopped or busy then takes an answer that has
 * arrived meanwhile, and a limit of the work itself, which ends it, goes first.
 */
const GRACE = 1000

/** Rejects with an error if work takes longer. Nothing can stop the work itself: its result is dropped. */
export async function withTimeLimit<T>(
  work: Promise<T>,
  seconds: number,
  createError: () => ImgprocError,
): Promise<T> {
  const { late, stop } = createTimer(seconds, createError)
  return Promise.race([work, late]).finally(stop)
}

/** A timer that rejects unless it is stopped or restarted in time. */
interface Timer {
  readonly late: Promise<never>
  readonly restart: () => void
  readonly stop: () => void
}

/** Creates a timer that starts at once. */
export function createTimer(seconds: number, createError: () => ImgprocError): Timer {
  let timer: NodeJS.Timeout | undefined
  let start = () => {}
  const late = new Promise<never>((_, reject) => {
    start = () => {
      clearTimeout(timer)
      timer = setTimeout(
        () => {
          timer = setTimeout(() => reject(createError()), GRACE)
        },
        Math.min(seconds * 1000, MAX_DELAY),
      )
    }
  })
  start()
  // The work may have ended before.
  late.catch(() => {})
  return { late, restart: start, stop: () => clearTimeout(timer) }
}
