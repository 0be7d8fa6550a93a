import type { Context, MiddlewareHandler } from 'hono'
import type { Env } from '../types.js'
import { ImgprocError } from '../../errors.js'
import { respondProblem } from '../response/problem.js'
import { readBearer } from './identify.js'
import { neededScope, type Need } from './needed-scope.js'
import type { AccessOptions, Scope, Token } from './types.js'
import { verifyUrl } from './verify-url.js'

/** Tells whom a server trusts. */
export type AuthorizationOptions = Pick<
  AccessOptions,
  'tokens' | 'signatures' | 'signingKeys' | 'publicImages'
>

/** True if a server without these options would let everybody do everything. */
export function isOpen({ tokens, signatures }: AuthorizationOptions): boolean {
  return tokens.length === 0 && signatures !== 'required'
}

/** True if everybody may do what needs this right. */
function isPublic(options: AuthorizationOptions, need: Need): boolean {
  const isPublicImage = need === 'image' && options.publicImages && options.signatures !== 'required'
  return isPublicImage || isOpen(options)
}

/**
 * Creates the middleware that refuses requests without the right. It runs after `createIdentification`.
 *
 * @param sources names of the sources.
 */
export function createAuthorization(
  options: AuthorizationOptions,
  sources: ReadonlySet<string>,
): MiddlewareHandler<Env> {
  return async (context, next) => {
    const { method, path, url } = context.req
    const need = neededScope(method, path, sources)
    if (need === undefined) return next()
    const mayBeSigned = need === 'image' && options.signatures !== 'off'
    const end = mayBeSigned ? verifyUrl(url, options.signingKeys) : undefined
    const token = context.get('token')
    const error = end === undefined ? findObstacle(options, need, token, readBearer(context)) : undefined
    if (error !== undefined) return refuse(context, error)
    // Others may see the image too: it need not belong to the token.
    if (end !== undefined || (need === 'image' && isPublic(options, need))) context.set('token', undefined)
    await next()
    if (end !== undefined) limitCaching(context.res.headers, end)
    else if (context.get('token') !== undefined) forbidSharing(context.res.headers)
  }
}

/** Returns the reason to refuse a request that is not signed. */
function findObstacle(
  options: AuthorizationOptions,
  need: Exclude<Need, undefined>,
  token: Token | undefined,
  bearer: string | undefined,
): ImgprocError | undefined {
  const { tokens, signatures } = options
  const scope = need === 'image' ? 'read' : need
  if (token !== undefined) return token.scopes.includes(scope) ? undefined : createScopeError(token, scope)
  if (isPublic(options, need)) return undefined
  if (tokens.length === 0 && need === 'image')
    return new ImgprocError('ACCESS_DENIED', 'The URL has to be signed: see imgproc sign.', {
      stage: 'usage',
    })
  if (bearer !== undefined)
    return createTokenError('This server does not know the token. It may have been replaced.')
  const isEither = need === 'image' && signatures !== 'off'
  const message = `This needs a token${isEither ? ', or a signed URL' : ''}. Send it as Authorization: Bearer TOKEN.`
  return createTokenError(message)
}

function createTokenError(message: string): ImgprocError {
  return new ImgprocError('UNAUTHORIZED', message, { stage: 'usage' })
}

function createScopeError({ id }: Token, scope: Scope): ImgprocError {
  const message = `The token ${id} lacks the scope ${scope}. Use another, or add the scope to its entry in the config.`
  return new ImgprocError('ACCESS_DENIED', message, { stage: 'usage' })
}

/** Answers with the error, and with the header by which a client learns how to get in: RFC 6750. */
function refuse(context: Context<Env>, error: ImgprocError): Response {
  const response = respondProblem(context, error)
  const realm = 'Bearer realm="imgproc"'
  if (error.code === 'UNAUTHORIZED') response.headers.set('www-authenticate', realm)
  else if (context.get('token') !== undefined)
    response.headers.set('www-authenticate', `${realm}, error="insufficient_scope"`)
  return response
}

/** Keeps an answer out of caches that others use: they would give it to clients without a token. */
function forbidSharing(headers: Headers): void {
  const given = headers.get('cache-control')
  if (given !== null) headers.set('cache-control', given.replace(/\bpublic\b/, 'private'))
}

/** Makes caches forget an answer when its signature ends. */
function limitCaching(headers: Headers, end: number): void {
  const given = headers.get('cache-control') ?? ''
  const left = Math.max(0, Math.floor((end - Date.now()) / 1000))
  const limited = given.replaceAll(
    /\b(s-maxage|max-age)=(\d+)/g,
    (_, name: string, seconds: string) => `${name}=${Math.min(Number(seconds), left)}`,
  )
  if (limited !== given) headers.set('cache-control', limited.replace(/,\s*immutable\b/, ''))
}
