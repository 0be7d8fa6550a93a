import { availableParallelism } from 'node:os'

/**
 * Images in work at once, unless told otherwise: two a core. While one waits for JavaScript to begin or end it, a
 * thread has another; that makes a seventh on 2 cores, and more makes nothing. bin/imgproc.cjs counts the same for
 * the thread pool.
 */
export function defaultConcurrency(): number {
  return 2 * availableParallelism()
}
