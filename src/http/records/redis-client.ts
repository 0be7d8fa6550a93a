import { ImgprocError } from '../../errors.js'
import { withTimeLimit } from '../../utils/time-limit.js'
import { sha256 } from '../../utils/sha256.js'

/** A connection to Redis: a client of ioredis, or another with the same method. */
export interface RedisClient {
  /** Sends a command. */
  call(command: string, ...args: string[]): Promise<unknown>
}

/**
 * Returns the beginning of the keys of all servers with the same store. Its braces keep them in one slot of a cluster.
 *
 * @example
 * ```ts
 * redisPrefix('s3://shop/data') // '{imgproc}:serve:2f0c3a5b9d6e8417'
 * ```
 */
export function redisPrefix(store: string): string {
  return `{imgproc}:serve:${sha256(store).slice(0, 16)}`
}

/** Seconds that Redis has for an answer. */
const SECONDS = 5

/** Sends a command. Throws QUEUE_UNAVAILABLE if Redis does not carry it out. */
export type SendCommand = (command: string, ...args: readonly (string | number)[]) => Promise<unknown>

/** Creates the function that sends commands to Redis. */
export function createSender(client: RedisClient): SendCommand {
  return async (command, ...args) => {
    try {
      const answer = client.call(command, ...args.map(String))
      // Else a command waits until Redis is back.
      return await withTimeLimit(answer, SECONDS, () => createError('no answer in time'))
    } catch (cause) {
      if (cause instanceof ImgprocError) throw cause
      throw createError(cause instanceof Error ? cause.message : String(cause), cause)
    }
  }
}

function createError(reason: string, cause?: unknown): ImgprocError {
  const message = `Redis, which holds the records, does not answer: ${reason.replace(/\.?$/, '.')} Try again in a moment.`
  return new ImgprocError('QUEUE_UNAVAILABLE', message, { stage: 'read', cause })
}
