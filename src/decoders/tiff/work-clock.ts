import { setImmediate } from 'node:timers/promises'
import { throwIfAborted } from '../../errors.js'
import { createTiffError } from './errors.js'
import { readClock } from '../../utils/clock.js'

/** Work on the main thread stops about this often for other work. */
const SLICE_MS = 20

/** Keeps long work on the main thread within its limits. */
export interface WorkClock {
  /** Lets other work run if it is time. Throws TIMED_OUT or ABORTED. */
  readonly pause: () => Promise<void>
}

/** @param seconds time limit; 0 for none. */
export function startWorkClock(seconds: number, signal: AbortSignal | undefined): WorkClock {
  const start = readClock()
  let sliceStart = start
  return {
    async pause() {
      const now = readClock()
      if (now - sliceStart < SLICE_MS) return
      if (seconds > 0 && now - start > seconds * 1000) {
        throw createTiffError(
          'TIMED_OUT',
          'Decoding the TIFF took longer than the limit of seconds (limits.seconds, --timeout).',
        )
      }
      await setImmediate()
      throwIfAborted(signal)
      sliceStart = readClock()
    },
  }
}
