import { duplicate } from './redis/redis-client.js'
import { PREFIX, type OpenQueue } from './open-queue.js'

interface ResultListener {
  /** @param value the result as it lies in Redis. */
  readonly onCompleted: (id: string, value: unknown) => void
  readonly onFailed: (id: string) => void
  /** Called after the other two for a job that was taken out of the queue. */
  readonly onRemoved: (id: string) => void
}

/** Listens to the ends of all jobs in a queue, from now on and in their order. Returns a function that stops. */
export async function listenForResults(
  { client, name, keyOf, libraries }: OpenQueue,
  { onCompleted, onFailed, onRemoved }: ResultListener,
): Promise<() => Promise<void>> {
  // Asked for, since "from the end" means the end at each question until the first event has come.
  const [last] = await client.xrevrange(keyOf('events'), '+', '-', 'COUNT', 1)
  const connection = duplicate(client)
  const events = new libraries.bullmq.QueueEvents(name, {
    connection,
    prefix: PREFIX,
    lastEventId: last?.[0] ?? '0-0',
  })
  // The connection is restored, and goes on where it was.
  events.on('error', () => {})
  events.on('completed', ({ jobId, returnvalue }) => onCompleted(jobId, returnvalue))
  events.on('failed', ({ jobId }) => onFailed(jobId))
  events.on('removed', ({ jobId }) => onRemoved(jobId))
  await events.waitUntilReady()
  return async () => {
    await events.close().catch(() => {})
    connection.disconnect()
  }
}
