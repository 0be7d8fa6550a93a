import type * as Bullmq from 'bullmq'
import type * as Ioredis from 'ioredis'
import { ImgprocError } from '../errors.js'

/** The packages of a queue: optional peers, so that nobody else installs them. */
export interface QueueLibraries {
  readonly bullmq: typeof Bullmq
  readonly ioredis: typeof Ioredis
}

/**
 * Loads BullMQ and ioredis.
 *
 * @throws ImgprocError INVALID_CONFIG if one of them is not installed, with the command that installs both.
 */
export async function loadLibraries(): Promise<QueueLibraries> {
  try {
    const [bullmq, ioredis] = await Promise.all([import('bullmq'), import('ioredis')])
    return { bullmq, ioredis }
  } catch (cause) {
    throw createLoadError(cause)
  }
}

/** Creates the error for packages that cannot be loaded. */
export function createLoadError(cause: unknown): ImgprocError {
  const [reason] = (cause instanceof Error ? cause.message : String(cause)).split('\n', 1)
  const message =
    'A queue needs the packages bullmq and ioredis, which are installed separately: npm install bullmq ioredis ' +
    `(${reason})`
  return new ImgprocError('INVALID_CONFIG', message, { stage: 'config', cause })
}
