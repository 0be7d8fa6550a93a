import { ImgprocError } from './errors.js'

/** What a process takes before it has opened a picture. */
const PROCESS = 110e6
/** With less no photo could be decoded. */
const LEAST = 64e6

/**
 * Bytes that each of a run's processes has for pictures, of what the run may take in all.
 *
 * @param memory bytes; half of what is free unless given, in a container of what is left to it.
 * @throws ImgprocError INVALID_USAGE
 */
export function shareMemory(memory: number | undefined, processes: number): number {
  if (memory !== undefined && !(memory > 0)) {
    const message = `memory is ${memory}. Expected bytes that the run may take, such as 500e6.`
    throw new ImgprocError('INVALID_USAGE', message, { stage: 'usage' })
  }
  // oxlint-disable-next-line no-restricted-globals -- only the process knows its container's limit
  const all = memory ?? process.availableMemory() / 2
  return Math.max(all / processes - PROCESS, LEAST)
}
