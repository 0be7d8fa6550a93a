import { ImgprocError } from '../errors.js'

/** What a process takes before it has opened a picture. */
export const PROCESS = 110e6
/** With less no photo could be decoded. */
export const LEAST = 64e6

/**
 * Bytes that a run may take: half of what is free unless given, in a container of what is left to it.
 *
 * @throws ImgprocError INVALID_USAGE
 */
export function defaultMemory(memory: number | undefined): number {
  if (memory !== undefined && !(memory > 0)) {
    const message = `memory is ${memory}. Expected bytes that the run may take, such as 500e6.`
    throw new ImgprocError('INVALID_USAGE', message, { stage: 'usage' })
  }
  // oxlint-disable-next-line no-restricted-globals -- only the process knows its container's limit
  return memory ?? process.availableMemory() / 2
}

/**
 * Bytes for pictures, of those that a run may take: of each of its workers, or of the one process that has none.
 *
 * @throws ImgprocError INVALID_USAGE
 */
export function memoryPerWorker(memory: number | undefined, workers: number): number {
  const forPictures = defaultMemory(memory) - PROCESS * (1 + workers)
  return Math.max(forPictures / Math.max(workers, 1), LEAST)
}
