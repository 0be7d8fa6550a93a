import type { IncomingMessage } from 'node:http'
import { withoutSecrets } from '../../paths/url.js'
import { ImgprocError, throwIfAborted } from '../../errors.js'
import { backoffDelay, waitUnlessAborted } from '../../utils/backoff.js'
import { quote } from '../errors.js'
import { explainBreak, explainStatus, type Failure, toError } from './errors.js'
import { discard, follow, type HttpClient } from './redirects.js'

const TRIES = 3

/** Milliseconds that the delay after the first try may last; each later one twice as long. */
const FIRST_DELAY = 400

/** The longest delay that Node's timers know. */
const LONGEST_DELAY = 2 ** 31 - 1

export interface Question {
  readonly method: 'GET' | 'HEAD'
  readonly headers?: Readonly<Record<string, string>> | undefined
  /** Statuses that are an answer; any other is a failure. */
  readonly accepts: readonly number[]
  readonly signal?: AbortSignal | undefined
}

/** Makes something of a response, whose body it needn't read. */
type Use<T> = (response: IncomingMessage, signal: AbortSignal) => T | Promise<T>

/**
 * Asks a server until it answers, three times at most. Throws INPUT_NOT_FOUND, ACCESS_DENIED, TIMED_OUT,
 * READ_FAILED or ABORTED, none of them with the secrets of the URL.
 */
export async function ask<T>(client: HttpClient, ref: string, question: Question, use: Use<T>): Promise<T> {
  const name = withoutSecrets(ref)
  throwIfAborted(question.signal)
  if (!URL.canParse(ref)) {
    throw new ImgprocError('INPUT_NOT_FOUND', `${quote(name)} is no URL. Check how it is written.`, {
      stage: 'read',
      path: name,
    })
  }
  const life = beginLife(client.timeout, question.signal)
  try {
    for (let tries = 1; ; tries++) {
      const answer = await tryOnce(client, new URL(ref), question, use, life.signal)
      if ('value' in answer) return answer.value
      throwIfAborted(question.signal)
      if (life.signal.aborted) throw tooSlow(name, client.timeout)
      if (!answer.failure.again || tries === TRIES) throw toError(answer.failure, name)
      const retryAfter = (answer.failure.after ?? 0) * 1000
      const delay = backoffDelay(tries, { firstDelay: FIRST_DELAY, retryAfter, combine: 'add' })
      await waitUnlessAborted(delay, life.signal)
    }
  } finally {
    life.end()
  }
}

type Attempt<T> = { readonly value: T } | { readonly failure: Failure }

async function tryOnce<T>(
  client: HttpClient,
  url: URL,
  { method, headers, accepts }: Question,
  use: Use<T>,
  signal: AbortSignal,
): Promise<Attempt<T>> {
  try {
    const response = await follow(client, url, { method, headers, signal })
    try {
      const status = response.statusCode ?? 0
      if (accepts.includes(status)) return { value: await use(response, signal) }
      return { failure: explainStatus(status, response.headers['retry-after']) }
    } finally {
      discard(response)
    }
  } catch (error) {
    if (error instanceof ImgprocError) throw error
    return { failure: explainBreak(error) }
  }
}

/** A signal that the caller gives, or the clock. */
function beginLife(seconds: number, outer: AbortSignal | undefined): { signal: AbortSignal; end(): void } {
  const controller = new AbortController()
  const stop = () => controller.abort()
  const timer = setTimeout(stop, Math.min(seconds * 1000, LONGEST_DELAY))
  outer?.addEventListener('abort', stop, { once: true })
  return {
    signal: controller.signal,
    end() {
      clearTimeout(timer)
      outer?.removeEventListener('abort', stop)
    },
  }
}

function tooSlow(name: string, seconds: number): ImgprocError {
  const message = `${quote(name)} can't be read: it took longer than ${seconds} seconds. Try again later.`
  return new ImgprocError('TIMED_OUT', message, { stage: 'read', path: name })
}
