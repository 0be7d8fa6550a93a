import type { Cluster, Redis } from 'ioredis'

/** A connection to Redis: to one server, behind sentinels or not, or to a cluster. */
export type RedisClient = Redis | Cluster

/** Returns a second connection, for commands that block. */
export function duplicate(client: RedisClient): RedisClient {
  return 'nodes' in client ? client.duplicate() : client.duplicate()
}
