import { createHash } from 'node:crypto'
import http, { type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'

/** What goes wrong, as shares of the requests. */
export interface Failures {
  /** Answered 503 SlowDown, without the server hearing of it. */
  readonly slowDown?: number
  /** Reset in the middle: GET and POST in the response's body, others before the server has all of the request. */
  readonly reset?: number
  /** Responses that end early, as if that were all. */
  readonly truncate?: number
}

export interface StutterProxyOptions {
  /** The server's URL, `http://` only. */
  readonly target: string
  /** Milliseconds that each request waits before anything is done with it. @default 0 */
  readonly latency?: number
  /** The same seed makes the same requests fail, in whatever order they come. */
  readonly seed: number
  readonly failures?: Failures
}

/** What became of the requests so far. */
export interface StutterStats {
  requests: number
  readonly byMethod: Record<string, number>
  injected503: number
  resets: number
  truncated: number
  /** How many times each object, `/bucket/key`, was put with success, whether or not the client heard of it. */
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
 * A bad network between a client and an HTTP server such as S3. Path, headers and Host are passed on as they come,
 * so that signatures hold; the client talks to the proxy's URL as if it were the server.
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
      else if (fate === 'reset' && !endsInResponse(request)) resetRequest(request, options.target, stats)
      else forward(request, response, { target: options.target, fate, agent, stats })
    }
    if (latency > 0) void sleep(latency).then(serve)
    else serve()
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo // it listens on a port, not on a pipe
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

/** The fate of each request depends on seed, method, URL and how often it came, not on the others. */
function createFates({ seed, failures = {} }: StutterProxyOptions): (request: IncomingMessage) => Fate {
  const { slowDown: slow = 0, reset = 0, truncate = 0 } = failures
  const seen = new Map<string, number>()
  return ({ method, url }) => {
    const name = `${method} ${url}`
    const count = (seen.get(name) ?? 0) + 1
    seen.set(name, count)
    const drawn = createHash('sha256').update(`${seed} ${count} ${name}`).digest().readUInt32BE() / 2 ** 32
    if (drawn < slow) return 'slowDown'
    if (drawn < slow + reset) return 'reset'
    return drawn < slow + reset + truncate ? 'truncate' : 'pass'
  }
}

/** Whether a request is broken in its response: those of PUT, DELETE and HEAD hold nothing to be broken. */
function endsInResponse({ method }: IncomingMessage): boolean {
  return method === 'GET' || method === 'POST'
}

function slowDown(request: IncomingMessage, response: ServerResponse, stats: StutterStats): void {
  stats.injected503++
  request.resume().on('end', () => {
    response.writeHead(503, { 'content-type': 'application/xml', 'content-length': SLOW_DOWN.length })
    response.end(request.method === 'HEAD' ? undefined : SLOW_DOWN)
  })
}

/** Sends the server half of the body, then breaks both connections. */
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
    const breaks = fate !== 'pass' && endsInResponse(request) && (total > 1 || isChunked(answer))
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

/** Passes half of a body on, or its first piece where its length is unknown, then breaks the connection. */
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
      // A reset at once could overtake what was sent, and would not be one in the middle.
      if (sent === limit) setTimeout(stop, 10)
    })
  })
}

/** A request to the server as the client made it: raw path, and every header, Host among them. */
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
  // A bucket that is made, or a part of an upload, is no object yet.
  if (!/^\/[^/]+\/./.test(key) || query.includes('partNumber=')) return
  successfulPuts.set(key, (successfulPuts.get(key) ?? 0) + 1)
}

function isChunked({ headers }: IncomingMessage): boolean {
  return headers['transfer-encoding'] !== undefined
}
