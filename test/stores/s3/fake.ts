import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

/** A request that the fake server received. */
export interface RecordedRequest {
  readonly method: string
  readonly path: string
  readonly headers: IncomingMessage['headers']
  readonly body: Buffer
}

export interface FakeS3 {
  readonly endpoint: string
  readonly seen: RecordedRequest[]
  stop(): Promise<void>
}

/** Starts a server with the given answers, for failures that a real server does not produce. `count` begins at 1. */
export async function startFakeS3(
  answer: (response: ServerResponse, request: RecordedRequest, count: number) => unknown,
): Promise<FakeS3> {
  const seen: RecordedRequest[] = []
  const server = createServer((request, response) => {
    const chunks: Buffer[] = []
    request.on('data', (chunk: Buffer) => chunks.push(chunk))
    request.on('end', () => {
      const { method = '', url = '', headers } = request
      const recorded = { method, path: url, headers, body: Buffer.concat(chunks) }
      seen.push(recorded)
      answer(response, recorded, seen.length)
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  // The address is an object because the server listens on a port.
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

/** Sends an error in the format of S3. */
export function sendError(response: ServerResponse, status: number, code: string, headers = {}): void {
  const body = `<?xml version="1.0"?><Error><Code>${code}</Code><Message>Told by the server</Message></Error>`
  response.writeHead(status, { 'content-type': 'application/xml', ...headers }).end(body)
}

/** Sends a page of a listing: objects of one byte, and the token of the next page. */
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
