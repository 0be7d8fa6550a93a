import type { Context, MiddlewareHandler } from 'hono'
import type { Env } from '../types.js'
import { createAddressFinder } from './client-address.js'
import { createTokenFinder } from './tokens.js'
import type { AccessOptions } from './types.js'

/** Creates the middleware that sets `token` and `address`. It refuses nobody. */
export function createIdentification(
  options: Pick<AccessOptions, 'tokens' | 'trustProxy'>,
): MiddlewareHandler<Env> {
  const findToken = createTokenFinder(options.tokens)
  const findAddress = createAddressFinder(options.trustProxy)
  return async (context, next) => {
    const text = readBearer(context)
    const token = text === undefined ? undefined : findToken(text)
    context.set('token', token)
    context.set('tokenId', token?.id)
    context.set('address', findAddress(context.env?.address, context.req.header('x-forwarded-for')))
    await next()
  }
}

/** Returns the text of `Authorization: Bearer`. */
export function readBearer(context: Context<Env>): string | undefined {
  return /^Bearer +(\S+) *$/i.exec(context.req.header('authorization') ?? '')?.[1]
}
