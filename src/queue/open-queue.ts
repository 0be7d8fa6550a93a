import type { Queue } from 'bullmq'
import type { QueueAddress } from './redis/address.js'
import { connect } from './redis/connection.js'
import type { JobMessage, ResultsMessage } from './job-message.js'
import { loadLibraries, type QueueLibraries } from './libraries.js'
import type { RedisClient } from './redis/redis-client.js'

/** Prefix of all keys. Its braces keep them in one slot of a cluster, as BullMQ's scripts need. */
export const PREFIX = '{imgproc}'

/** Name of the queue unless another is given. */
export const DEFAULT_QUEUE = 'images'

/** The name of all jobs, which BullMQ wants. */
export const JOB_NAME = 'image'

/** Seconds that results wait for a run that gathers them, and that failures are there to be read: a week. */
export const KEEP_SECONDS = 7 * 86_400

/** Events that Redis keeps: those that a producer has not read yet. */
const MAX_EVENTS = 50_000

/** The queue of BullMQ with what our jobs hold. */
export type ImageQueue = Queue<JobMessage, ResultsMessage, typeof JOB_NAME>

/** A queue in Redis, and the connection to it. */
export interface OpenQueue {
  readonly name: string
  readonly libraries: QueueLibraries
  readonly client: RedisClient
  readonly queue: ImageQueue
  /** Returns the name of a key of the queue in Redis. */
  readonly keyOf: (name: string) => string
  readonly close: () => Promise<void>
}

/**
 * Opens a queue, after checks of its server.
 *
 * @param name of the queue. Several queues may be on one server.
 * @throws ImgprocError INVALID_CONFIG if BullMQ or ioredis is not installed; QUEUE_UNAVAILABLE if Redis cannot be used.
 * @example
 * ```ts
 * const queue = await openQueue('redis://localhost:6379')
 * console.log(await queue.queue.getJobCounts())
 * await queue.close()
 * ```
 */
export async function openQueue(address: QueueAddress, name: string = DEFAULT_QUEUE): Promise<OpenQueue> {
  const libraries = await loadLibraries()
  const client = await connect(address, libraries)
  const queue: ImageQueue = new libraries.bullmq.Queue(name, {
    connection: client,
    prefix: PREFIX,
    streams: { events: { maxLen: MAX_EVENTS } },
  })
  // The connection is restored; commands wait until then.
  queue.on('error', () => {})
  await queue.waitUntilReady()
  return {
    name,
    libraries,
    client,
    queue,
    keyOf: (key) => `${PREFIX}:${name}:${key}`,
    async close() {
      await queue.close()
      client.disconnect()
    },
  }
}
