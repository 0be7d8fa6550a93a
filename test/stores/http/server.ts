import http, { type IncomingMessage, type RequestListener, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach } from 'vitest'

/** A web server of one test, closed after the test. */
export interface WebServer {
  /** `http://127.0.0.1:` and the port, without a slash at the end. */
  readonly url: string
  readonly requests: IncomingMessage[]
  /** Returns the number of connections that were opened. */
  connections(): number
  close(): Promise<void>
}

const running = new Set<WebServer>()

afterEach(async () => {
  await Promise.all([...running].map((server) => server.close()))
})

/** Starts a server. The third argument of `answer` is the number of the request, from 1. */
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
  const webServer: WebServer = {
    url: `http://${host.includes(':') ? `[${host}]` : host}:${port}`,
    requests,
    connections: () => connections,
    async close() {
      running.delete(webServer)
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
  running.add(webServer)
  return webServer
}
