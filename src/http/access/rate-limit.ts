import type { Context, MiddlewareHandler } from 'hono'
import type { Env } from '../types.js'
import {
  RateLimiterMemory,
  RateLimiterRedis,
  RateLimiterRes,
  type RateLimiterAbstract,
} from 'rate-limiter-flexible'
import { ImgprocError } from '../../errors.js'
import type { RedisClient } from '../records/redis-client.js'
import { respondProblem } from '../response/problem.js'
import { toRateKey } from './client-address.js'
import { neededScope } from './needed-scope.js'
import type { RateLimits } from './types.js'

/** A limit of tokens or of addresses. */
interface Limit {
  readonly name: 'token' | 'address'
  readonly requests: number
  readonly limiter: RateLimiterAbstract
}

/** Redis for the counts of several servers. */
export interface SharedCounts {
  readonly redis: RedisClient
  /** Begins the names of all keys. */
  readonly prefix: string
}

/**
 * Creates the middleware that limits the requests of a token, and those of an address without a known token. It runs after
 * `createIdentification`. Probes and the like are not counted.
 */
export function createRateLimit(
  options: RateLimits,
  sources: ReadonlySet<string>,
  counts?: SharedCounts,
): MiddlewareHandler<Env> {
  const byToken = createLimit('token', options.token, options.seconds, counts)
  const byAddress = createLimit('address', options.address, options.seconds, counts)
  return async (context, next) => {
    const { method, path } = context.req
    const token = context.get('token')
    const address = context.get('address')
    const limit = token === undefined ? byAddress : byToken
    const key = token === undefined ? address && toRateKey(address) : token.id
    if (limit === undefined || key === undefined || neededScope(method, path, sources) === undefined)
      return next()
    const state = await consume(limit, key)
    if (state.isOver) return refuse(context, limit, state, options.seconds)
    await next()
    setHeaders(context.res.headers, limit, state, options.seconds)
  }
}

function createLimit(
  name: Limit['name'],
  requests: number | undefined,
  seconds: number,
  counts: SharedCounts | undefined,
): Limit | undefined {
  if (requests === undefined) return undefined
  const options = { points: requests, duration: seconds }
  const own = new RateLimiterMemory(options)
  if (counts === undefined) return { name, requests, limiter: own }
  const { redis, prefix } = counts
  const limiter = new RateLimiterRedis({
    ...options,
    storeClient: redis,
    keyPrefix: `${prefix}:limit:${name}`,
    rejectIfRedisNotReady: true,
    // Without Redis, each server counts by itself until it is back.
    insuranceLimiter: own,
  })
  return { name, requests, limiter }
}

interface LimitState {
  readonly isOver: boolean
  readonly remaining: number
  /** Whole seconds until the window ends. */
  readonly reset: number
}

async function consume({ limiter }: Limit, key: string): Promise<LimitState> {
  try {
    return toState(await limiter.consume(key), false)
  } catch (error) {
    // The package rejects with the state, which is no error.
    if (error instanceof RateLimiterRes) return toState(error, true)
    throw error
  }
}

function toState({ remainingPoints, msBeforeNext }: RateLimiterRes, isOver: boolean): LimitState {
  return { isOver, remaining: remainingPoints, reset: Math.max(1, Math.ceil(msBeforeNext / 1000)) }
}

function refuse(context: Context<Env>, limit: Limit, state: LimitState, seconds: number): Response {
  const whose = limit.name === 'token' ? 'this token' : 'your address'
  const message = `There were more than ${limit.requests} requests in ${seconds} seconds from ${whose}. Ask again in ${state.reset} seconds.`
  const error = new ImgprocError('TOO_MANY_REQUESTS', message, { stage: 'usage' })
  const response = respondProblem(context, error)
  response.headers.set('retry-after', String(state.reset))
  setHeaders(response.headers, limit, state, seconds)
  return response
}

/** Sets the headers of the IETF draft "RateLimit header fields for HTTP". */
function setHeaders(headers: Headers, { name, requests }: Limit, state: LimitState, seconds: number): void {
  headers.set('ratelimit-policy', `"${name}";q=${requests};w=${seconds}`)
  headers.set('ratelimit', `"${name}";r=${state.remaining};t=${state.reset}`)
}
