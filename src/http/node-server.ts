import type { Server } from 'node:http'
import { createAdaptorServer, type HttpBindings } from '@hono/node-server'
import { ImgprocError } from '../errors.js'
import type { Handler } from './types.js'

/** The address to listen at. */
export interface ListenOptions {
  /** 0 for any that is free. */
  readonly port: number
  readonly host: string
}

/** A server that listens. */
export interface HttpServer {
  /** Without a slash at its end, with the port that is in use. */
  readonly url: string
  /** Refuses further requests with 503, answers those in progress, and closes all connections. */
  close(): Promise<void>
}

/** Milliseconds that clients have to take the last answers. */
const PATIENCE = 10_000

/**
 * Serves a handler at an address. Throws INVALID_USAGE if the address is in use, or not to be had.
 *
 * @example
 * ```ts
 * const server = await listen(createHandler({ sources: { photos: './photos' } }), { port: 0, host: '127.0.0.1' })
 * console.log(server.url) // http://127.0.0.1:49152
 * await server.close()
 * ```
 */
export async function listen(
  handler: Pick<Handler, 'fetch' | 'close'>,
  { port, host }: ListenOptions,
): Promise<HttpServer> {
  const server = createAdaptorServer({
    fetch: (request, bindings) =>
      handler.fetch(request, { address: (bindings as HttpBindings).incoming.socket.remoteAddress }), // not HTTP/2
  }) as Server // without TLS
  await new Promise<void>((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => reject(toListenError(error, port, host)))
    server.listen(port, host, resolve)
  })
  return {
    url: urlOf(server, host),
    async close() {
      // New connections are still accepted, and told to come again.
      await handler.close()
      const timer = setTimeout(() => server.closeAllConnections(), PATIENCE)
      await new Promise<void>((resolve) => {
        server.close(() => resolve())
      })
      clearTimeout(timer)
    },
  }
}

function urlOf(server: Server, host: string): string {
  const address = server.address()
  const port = typeof address === 'object' && address !== null ? address.port : 0
  return `http://${host.includes(':') ? `[${host}]` : host}:${port}`
}

const REASONS: Readonly<Record<string, string>> = {
  EADDRINUSE: 'another program listens there. Choose another port, such as --port 0 for any that is free.',
  EACCES: 'this user may not. Choose a port above 1023.',
  EADDRNOTAVAIL: 'this machine has no such address. Use --host 127.0.0.1, or 0.0.0.0 for all addresses.',
  ENOTFOUND: 'there is no such host. Use --host 127.0.0.1, or 0.0.0.0 for all addresses.',
}

function toListenError(cause: NodeJS.ErrnoException, port: number, host: string): ImgprocError {
  const reason = REASONS[cause.code ?? ''] ?? `${cause.message}.`
  return new ImgprocError('INVALID_USAGE', `Can't listen at ${host}, port ${port}: ${reason}`, {
    stage: 'usage',
    cause,
  })
}
