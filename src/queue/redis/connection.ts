import type { RedisOptions } from 'ioredis'
import { ImgprocError } from '../../errors.js'
import { backoffDelay } from '../../utils/backoff.js'
import { withTimeLimit } from '../../utils/time-limit.js'
import { describeAddress, isCluster, type QueueAddress } from './address.js'
import { checkServer } from './check-server.js'
import type { QueueLibraries } from '../libraries.js'
import type { RedisClient } from './redis-client.js'

/** Seconds that the first connection may take. */
const CONNECT_SECONDS = 10
/** Milliseconds between two attempts to connect again, at most. */
const MAX_DELAY = 3000

/**
 * Connects to Redis and checks that it is fit for a queue. A connection that breaks later is restored, and commands wait
 * until then.
 *
 * @throws ImgprocError QUEUE_UNAVAILABLE if there is no answer, the password is wrong, or the server is unfit.
 */
export async function connect(
  address: QueueAddress,
  { ioredis }: Pick<QueueLibraries, 'ioredis'>,
): Promise<RedisClient> {
  const state = { isStarted: false }
  const client = createClient(address, ioredis, state)
  let lastError: unknown
  client.on('error', (error: unknown) => (lastError = error))
  try {
    await withTimeLimit(client.connect(), CONNECT_SECONDS, () =>
      createConnectError(address, new Error(`no answer within ${CONNECT_SECONDS} seconds`)),
    )
    await checkServer(client, describeAddress(address))
    state.isStarted = true
    return client
  } catch (error) {
    client.disconnect()
    throw error instanceof ImgprocError ? error : createConnectError(address, lastError ?? error)
  }
}

function createClient(
  address: QueueAddress,
  { Redis, Cluster }: QueueLibraries['ioredis'],
  state: { readonly isStarted: boolean },
): RedisClient {
  // A first connection that fails is an error at once. Later ones are tried for ever.
  const retryStrategy = (attempt: number) =>
    state.isStarted
      ? 50 + backoffDelay(attempt, { firstDelay: 200, maxDelay: MAX_DELAY, combine: 'longer' })
      : null
  const options = {
    lazyConnect: true,
    connectTimeout: CONNECT_SECONDS * 1000,
    // BullMQ requires it: a command waits for Redis to come back.
    maxRetriesPerRequest: null,
    retryStrategy,
    sentinelRetryStrategy: retryStrategy,
    // After a failover, the old master is a replica.
    reconnectOnError: ({ message }: Error) => message.startsWith('READONLY'),
  }
  if (typeof address === 'string') return new Redis(address, options)
  if (!isCluster(address)) {
    // From JSON, whose keys are those of ioredis.
    return new Redis({ ...address, ...options } as Omit<RedisOptions, 'replyMapping'>)
  }
  const { nodes, redisOptions, ...others } = address
  return new Cluster([...nodes], {
    ...others,
    lazyConnect: true,
    clusterRetryStrategy: retryStrategy,
    redisOptions: { ...redisOptions, maxRetriesPerRequest: null, connectTimeout: CONNECT_SECONDS * 1000 },
  })
}

function createConnectError(address: QueueAddress, cause: unknown): ImgprocError {
  const reason = cause instanceof Error ? describeCause(cause) : String(cause)
  const message = `Redis at ${describeAddress(address)} cannot be used: ${reason}`
  return new ImgprocError('QUEUE_UNAVAILABLE', message, { stage: 'usage', cause })
}

/** Returns the end of a sentence, with a full stop. */
function describeCause(error: Error & { readonly code?: unknown; readonly lastNodeError?: unknown }): string {
  const { lastNodeError, code } = error
  if (lastNodeError instanceof Error) return describeCause(lastNodeError)
  const text = error.message === '' && typeof code === 'string' ? code : error.message
  if (text.includes('WRONGPASS')) return 'it refuses this user or password.'
  if (text.includes('NOAUTH')) return 'it wants a password. Put it into the URL: redis://:password@host.'
  if (text.includes('NOPERM')) return `the ACL of this user is too narrow: ${text.replace(/\.?$/, '.')}`
  if (/ECONNREFUSED|ECONNRESET/.test(text)) return `${text}. Is it running, and does it listen there?`
  if (/ENOTFOUND|EAI_AGAIN/.test(text)) return `${text}. Is the host name right?`
  return text.replace(/\.?$/, '.')
}
