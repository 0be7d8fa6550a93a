import { setImmediate } from 'node:timers/promises'
import { ImgprocError, throwIfAborted } from '../errors.js'
import type { DecoderOptions } from './types.js'
import { readClock } from '../utils/clock.js'

/**
 * Creates a function to call between two frames: it lets other work of the process go on. It throws ABORTED, and TIMED_OUT
 * after the limit of seconds.
 */
export function createPause({
  signal,
  seconds,
}: Pick<DecoderOptions, 'signal' | 'seconds'>): () => Promise<void> {
  const deadline = seconds > 0 ? readClock() + seconds * 1000 : Infinity
  return async () => {
    await setImmediate()
    throwIfAborted(signal)
    if (readClock() <= deadline) return
    const message = 'The image took longer than its limit of seconds (limits.seconds, --timeout).'
    throw new ImgprocError('TIMED_OUT', message, { stage: 'decode' })
  }
}
