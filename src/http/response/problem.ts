import { STATUS_CODES } from 'node:http'
import { posix } from 'node:path'
import type { Context } from 'hono'
import { ImgprocError, toImgprocError, type ErrorCode } from '../../errors.js'

/** An error as the body of a response: RFC 9457, and our code. */
export interface Problem {
  readonly type: 'about:blank'
  /** The status in words. */
  readonly title: string
  readonly status: number
  /** The cause, and the remedy. */
  readonly detail: string
  readonly code: ErrorCode
}

/** Seconds after which a client may ask again. */
const RETRY_SECONDS = 1

/** `STATUS_CODES` lacks the one that proxies log if the client has gone. */
const TITLES: Readonly<Record<number, string | undefined>> = { ...STATUS_CODES, 499: 'Client Closed Request' }

/** Texts of the server to replace in a message, such as the path of a source by its URL. */
export type Replacements = readonly (readonly [secret: string, shown: string])[]

/**
 * Creates the response to an error: `application/problem+json`. It holds no stack. A bug's message stays on the server,
 * since nobody knows what it holds.
 *
 * @param hide texts that the client must not see.
 */
export function createProblem(caught: unknown, hide: Replacements = []): Response {
  const error = toImgprocError(caught)
  const { code, status } = error
  // A file that is in no source, such as a watermark, is shown by its name.
  const all = [...hide, ...pathsOf(error).map((path) => [path, posix.basename(path)] as const)]
  const problem: Problem = {
    type: 'about:blank',
    title: TITLES[status] ?? 'Error',
    status,
    detail:
      code === 'INTERNAL' ? 'The server has failed. Its log tells more.' : replaceAll(error.message, all),
    code,
  }
  const headers = new Headers({
    'content-type': 'application/problem+json',
    'cache-control': 'no-store',
    'x-content-type-options': 'nosniff',
  })
  if (code === 'OVERLOADED') headers.set('retry-after', String(RETRY_SECONDS))
  return new Response(JSON.stringify(problem), { status, headers })
}

/** Creates the response to an error of a route, and leaves the error in the context, for log and metrics. */
export function respondProblem(context: Context, caught: unknown, hide: Replacements = []): Response {
  context.error = toImgprocError(caught)
  return createProblem(caught, hide)
}

/** Returns the last route of a path: it refuses all methods but those that the routes before it take. */
export function refuseOtherMethods(methods: readonly string[]) {
  return (context: Context): Response => {
    const message = `${context.req.path} does not take ${context.req.method}. Use ${methods.join(' or ')}.`
    const response = respondProblem(
      context,
      new ImgprocError('METHOD_NOT_ALLOWED', message, { stage: 'usage' }),
    )
    response.headers.set('allow', methods.join(', '))
    return response
  }
}

/** Returns the files that an error and its causes are about. */
function pathsOf(error: unknown): readonly string[] {
  if (!(error instanceof ImgprocError)) return []
  return [...(error.path === undefined ? [] : [error.path]), ...pathsOf(error.cause)]
}

function replaceAll(message: string, hide: Replacements): string {
  let shown = message
  for (const [secret, replacement] of hide) {
    // Everything lies below the root of the disk.
    if (secret.length < 2) continue
    // As it stands between the quotes of a message.
    const quoted = JSON.stringify(secret).slice(1, -1)
    shown = shown.replaceAll(quoted, () => replacement).replaceAll(secret, () => replacement)
  }
  return shown
}
