import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

/** A request as the fake server saw it. */
export interface Seen {
  readonly method: string
  readonly path: string
  readonly headers: IncomingMessage['headers']
  readonly body: Buffer
}

export interface FakeS3 {
  readonly endpoint: string
  readonly seen: Seen[]
  stop(): Promise<void>
}

/** A server that answers as it is told, for what a good server never does. `count` is 1 for the first request. */
export async function startFakeS3(
  answer: (response: ServerResponse, seen: Seen, count: number) => unknown,
): Promise<FakeS3> {
  const seen: Seen[] = []
  const server = createServer((request, response) => {
    const chunks: Buffer[] = []
    request.on('data', (chunk: Buffer) => chunks.push(chunk))
    request.on('end', () => {
      const { method = '', url = '', headers } = request
      const one = { method, path: url, headers, body: Buffer.concat(chunks) }
      seen.push(one)
      answer(response, one, seen.length)
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  // A server that listens on a port has an address of this kind.
  const { port } = server.address() as AddressInfo
  return {
    endpoint: `http://127.0.0.1:${port}`,
    seen,
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}

/** An error as S3 sends it. */
export function sendError(response: ServerResponse, status: number, code: string, headers = {}): void {
  const body = `<?xml version="1.0"?><Error><Code>${code}</Code><Message>Told by the server</Message></Error>`
  response.writeHead(status, { 'content-type': 'application/xml', ...headers }).end(body)
}

/** A page of a listing: keys of one byte, and the token of the next page. */
export function sendPage(response: ServerResponse, keys: readonly string[], next?: string): void {
  const contents = keys.map(
    (key) =>
      `<Contents><Key>${key}</Key><Size>1</Size><ETag>&quot;${key.length}&quot;</ETag>` +
      '<LastModified>2026-01-02T03:04:05.000Z</LastModified></Contents>',
  )
  const more = next === undefined ? '' : `<NextContinuationToken>${next}</NextContinuationToken>`
  response
    .writeHead(200, { 'content-type': 'application/xml' })
    .end(
      `<?xml version="1.0"?><ListBucketResult><IsTruncated>${next !== undefined}</IsTruncated>` +
        `${contents.join('')}${more}</ListBucketResult>`,
    )
}
