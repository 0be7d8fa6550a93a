import http, { type IncomingMessage } from 'node:http'
import https from 'node:https'
import { unescape } from 'node:querystring'
import { idleError, redirectError } from './errors.js'
import type { Agents } from './private-addresses.js'

/** How requests are made. */
export interface HttpClient {
  readonly headers: Readonly<Record<string, string>>
  /** Seconds for an answer with its body, tries and pauses included. */
  readonly timeout: number
  /** Seconds in which something has to come. */
  readonly idleTimeout: number
  /** How many redirects are followed. */
  readonly redirects: number
  readonly allowPrivate: boolean
  readonly isPrivate: (address: string) => boolean
  /** Connect anywhere. */
  readonly agents: Agents
  /** Connect to public addresses only. */
  readonly guarded: Agents
}

export interface HttpRequest {
  readonly method: 'GET' | 'HEAD'
  readonly headers?: Readonly<Record<string, string>> | undefined
  readonly signal: AbortSignal
}

const REDIRECTS = new Set([301, 302, 303, 307, 308])

/** Bytes of an unwanted body that are let through, so that the connection can be used again. */
const SMALL_BODY = 64 * 1024

const HEADERS = {
  accept: '*/*',
  // Images are compressed; what is compressed once more has no ranges and no known size.
  'accept-encoding': 'identity',
  // Some servers refuse whoever doesn't say who it is.
  'user-agent': 'imgproc (+https://www.npmjs.com/package/imgproc)',
}

/**
 * Makes a request and follows redirects. Once a public server was asked, private addresses are out of bounds: it
 * must not choose what is read from the inside.
 */
export async function follow(client: HttpClient, start: URL, request: HttpRequest): Promise<IncomingMessage> {
  const own = { ...authorizationOf(start), ...client.headers }
  let url = start
  let { allowPrivate } = client
  for (let hops = 0; ; hops++) {
    const headers = { ...HEADERS, ...(url.origin === start.origin && own), ...request.headers }
    const agent = (allowPrivate ? client.agents : client.guarded).for(url)
    const { response, address } = await send(url, { ...request, headers }, agent, client.idleTimeout)
    const { location } = response.headers
    if (!REDIRECTS.has(response.statusCode ?? 0) || location === undefined) return response
    discard(response)
    if (hops === client.redirects) throw redirectError(`redirects more than ${client.redirects} times`)
    url = resolveRedirect(location, url)
    allowPrivate &&= address !== undefined && client.isPrivate(address)
  }
}

interface Answer {
  readonly response: IncomingMessage
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
    sent.on('timeout', () => sent.destroy(idleError(idleTimeout)))
    sent.on('response', (response) => {
      // From now on it is the response that tells its reader.
      sent.on('timeout', () => response.destroy(idleError(idleTimeout)))
      resolve({ response, address: response.socket.remoteAddress })
    })
    sent.end()
  })
}

function resolveRedirect(location: string, from: URL): URL {
  // Node reads headers as Latin-1; servers that don't encode their URLs mean UTF-8.
  const text = Buffer.from(location, 'latin1').toString()
  if (!URL.canParse(text, from.href)) throw redirectError('redirects to what is no URL')
  const url = new URL(text, from)
  if (url.protocol === 'http:' || url.protocol === 'https:') return url
  throw redirectError(`redirects to a ${url.protocol} URL, and only http: and https: are followed`)
}

function authorizationOf({ username, password }: URL): { authorization?: string } {
  if (username === '' && password === '') return {}
  const pair = `${unescape(username)}:${unescape(password)}`
  return { authorization: `Basic ${Buffer.from(pair).toString('base64')}` }
}

/** The Content-Length, where there is one. */
export function lengthOf({ headers }: IncomingMessage): number | undefined {
  const length = headers['content-length']
  return length === undefined ? undefined : Number(length)
}

/** Lets go of a response whose body, or the rest of it, nobody wants. */
export function discard(response: IncomingMessage): void {
  // Nobody listens any more, and an error without listener would end the process.
  response.on('error', () => {})
  const length = lengthOf(response)
  if (response.complete || (length !== undefined && length <= SMALL_BODY)) response.resume()
  else response.destroy()
}
