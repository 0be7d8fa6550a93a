import type { Context, MiddlewareHandler } from 'hono'
import { routePath } from 'hono/route'
import type { Logger } from 'pino'
import { ImgprocError, toImgprocError } from '../../errors.js'
import type { Env, Outcome } from '../types.js'
import { redact } from './log.js'
import type { Metrics } from './metrics.js'
import { continueTrace, formatTrace, toRequestId } from './trace.js'
import { readClock } from '../../utils/clock.js'

/** Routes that are asked every few seconds by machines. Their lines are of level `debug`. */
const PROBES = new Set(['/healthz', '/readyz', '/metrics'])

/** Status that the client has gone, which no client sees. */
const CLIENT_GONE = 499

/**
 * Creates the outermost middleware. It gives each request its id and place in a trace, which the answer repeats, and writes
 * its line of the log and its figures after the answer. Nothing of the headers is logged.
 */
export function createObserver(metrics: Metrics, log: Logger | undefined): MiddlewareHandler<Env> {
  return async (context, next) => {
    const start = readClock()
    const requestId = toRequestId(context.req.header('x-request-id'))
    const trace = continueTrace(context.req.header('traceparent'))
    context.set('requestId', requestId)
    context.set('trace', trace)
    await next()
    const { headers } = context.res
    headers.set('x-request-id', requestId)
    headers.set('traceparent', formatTrace(trace))
    const seconds = (readClock() - start) / 1000
    const facts = factsOf(context, seconds)
    metrics.countRequest(facts)
    countOutcome(metrics, context.get('outcome'), seconds)
    if (log !== undefined) writeLine(log, context, facts)
  }
}

type Facts = ReturnType<typeof factsOf>

function factsOf(context: Context<Env>, seconds: number) {
  const { req, res, error } = context
  return {
    method: req.method,
    route: routeOf(context),
    status: res.status,
    seconds,
    received: toBytes(req.header('content-length')),
    sent: req.method === 'HEAD' ? 0 : toBytes(res.headers.get('content-length')),
    code: error === undefined ? undefined : toImgprocError(error).code,
  }
}

const CACHE_RESULTS = { validator: 'revalidated', memory: 'hit', store: 'hit', render: 'miss' } as const

function countOutcome(metrics: Metrics, outcome: Outcome | undefined, seconds: number): void {
  if (outcome === undefined || outcome.from === 'source') return
  metrics.countCache(CACHE_RESULTS[outcome.from])
  if (outcome.from !== 'render') return
  const { presets, type = '' } = outcome
  metrics.countRendition({ presets, format: type.replace(/^image\//, ''), seconds })
}

/** Returns the pattern of the route that has answered, or `none` if none has. */
function routeOf(context: Context<Env>): string {
  const pattern = routePath(context)
  return pattern === '*' || pattern === '/*' ? 'none' : pattern
}

function toBytes(length: string | null | undefined): number {
  const bytes = Number(length ?? 0)
  return Number.isSafeInteger(bytes) && bytes > 0 ? bytes : 0
}

function writeLine(log: Logger, context: Context<Env>, { status, seconds, code, ...facts }: Facts): void {
  const { error } = context
  const line = {
    requestId: context.get('requestId'),
    traceId: context.get('trace').traceId,
    method: facts.method,
    url: redact(pathAndQuery(context.req.url)),
    route: facts.route,
    status,
    ms: Math.round(seconds * 1e5) / 100,
    received: facts.received,
    sent: facts.sent,
    address: context.get('address'),
    token: context.get('tokenId'),
    code,
    ...(error !== undefined && describe(error)),
  }
  if (status >= 500) log.error(line, 'request')
  else if (PROBES.has(facts.route)) log.debug(line, 'request')
  else log.info(line, status === CLIENT_GONE ? 'client has gone' : 'request')
}

/** Returns the message of an error, and the stack if it is a bug. */
function describe(error: Error): { readonly error: string; readonly stack?: string | undefined } {
  const isBug = !(error instanceof ImgprocError) || error.code === 'INTERNAL'
  return { error: redact(error.message), ...(isBug && { stack: redact(error.stack ?? '') }) }
}

function pathAndQuery(url: string): string {
  return url.slice(url.indexOf('/', url.indexOf('//') + 2))
}
