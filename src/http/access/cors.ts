import type { MiddlewareHandler } from 'hono'
import { cors } from 'hono/cors'
import type { CorsOptions } from './types.js'

const METHODS = ['GET', 'HEAD', 'POST', 'DELETE']

const REQUEST_HEADERS = [
  'Authorization',
  'Content-Type',
  'If-None-Match',
  'Prefer',
  'Range',
  'Traceparent',
  'X-Request-Id',
]

/** Headers that a script of another origin may read, besides the plain ones such as `Content-Type`. */
const RESPONSE_HEADERS = [
  'Content-Disposition',
  'Content-Length',
  'Content-Range',
  'ETag',
  'Location',
  'RateLimit',
  'RateLimit-Policy',
  'Retry-After',
  'X-Request-Id',
]

/** Seconds for which a browser remembers an answer, which all browsers accept. */
const MAX_AGE = 600

/** Creates the middleware for scripts of other origins. Cookies are not allowed: tokens are in a header. */
export function createCors({ origins, maxAge = MAX_AGE }: CorsOptions): MiddlewareHandler {
  return cors({
    origin: origins.includes('*') ? '*' : [...origins],
    allowMethods: METHODS,
    allowHeaders: REQUEST_HEADERS,
    exposeHeaders: RESPONSE_HEADERS,
    maxAge,
  })
}
