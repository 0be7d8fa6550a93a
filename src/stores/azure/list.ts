import type { ContainerClient } from '@azure/storage-blob'
import type { BackendListOptions, OrderedListOptions, Source } from '../types.js'
import { ImgprocError } from '../../errors.js'
import { listPages, type Page, toSource } from '../cloud/list.js'
import { compareRefs } from '../compare-refs.js'
import { quote } from '../errors.js'
import type { AzureClients } from './clients.js'
import { toAzureError } from './errors.js'
import { type AzureRef, parseRef } from './uri.js'

/** Blobs of a page, at most. Azure permits 5,000, whose XML takes 70 MB more to parse. */
const PAGE = 1000

/** Lists the blobs whose ref begins with a prefix, in the order of the service. Holds one page at a time. */
export async function* listBlobs(
  clients: AzureClients,
  prefix: string,
  options: BackendListOptions & OrderedListOptions,
): AsyncGenerator<Source> {
  const location = parseRef(prefix)
  yield* listPages(prefix, (token) => requestPage(clients, prefix, location, token, options))
}

/**
 * Lists as `listBlobs` does, in ascending order of the UTF-8 bytes of the refs. An account with a hierarchical namespace
 * lists folders before files of the same beginning, so that all of its blobs are listed and sorted.
 *
 * @throws ImgprocError READ_FAILED if the service lists in another order than it should.
 */
export async function* listBlobsInOrder(
  clients: AzureClients,
  prefix: string,
  options: OrderedListOptions,
): AsyncGenerator<Source> {
  const isFlat = await clients.hasFlatNamespace(parseRef(prefix).container, options.signal)
  const blobs = listBlobs(clients, prefix, options)
  if (!isFlat) {
    const all: Source[] = []
    for await (const blob of blobs) all.push(blob)
    yield* all.toSorted((a, b) => compareRefs(a.ref, b.ref))
    return
  }
  let last: Source | undefined
  for await (const blob of toUtf8Order(blobs)) {
    if (last !== undefined && compareRefs(last.ref, blob.ref) >= 0) throw createOrderError(prefix, blob.ref)
    yield blob
    last = blob
  }
}

/** The first character that UTF-16 orders otherwise than UTF-8 does, and all that follows. */
const FROM_HIGH = /[\ud800-\uffff].*$/s

/**
 * Converts a list in the order of UTF-16 units to that of UTF-8 bytes; one in this order stays. Refs that are equal up to
 * their first such character are neighbours in both orders, so that only these are held and sorted.
 */
async function* toUtf8Order(sources: AsyncIterable<Source>): AsyncGenerator<Source> {
  let start: string | undefined
  let held: Source[] = []
  for await (const source of sources) {
    const common = FROM_HIGH.test(source.ref) ? source.ref.replace(FROM_HIGH, '') : undefined
    if (common !== start) {
      yield* held.toSorted((a, b) => compareRefs(a.ref, b.ref))
      held = []
    }
    start = common
    if (common === undefined) yield source
    else held.push(source)
  }
  yield* held.toSorted((a, b) => compareRefs(a.ref, b.ref))
}

async function requestPage(
  clients: AzureClients,
  prefix: string,
  { container, name }: AzureRef,
  token: string | undefined,
  { signal, shallow = false, after, limit = PAGE }: BackendListOptions & OrderedListOptions,
): Promise<Page> {
  try {
    return await clients.request(container, signal, async ({ container: client, signal: abortSignal }) => {
      const start = token === undefined && after !== undefined ? startOf(after) : undefined
      const options = { abortSignal, prefix: name, ...(start !== undefined && { startFrom: start }) }
      const pages = {
        maxPageSize: Math.min(limit + 1, PAGE),
        ...(token !== undefined && { continuationToken: token }),
      }
      const { value } = await openPages(client, shallow, options).byPage(pages).next()
      const blobs: readonly Blob[] = value?.segment.blobItems ?? []
      return {
        sources: blobs.map(({ name: blob, properties }) =>
          blobToSource(`az://${container}/${blob}`, properties),
        ),
        // Empty at the end.
        next: value?.continuationToken || undefined,
      }
    })
  } catch (error) {
    throw toAzureError(error, prefix, 'list', signal)
  }
}

interface Blob {
  readonly name: string
  readonly properties: BlobProperties
}

/** Properties of a blob, in a list or alone. */
interface BlobProperties {
  readonly contentLength?: number
  readonly lastModified?: Date
  readonly etag?: string
}

/** Converts the properties of a blob to a source. */
export function blobToSource(ref: string, { contentLength, lastModified, etag }: BlobProperties): Source {
  return toSource(ref, { size: contentLength, modified: lastModified, etag })
}

function openPages(
  client: ContainerClient,
  shallow: boolean,
  options: Parameters<ContainerClient['listBlobsFlat']>[0],
) {
  return shallow ? client.listBlobsByHierarchy('/', options) : client.listBlobsFlat(options)
}

/**
 * Returns the name that the list may begin with, for services that know `startFrom`; others ignore it. It ends before the first
 * character that orders differ about.
 */
function startOf(after: string): string | undefined {
  const start = parseRef(after).name.replace(FROM_HIGH, '')
  return start === '' ? undefined : start
}

function createOrderError(prefix: string, ref: string): ImgprocError {
  const message = `${quote(prefix)} can't be listed: the server lists ${quote(ref)} out of order. Check the endpoint.`
  return new ImgprocError('READ_FAILED', message, { stage: 'read', path: prefix, retryable: false })
}
