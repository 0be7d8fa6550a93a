import { ImgprocError } from '../../errors.js'
import type { RedisClient } from './redis-client.js'

/** Oldest version that BullMQ recommends. Valkey reports the version of Redis that it descends from. */
const OLDEST = [6, 2] as const

/**
 * Checks that a server is fit for a queue: its version, that it may be written to, and that it never evicts keys.
 *
 * @param name of the server, for messages.
 * @throws ImgprocError QUEUE_UNAVAILABLE
 */
export async function checkServer(client: RedisClient, name: string): Promise<void> {
  const masters = 'nodes' in client ? client.nodes('master') : [client]
  for (const master of masters) {
    const problem = findProblem(await master.info(), name)
    if (problem !== undefined)
      throw new ImgprocError('QUEUE_UNAVAILABLE', problem, { stage: 'usage', retryable: false })
  }
}

/** Returns the reason why a server cannot hold a queue, from its answer to INFO; undefined if it can. */
export function findProblem(text: string, name: string): string | undefined {
  const info = parseInfo(text)
  const version = info.get('redis_version')
  if (version === undefined || isOlder(version))
    return `The server at ${name} is Redis ${version ?? 'of an unknown version'}, but a queue needs ${OLDEST.join('.')} or newer.`
  if (info.get('role') === 'slave')
    return `The server at ${name} is a replica, which only reads. Name the master, or its sentinels.`
  const policy = info.get('maxmemory_policy')
  if (policy !== undefined && policy !== 'noeviction')
    return `The server at ${name} has maxmemory-policy ${policy} and would drop jobs when it is full. Set it: CONFIG SET maxmemory-policy noeviction.`
  return undefined
}

function parseInfo(text: string): ReadonlyMap<string, string> {
  const pairs = text.split('\r\n').flatMap((line): [string, string][] => {
    const at = line.indexOf(':')
    return at < 1 ? [] : [[line.slice(0, at), line.slice(at + 1)]]
  })
  return new Map(pairs)
}

function isOlder(version: string): boolean {
  const [major = 0, minor = 0] = version.split('.').map(Number)
  return major < OLDEST[0] || (major === OLDEST[0] && minor < OLDEST[1])
}
