import { createHash } from 'node:crypto'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { crc32c } from './crc32c.js'

// A server of the JSON API of Google Cloud Storage, written from its reference, as far as the store uses it:
// https://cloud.google.com/storage/docs/json_api/v1/objects (list, get, insert, delete)
// https://cloud.google.com/storage/docs/json_api/v1/status-codes
// There is no emulator of it in npm that keeps preconditions, checksums and order.

/** An object as the server keeps it. */
interface StoredObject {
  readonly name: string
  readonly data: Buffer
  readonly generation: string
  readonly updated: string
  readonly metadata: Readonly<Record<string, unknown>>
}

/** A request that the server received. */
export interface RecordedRequest {
  readonly method: string
  readonly url: URL
  readonly headers: IncomingMessage['headers']
  readonly body: Buffer
}

/** Answers a request instead of the server; returns false to leave it to the server. `count` begins at 1. */
export type Intercept = (response: ServerResponse, request: RecordedRequest, count: number) => boolean

export interface GcsServer {
  readonly endpoint: string
  readonly buckets: Map<string, Map<string, StoredObject>>
  readonly seen: RecordedRequest[]
  intercept: Intercept | undefined
  stop(): Promise<void>
}

/** Starts a server without buckets. */
export async function startGcs(): Promise<GcsServer> {
  const buckets: GcsServer['buckets'] = new Map()
  const seen: RecordedRequest[] = []
  const server = createServer((request, response) => {
    const chunks: Buffer[] = []
    request.on('data', (chunk: Buffer) => chunks.push(chunk))
    request.on('end', () => {
      const url = new URL(request.url ?? '/', 'http://localhost')
      const { method = 'GET', headers } = request
      const recorded = { method, url, headers, body: Buffer.concat(chunks) }
      seen.push(recorded)
      if (started.intercept?.(response, recorded, seen.length) === true) return
      answer(buckets, recorded, response)
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  // The address is an object because the server listens on a port.
  const { port } = server.address() as AddressInfo
  const started: GcsServer = {
    endpoint: `http://127.0.0.1:${port}`,
    buckets,
    seen,
    intercept: undefined,
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
  return started
}

function answer(buckets: GcsServer['buckets'], request: RecordedRequest, response: ServerResponse): void {
  const { method, url } = request
  // The name of an object is one encoded part of the path, so that %2F is not a separator.
  const [, upload, bucketPart = '', namePart] =
    /^\/(upload\/)?storage\/v1\/b\/([^/]+)\/o(?:\/([^/]+))?$/.exec(url.pathname) ?? []
  const bucket = decodeURIComponent(bucketPart)
  const objects = buckets.get(bucket)
  if (objects === undefined)
    return sendError(response, 404, 'notFound', 'The specified bucket does not exist.')
  if (upload !== undefined && method === 'POST') return insert(objects, bucket, request, response)
  if (namePart === undefined && method === 'GET') return list(objects, bucket, url, response)
  const name = decodeURIComponent(namePart ?? '')
  const object = objects.get(name)
  if (object === undefined) {
    const message = `No such object: ${bucket}/${name}`
    // A download answers in plain text.
    if (url.searchParams.get('alt') === 'media') return void response.writeHead(404).end(message)
    return sendError(response, 404, 'notFound', message)
  }
  if (method === 'DELETE') {
    objects.delete(name)
    return void response.writeHead(204).end()
  }
  if (url.searchParams.get('alt') === 'media') return download(object, request, response)
  sendJson(response, 200, toResource(object, bucket))
}

function list(
  objects: ReadonlyMap<string, StoredObject>,
  bucket: string,
  url: URL,
  response: ServerResponse,
): void {
  const parameter = (name: string) => url.searchParams.get(name) ?? ''
  const prefix = parameter('prefix')
  const delimiter = parameter('delimiter')
  const startOffset = parameter('startOffset')
  const maxResults = Math.min(Number(parameter('maxResults')) || 1000, 1000)
  const token = Buffer.from(parameter('pageToken'), 'base64').toString()
  const items: object[] = []
  const prefixes = new Set<string>()
  let last = ''
  let isTruncated = false
  for (const object of [...objects.values()].toSorted((a, b) => compare(a.name, b.name))) {
    const { name } = object
    if (!name.startsWith(prefix) || compare(name, startOffset) < 0 || compare(name, token) <= 0) continue
    const end = delimiter === '' ? -1 : name.indexOf(delimiter, prefix.length)
    const folder = end < 0 ? undefined : name.slice(0, end + delimiter.length)
    if (folder !== undefined && prefixes.has(folder)) {
      last = name
      continue
    }
    if (items.length + prefixes.size >= maxResults) {
      isTruncated = true
      break
    }
    if (folder === undefined) items.push(pick(toResource(object, bucket), parameter('fields')))
    else prefixes.add(folder)
    last = name
  }
  sendJson(response, 200, {
    kind: 'storage#objects',
    ...(items.length > 0 && { items }),
    ...(prefixes.size > 0 && { prefixes: [...prefixes] }),
    ...(isTruncated && { nextPageToken: Buffer.from(last).toString('base64') }),
  })
}

/** Orders names by their UTF-8 bytes, as the service does. */
function compare(a: string, b: string): number {
  return Buffer.compare(Buffer.from(a), Buffer.from(b))
}

/** Leaves the fields of a resource that `items(…)` names. */
function pick(resource: Record<string, unknown>, fields: string): object {
  const names = /items\(([^)]*)\)/.exec(fields)?.[1]?.split(',')
  return names === undefined
    ? resource
    : Object.fromEntries(Object.entries(resource).filter(([name]) => names.includes(name)))
}

function download(
  { data, metadata }: StoredObject,
  { headers }: RecordedRequest,
  response: ServerResponse,
): void {
  const own = {
    'content-type': String(metadata['contentType']),
    'x-goog-hash': `crc32c=${crc32c(data)},md5=${md5Of(data)}`,
    'x-goog-stored-content-encoding': 'identity',
  }
  const [, first, last] = /^bytes=(\d+)-(\d*)$/.exec(headers.range ?? '') ?? []
  if (first === undefined)
    return void response.writeHead(200, { ...own, 'content-length': data.length }).end(data)
  const from = Number(first)
  if (from >= data.length) return void response.writeHead(416).end('The requested range cannot be satisfied.')
  const part = data.subarray(from, last === '' ? undefined : Number(last) + 1)
  const range = `bytes ${from}-${from + part.length - 1}/${data.length}`
  response.writeHead(206, { ...own, 'content-range': range, 'content-length': part.length }).end(part)
}

let generations = 1_700_000_000_000_000n

function insert(
  objects: Map<string, StoredObject>,
  bucket: string,
  { url, headers, body }: RecordedRequest,
  response: ServerResponse,
): void {
  const boundary = /boundary="?([^";]+)/.exec(headers['content-type'] ?? '')?.[1]
  if (url.searchParams.get('uploadType') !== 'multipart' || boundary === undefined)
    return sendError(response, 400, 'badRequest', 'Only multipart uploads are known here.')
  const [metadata, data] = parseRelated(body, boundary)
  const name = url.searchParams.get('name') ?? String(metadata['name'])
  if (/[\r\n]/.test(name) || name === '.' || name === '..' || Buffer.byteLength(name) > 1024)
    return sendError(response, 400, 'invalid', `Invalid object name: '${name}'`)
  const md5 = metadata['md5Hash']
  if (md5 !== undefined && md5 !== md5Of(data))
    return sendError(response, 400, 'invalid', 'Provided MD5 hash does not match the calculated one.')
  if (url.searchParams.get('ifGenerationMatch') === '0' && objects.has(name))
    return sendError(
      response,
      412,
      'conditionNotMet',
      'At least one of the pre-conditions you specified did not hold.',
    )
  const generation = String(++generations)
  const object = { name, data, metadata, generation, updated: new Date().toISOString() }
  objects.set(name, object)
  sendJson(response, 200, toResource(object, bucket))
}

/** Parses a body of two parts, as RFC 2387 has it. */
function parseRelated(body: Buffer, boundary: string): [metadata: Record<string, unknown>, data: Buffer] {
  const mark = Buffer.from(`--${boundary}`)
  const [first, second, end] = [0, 1, 2].reduce<number[]>(
    (found) => [...found, body.indexOf(mark, (found.at(-1) ?? -1) + 1)],
    [],
  )
  const partOf = (from = 0, to = 0) => {
    const part = body.subarray(from + mark.length + 2, to - 2)
    return part.subarray(part.indexOf('\r\n\r\n') + 4)
  }
  const metadata: Record<string, unknown> = JSON.parse(partOf(first, second).toString())
  return [metadata, Buffer.from(partOf(second, end))]
}

function toResource(object: StoredObject, bucket: string): Record<string, unknown> {
  const { name, data, metadata, generation, updated } = object
  return {
    kind: 'storage#object',
    id: `${bucket}/${name}/${generation}`,
    ...metadata,
    name,
    bucket,
    generation,
    metageneration: '1',
    size: String(data.length),
    updated,
    timeCreated: updated,
    md5Hash: md5Of(data),
    crc32c: crc32c(data),
    etag: Buffer.from(`${generation}/1`).toString('base64'),
  }
}

function md5Of(data: Uint8Array): string {
  return createHash('md5').update(data).digest('base64')
}

/** Sends an error as the reference describes it. */
export function sendError(response: ServerResponse, status: number, reason: string, message: string): void {
  const errors = [{ message, domain: 'global', reason }]
  sendJson(response, status, { error: { code: status, message, errors } })
}

function sendJson(response: ServerResponse, status: number, body: object): void {
  response.writeHead(status, { 'content-type': 'application/json; charset=UTF-8' }).end(JSON.stringify(body))
}
