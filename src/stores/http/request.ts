import type { IncomingMessage } from 'node:http'
import { withoutSecrets } from '../../paths/url.js'
import { ImgprocError, throwIfAborted } from '../../errors.js'
import { backoffDelay, waitUnlessAborted } from '../../utils/backoff.js'
import { quote } from '../errors.js'
import { explainConnectionError, explainStatus, type Failure, toHttpError } from './errors.js'
import { discardResponse, type HttpClient, requestFollowingRedirects } from './redirects.js'

const MAX_ATTEMPTS = 3

/** Maximum delay after the first attempt, in milliseconds; it doubles with each attempt. */
const FIRST_DELAY = 400

/** Maximum delay of Node's timers, in milliseconds. */
const MAX_TIMER_DELAY = 2 ** 31 - 1

export interface RequestOptions {
  readonly method: 'GET' | 'HEAD'
  readonly headers?: Readonly<Record<string, string>> | undefined
  /** Statuses that `readResponse` handles; any other is a failure. */
  readonly accepts: readonly number[]
  readonly signal?: AbortSignal | undefined
}

/** Computes the result from a response. It need not read the body. */
type ReadResponse<T> = (response: IncomingMessage, signal: AbortSignal) => T | Promise<T>

/**
 * Makes a request, in up to three attempts. Throws INPUT_NOT_FOUND, ACCESS_DENIED, TIMED_OUT, READ_FAILED or ABORTED.
 * The errors do not contain the secrets of the URL.
 */
export async function requestWithRetries<T>(
  client: HttpClient,
  ref: string,
  options: RequestOptions,
  readResponse: ReadResponse<T>,
): Promise<T> {
  const name = withoutSecrets(ref)
  throwIfAborted(options.signal)
  if (!URL.canParse(ref)) {
    throw new ImgprocError('INPUT_NOT_FOUND', `${quote(name)} is not a valid URL. Check its spelling.`, {
      stage: 'read',
      path: name,
    })
  }
  const deadline = createDeadline(client.timeout, options.signal)
  try {
    for (let attempt = 1; ; attempt++) {
      const result = await requestOnce(client, new URL(ref), options, readResponse, deadline.signal)
      if ('value' in result) return result.value
      throwIfAborted(options.signal)
      if (deadline.signal.aborted) throw createTimeoutError(name, client.timeout)
      if (!result.failure.retry || attempt === MAX_ATTEMPTS) throw toHttpError(result.failure, name)
      const retryAfter = (result.failure.retryAfter ?? 0) * 1000
      const delay = backoffDelay(attempt, { firstDelay: FIRST_DELAY, retryAfter, combine: 'add' })
      // An abort is handled by the next attempt.
      await waitUnlessAborted(delay, deadline.signal)
    }
  } finally {
    deadline.clear()
  }
}

type AttemptResult<T> = { readonly value: T } | { readonly failure: Failure }

async function requestOnce<T>(
  client: HttpClient,
  url: URL,
  { method, headers, accepts }: RequestOptions,
  readResponse: ReadResponse<T>,
  signal: AbortSignal,
): Promise<AttemptResult<T>> {
  try {
    const response = await requestFollowingRedirects(client, url, { method, headers, signal })
    try {
      const status = response.statusCode ?? 0
      if (accepts.includes(status)) return { value: await readResponse(response, signal) }
      return { failure: explainStatus(status, response.headers['retry-after']) }
    } finally {
      discardResponse(response)
    }
  } catch (error) {
    if (error instanceof ImgprocError) throw error
    return { failure: explainConnectionError(error) }
  }
}

/** Creates a signal that is aborted by the caller's signal or after the timeout. */
function createDeadline(
  seconds: number,
  callerSignal: AbortSignal | undefined,
): { signal: AbortSignal; clear(): void } {
  const controller = new AbortController()
  const abort = () => controller.abort()
  const timer = setTimeout(abort, Math.min(seconds * 1000, MAX_TIMER_DELAY))
  callerSignal?.addEventListener('abort', abort, { once: true })
  return {
    signal: controller.signal,
    clear() {
      clearTimeout(timer)
      callerSignal?.removeEventListener('abort', abort)
    },
  }
}

function createTimeoutError(name: string, seconds: number): ImgprocError {
  const message = `${quote(name)} can't be read: it took longer than ${seconds} seconds. Try again later.`
  return new ImgprocError('TIMED_OUT', message, { stage: 'read', path: name })
}
