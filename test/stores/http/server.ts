import http, { type IncomingMessage, type RequestListener, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach } from 'vitest'

/** A real web server of a test's own; it ends with the test. */
export interface WebServer {
  /** `http://127.0.0.1:` and the port. */
  readonly url: string
  readonly requests: IncomingMessage[]
  /** How many connections were made to it. */
  connections(): number
  close(): Promise<void>
}

const running = new Set<WebServer>()

afterEach(async () => {
  await Promise.all([...running].map((server) => server.close()))
})

/** Starts a server; `answer` is given the number of the request, from 1. */
export async function serve(
  answer: (request: IncomingMessage, response: ServerResponse, count: number) => unknown,
  host = '127.0.0.1',
): Promise<WebServer> {
  const requests: IncomingMessage[] = []
  let connections = 0
  const listener: RequestListener = (request, response) => {
    answer(request, response, requests.push(request))
  }
  const server = http.createServer(listener)
  server.on('connection', () => connections++)
  await new Promise<void>((resolve) => server.listen(0, host, resolve))
  const { port } = server.address() as AddressInfo // it listens on a port, not on a pipe
  const made: WebServer = {
    url: `http://${host.includes(':') ? `[${host}]` : host}:${port}`,
    requests,
    connections: () => connections,
    async close() {
      running.delete(made)
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
  running.add(made)
  return made
}
