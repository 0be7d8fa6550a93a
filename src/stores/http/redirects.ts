import http, { type IncomingMessage } from 'node:http'
import https from 'node:https'
import { unescape } from 'node:querystring'
import { createIdleError, createRedirectError } from './errors.js'
import type { Agents } from './private-addresses.js'

/** Settings and connections of a store's requests. */
export interface HttpClient {
  readonly headers: Readonly<Record<string, string>>
  /** Maximum seconds for an answer with its body, including attempts and delays. */
  readonly timeout: number
  /** Maximum seconds without a received byte. */
  readonly idleTimeout: number
  /** Maximum number of redirects that are followed. */
  readonly redirects: number
  readonly allowPrivate: boolean
  readonly isPrivate: (address: string) => boolean
  /** Connect to any address. */
  readonly agents: Agents
  /** Connect to public addresses only. */
  readonly publicAgents: Agents
}

export interface HttpRequest {
  readonly method: 'GET' | 'HEAD'
  readonly headers?: Readonly<Record<string, string>> | undefined
  readonly signal: AbortSignal
}

const REDIRECT_STATUSES = new Set([301, 302, 303, 307, 308])

/** Maximum bytes of an unwanted body that are received, so that the connection can be reused. */
const MAX_DRAINED_BYTES = 64 * 1024

const HEADERS = {
  accept: '*/*',
  // Images are already compressed. A compressed body has neither ranges nor a known size.
  'accept-encoding': 'identity',
  // Some servers refuse requests without a user agent.
  'user-agent': 'imgproc (+https://www.npmjs.com/package/imgproc)',
}

/**
 * Sends a request and follows redirects. After an answer from a public server, private addresses are refused: a public
 * server must not choose what is read from the private network (SSRF).
 */
export async function requestFollowingRedirects(
  client: HttpClient,
  start: URL,
  request: HttpRequest,
): Promise<IncomingMessage> {
  const ownHeaders = { ...authorizationOf(start), ...client.headers }
  let url = start
  let { allowPrivate } = client
  for (let hops = 0; ; hops++) {
    const headers = { ...HEADERS, ...(url.origin === start.origin && ownHeaders), ...request.headers }
    const agent = (allowPrivate ? client.agents : client.publicAgents).for(url)
    const { response, address } = await send(url, { ...request, headers }, agent, client.idleTimeout)
    const { location } = response.headers
    if (!REDIRECT_STATUSES.has(response.statusCode ?? 0) || location === undefined) return response
    discardResponse(response)
    if (hops === client.redirects) throw createRedirectError(`redirects more than ${client.redirects} times`)
    url = resolveRedirect(location, url)
    allowPrivate &&= address !== undefined && client.isPrivate(address)
  }
}

interface Answer {
  readonly response: IncomingMessage
  /** The IP address that answered. */
  readonly address: string | undefined
}

function send(url: URL, request: HttpRequest, agent: http.Agent, idleTimeout: number): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const target = new URL(url)
    target.username = ''
    target.password = ''
    const options = { ...request, agent, timeout: idleTimeout * 1000 }
    const sent = (url.protocol === 'https:' ? https : http).request(target, options)
    sent.on('error', reject)
    sent.on('timeout', () => sent.destroy(createIdleError(idleTimeout)))
    sent.on('response', (response) => {
      // The reader of the body only sees errors of the response.
      sent.on('timeout', () => response.destroy(createIdleError(idleTimeout)))
      resolve({ response, address: response.socket.remoteAddress })
    })
    sent.end()
  })
}

function resolveRedirect(location: string, from: URL): URL {
  // Node decodes headers as Latin-1, but servers that do not percent-encode their URLs send UTF-8.
  const text = Buffer.from(location, 'latin1').toString()
  if (!URL.canParse(text, from.href)) throw createRedirectError('redirects to an invalid URL')
  const url = new URL(text, from)
  if (url.protocol === 'http:' || url.protocol === 'https:') return url
  throw createRedirectError(`redirects to a ${url.protocol} URL, and only http: and https: are followed`)
}

function authorizationOf({ username, password }: URL): { authorization?: string } {
  if (username === '' && password === '') return {}
  const pair = `${unescape(username)}:${unescape(password)}`
  return { authorization: `Basic ${Buffer.from(pair).toString('base64')}` }
}

/** Returns the Content-Length in bytes, if there is one. */
export function contentLength({ headers }: IncomingMessage): number | undefined {
  const length = headers['content-length']
  return length === undefined ? undefined : Number(length)
}

/** Releases the connection of a response whose body, or the rest of it, is not needed. */
export function discardResponse(response: IncomingMessage): void {
  // An error event without a listener would end the process.
  response.on('error', () => {})
  const length = contentLength(response)
  if (response.complete || (length !== undefined && length <= MAX_DRAINED_BYTES)) response.resume()
  else response.destroy()
}
