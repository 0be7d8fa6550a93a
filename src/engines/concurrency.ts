import { availableParallelism } from 'node:os'

/**
 * Returns the default number of images in work at once: two a core. While one image waits for JavaScript before or after
 * its encoding, the thread works on another one. On 2 cores that is a seventh faster than one image a core; more images
 * gain nothing. bin/imgproc.cjs computes the same number for the thread pool.
 */
export function defaultConcurrency(): number {
  return 2 * availableParallelism()
}
