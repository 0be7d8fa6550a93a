import { readFile } from 'node:fs/promises'
import { z } from 'zod'
import { ImgprocError } from '../../errors.js'
import { parseJson } from '../../utils/parse-json.js'
import { check } from '../../utils/validate.js'

/** A server of a cluster, or a sentinel. */
interface NodeAddress {
  readonly host: string
  readonly port?: number | undefined
}

/** Options of a single server, or of a master that sentinels name, as ioredis takes them. */
export interface ServerAddress {
  /** @default 'localhost' */
  readonly host?: string | undefined
  /** @default 6379 */
  readonly port?: number | undefined
  readonly username?: string | undefined
  readonly password?: string | undefined
  /** Number of the database. @default 0 */
  readonly db?: number | undefined
  readonly sentinels?: readonly NodeAddress[] | undefined
  /** Name of the master that the sentinels watch. */
  readonly name?: string | undefined
  /** Other options of ioredis. */
  readonly [option: string]: unknown
}

/** A Redis Cluster: its start nodes, and the options that ioredis's `Cluster` takes beside them. */
export interface ClusterAddress {
  readonly nodes: readonly NodeAddress[]
  /** Options for each node, such as `password`. */
  readonly redisOptions?: Readonly<Record<string, unknown>> | undefined
  readonly [option: string]: unknown
}

const node = z.looseObject({ host: z.string(), port: z.int().positive().optional() })

/** Schema of `ServerAddress`. Other keys are passed on. */
const serverSchema = z.looseObject({
  host: z.string().optional(),
  port: z.int().positive().optional(),
  username: z.string().optional(),
  password: z.string().optional(),
  db: z.int().nonnegative().optional(),
  sentinels: z.array(node).min(1).optional(),
  name: z.string().optional(),
})

/** Schema of `ClusterAddress`. */
const clusterSchema = z.looseObject({
  nodes: z.array(node).min(1),
  redisOptions: z.looseObject({}).optional(),
})

/** A Redis server: a `redis://` or `rediss://` URL, or options of ioredis. */
export type QueueAddress = string | ServerAddress | ClusterAddress

/**
 * Reads the address of a queue: a URL, or a JSON file with options of ioredis, for Sentinel and Cluster.
 *
 * @example
 * ```ts
 * await readAddress('rediss://worker:secret@redis.example:6380/2')
 * await readAddress('sentinel.json') // { "sentinels": [{ "host": "s1", "port": 26379 }], "name": "main" }
 * ```
 * @throws ImgprocError INVALID_USAGE if it is neither.
 */
export async function readAddress(text: string): Promise<QueueAddress> {
  if (/^[a-z]+:\/\//i.test(text)) return checkUrl(text)
  const content = await readFile(text, 'utf8').catch((cause: unknown) => {
    throw createAddressError(`there is no such file, and it is no redis:// URL`, cause)
  })
  const value = parseJson(content)
  const isCluster = typeof value === 'object' && value !== null && 'nodes' in value
  const checked = check<z.ZodType<ServerAddress | ClusterAddress>>(
    isCluster ? clusterSchema : serverSchema,
    value,
  )
  if (checked.problems !== undefined) {
    const [problem] = checked.problems
    throw createAddressError(`in ${text}, ${problem?.path ?? ''}: ${problem?.sentence}`)
  }
  const { data } = checked
  if ('sentinels' in data && data['name'] === undefined)
    throw createAddressError(`in ${text}, name: expected the name of the master that the sentinels watch`)
  return data
}

function checkUrl(text: string): string {
  if (!/^rediss?:\/\//i.test(text)) throw createAddressError('only redis:// and rediss:// URLs are known')
  // Never shown: it may hold a password.
  if (!URL.canParse(text))
    throw createAddressError('the URL cannot be parsed. Is its password percent-encoded?')
  const { pathname } = new URL(text)
  if (!/^\/?\d*$/.test(pathname))
    throw createAddressError('the path of the URL must be the number of a database')
  return text
}

function createAddressError(problem: string, cause?: unknown): ImgprocError {
  const message = `--queue: ${problem}. Expected redis://[user:password@]host[:port][/db], rediss:// for TLS, or a JSON file with options of ioredis.`
  return new ImgprocError('INVALID_USAGE', message, { stage: 'usage', cause })
}

/** Returns the address for messages, without user, password and options. */
export function describeAddress(address: QueueAddress): string {
  if (typeof address === 'string') {
    const { host, pathname } = new URL(address)
    return `${host === '' ? 'localhost' : host}${pathname === '/' ? '' : pathname}`
  }
  const list = (nodes: readonly NodeAddress[]) =>
    nodes.map(({ host, port }) => (port === undefined ? host : `${host}:${port}`)).join(', ')
  if (isCluster(address)) return `the cluster at ${list(address.nodes)}`
  const { sentinels, name, host = 'localhost', port = 6379 } = address
  return sentinels === undefined ? `${host}:${port}` : `${name}, which ${list(sentinels)} name`
}

/** Returns true for the address of a Redis Cluster. */
export function isCluster(address: QueueAddress): address is ClusterAddress {
  return typeof address !== 'string' && 'nodes' in address
}
