import { ImgprocError } from '../errors.js'

/** Bytes that a process uses before it opens an image. */
export const PROCESS_BYTES = 110e6
/** Bytes for images, at least: with less, no photo could be decoded. */
export const MIN_IMAGE_BYTES = 64e6

/**
 * Returns the memory budget of a run in bytes: as given, or half of the memory that the machine or container has
 * available.
 *
 * @throws ImgprocError INVALID_USAGE if it is not a positive number.
 */
export function defaultMemory(memory: number | undefined): number {
  if (memory !== undefined && !(memory > 0)) {
    const message = `memory is ${memory}. Expected the bytes that the run may use, such as 500e6.`
    throw new ImgprocError('INVALID_USAGE', message, { stage: 'usage' })
  }
  // oxlint-disable-next-line no-restricted-globals -- only `process` knows the limit of its container
  return memory ?? process.availableMemory() / 2
}

/** Returns the bytes that one image may take alone: the available memory of the machine or container, or a larger budget. */
export function memoryCeiling(memory: number | undefined): number {
  // oxlint-disable-next-line no-restricted-globals -- only `process` knows the limit of its container
  return Math.max(process.availableMemory(), memory ?? 0)
}

/**
 * Returns the bytes for images in each worker, or in this process if there are no workers.
 *
 * @param memory the run's budget in bytes. @default half the available memory
 * @param workers worker processes beside this one.
 * @throws ImgprocError INVALID_USAGE if `memory` is not a positive number.
 */
export function memoryPerWorker(memory: number | undefined, workers: number): number {
  const forImages = defaultMemory(memory) - PROCESS_BYTES * (1 + workers)
  return Math.max(forImages / Math.max(workers, 1), MIN_IMAGE_BYTES)
}
