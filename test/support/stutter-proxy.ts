import { createHash } from 'node:crypto'
import http, { type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'

/** Share of the requests that fail in each way, from 0 to 1. */
export interface Failures {
  /** Answered with 503 SlowDown. The server does not receive the request. */
  readonly slowDown?: number
  /** Connection reset: for GET and POST within the response body, for others before the server has the whole request. */
  readonly reset?: number
  /** Responses that end early, with a normal close (FIN) of the connection. */
  readonly truncate?: number
}

export interface StutterProxyOptions {
  /** URL of the server, `http://` only. */
  readonly target: string
  /** Delay of each request in milliseconds. @default 0 */
  readonly latency?: number
  /** The same seed fails the same requests, in any order. */
  readonly seed: number
  readonly failures?: Failures
}

/** Counts of the requests so far. */
export interface StutterStats {
  requests: number
  readonly byMethod: Record<string, number>
  injected503: number
  resets: number
  truncated: number
  /** Successful PUTs by object (`/bucket/key`), including those whose response did not reach the client. */
  readonly successfulPuts: Map<string, number>
}

export interface StutterProxy {
  readonly url: string
  readonly stats: StutterStats
  close(): Promise<void>
}

type Fate = 'pass' | 'slowDown' | 'reset' | 'truncate'

const SLOW_DOWN =
  '<?xml version="1.0" encoding="UTF-8"?>\n<Error><Code>SlowDown</Code>' +
  '<Message>Please reduce your request rate.</Message><RequestId>STUTTER</RequestId></Error>'

/**
 * Starts a proxy that simulates a bad network in front of an HTTP server such as S3. It forwards path, headers and Host
 * unchanged, so that signatures stay valid. Clients use the URL of the proxy in place of the server's.
 */
export async function createStutterProxy(options: StutterProxyOptions): Promise<StutterProxy> {
  const { latency = 0 } = options
  const stats: StutterStats = {
    requests: 0,
    byMethod: {},
    injected503: 0,
    resets: 0,
    truncated: 0,
    successfulPuts: new Map(),
  }
  const agent = new http.Agent({ keepAlive: true })
  const decide = createFates(options)
  const server = http.createServer((request, response) => {
    const { method = '' } = request
    stats.requests++
    stats.byMethod[method] = (stats.byMethod[method] ?? 0) + 1
    const fate = decide(request)
    const serve = () => {
      if (fate === 'slowDown') slowDown(request, response, stats)
      else if (fate === 'reset' && !failsInResponse(request)) resetRequest(request, options.target, stats)
      else forward(request, response, { target: options.target, fate, agent, stats })
    }
    if (latency > 0) void sleep(latency).then(serve)
    else serve()
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo // a port, not a pipe
  return {
    url: `http://127.0.0.1:${port}`,
    stats,
    async close() {
      server.closeAllConnections()
      agent.destroy()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

/** Decides the fate of a request by seed, method, URL and count of that URL, independently of other requests. */
function createFates({ seed, failures = {} }: StutterProxyOptions): (request: IncomingMessage) => Fate {
  const { slowDown: slow = 0, reset = 0, truncate = 0 } = failures
  const counts = new Map<string, number>()
  return ({ method, url }) => {
    const name = `${method} ${url}`
    const count = (counts.get(name) ?? 0) + 1
    counts.set(name, count)
    const drawn = createHash('sha256').update(`${seed} ${count} ${name}`).digest().readUInt32BE() / 2 ** 32
    if (drawn < slow) return 'slowDown'
    if (drawn < slow + reset) return 'reset'
    return drawn < slow + reset + truncate ? 'truncate' : 'pass'
  }
}

/** Returns true if a request fails in its response. Responses to PUT, DELETE and HEAD have no body to cut. */
function failsInResponse({ method }: IncomingMessage): boolean {
  return method === 'GET' || method === 'POST'
}

function slowDown(request: IncomingMessage, response: ServerResponse, stats: StutterStats): void {
  stats.injected503++
  request.resume().on('end', () => {
    response.writeHead(503, { 'content-type': 'application/xml', 'content-length': SLOW_DOWN.length })
    response.end(request.method === 'HEAD' ? undefined : SLOW_DOWN)
  })
}

/** Sends half of the body to the server, then resets both connections. */
function resetRequest(request: IncomingMessage, target: string, stats: StutterStats): void {
  stats.resets++
  const half = Math.floor(Number(request.headers['content-length'] ?? 0) / 2)
  if (half === 0) return void request.socket.resetAndDestroy()
  const upstream = open(request, target)
  let sent = 0
  request.on('close', () => upstream.destroy())
  request.on('data', (chunk: Buffer) => {
    const part = chunk.subarray(0, half - sent)
    sent += part.length
    upstream.write(part, () => {
      if (sent < half) return
      upstream.socket?.resetAndDestroy()
      request.socket.resetAndDestroy()
    })
    if (sent === half) request.pause()
  })
}

interface Forwarding {
  readonly target: string
  readonly fate: Fate
  readonly agent?: http.Agent
  readonly stats: StutterStats
}

function forward(request: IncomingMessage, response: ServerResponse, forwarding: Forwarding): void {
  const { target, fate, agent, stats } = forwarding
  const upstream = open(request, target, agent)
  upstream.on('error', () => response.destroy())
  upstream.on('response', (answer) => {
    const { statusCode = 502, headers } = answer
    if (request.method === 'PUT' && statusCode < 300) countPut(request, stats)
    response.writeHead(statusCode, headers)
    answer.on('error', () => response.destroy())
    const total = Number(headers['content-length'] ?? 0)
    const breaks = fate !== 'pass' && failsInResponse(request) && (total > 1 || isChunked(answer))
    if (!breaks) return void answer.pipe(response)
    if (fate === 'reset') stats.resets++
    else stats.truncated++
    breakOff(answer, response, Math.floor(total / 2), fate)
  })
  response.on('close', () => {
    if (!response.writableFinished) upstream.destroy()
  })
  request.pipe(upstream)
}

/** Forwards half of a body, or half of its first chunk if its length is unknown, then breaks the connection. */
function breakOff(answer: IncomingMessage, response: ServerResponse, half: number, fate: Fate): void {
  let sent = 0
  const socket = response.socket
  const stop = () => {
    if (fate === 'reset') socket?.resetAndDestroy()
    else socket?.end()
    answer.destroy()
  }
  answer.on('data', (chunk: Buffer) => {
    const limit = half > 0 ? half : Math.ceil(chunk.length / 2)
    const part = chunk.subarray(0, limit - sent)
    sent += part.length
    if (sent === limit) answer.pause()
    response.write(part, () => {
      // An immediate reset could discard the data that was sent, so that the client would receive no response at all.
      if (sent === limit) setTimeout(stop, 10)
    })
  })
}

/** Opens the client's request to the server, with the raw path and all headers, including Host. */
function open(request: IncomingMessage, target: string, agent?: http.Agent): http.ClientRequest {
  const { method, url: path, headers } = request
  const { hostname, port } = new URL(target)
  const upstream = http.request({ hostname, port, method, path, headers, agent: agent ?? false })
  upstream.on('error', () => {})
  return upstream
}

function countPut({ url = '' }: IncomingMessage, { successfulPuts }: StutterStats): void {
  const [path = '', query = ''] = url.split('?')
  const key = decodeURIComponent(path)
  // Creating a bucket and uploading a part write no object.
  if (!/^\/[^/]+\/./.test(key) || query.includes('partNumber=')) return
  successfulPuts.set(key, (successfulPuts.get(key) ?? 0) + 1)
}

function isChunked({ headers }: IncomingMessage): boolean {
  return headers['transfer-encoding'] !== undefined
}
