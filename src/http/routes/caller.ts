import type { Context } from 'hono'
import type { Env } from '../types.js'
import type { Caller } from '../uploads/types.js'

/** Returns the caller of a request. */
export function callerOf(context: Context<Env>): Caller {
  return { token: context.get('token'), signal: context.req.raw.signal }
}
