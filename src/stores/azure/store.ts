import { createHash } from 'node:crypto'
import type { BlockBlobUploadOptions } from '@azure/storage-blob'
import type { Backend, OrderedStore, ReadOptions, Source, WriteMeta } from '../types.js'
import { readBody } from '../cloud/body.js'
import { toCause } from '../cloud/errors.js'
import { createExistsError } from '../errors.js'
import { createKeyedStore } from '../keyed/store.js'
import { type AzureClients, createAzureClients } from './clients.js'
import { isExistingBlob, isMissingBlob, toAzureError } from './errors.js'
import { toFailure } from './failure.js'
import { listBlobs, listBlobsInOrder, blobToSource } from './list.js'
import type { AzureOptions, AzureWriteOptions } from './options.js'
import { findNameProblem, parseBlobRef, parseRef } from './uri.js'

/**
 * Creates the store of Azure Blob Storage, over the package @azure/storage-blob, which is loaded at the first call.
 * Credentials are found as the Azure CLI finds them.
 *
 * @example
 * ```ts
 * const store = createAzureStore({ account: 'shop', cacheControl: 'public, max-age=31536000, immutable' })
 * const bytes = await store.read('az://photos/2024/beach.jpg')
 * ```
 */
export function createAzureStore(options: AzureOptions = {}): OrderedStore {
  const clients = createAzureClients(options)
  return createKeyedStore(createAzureBackend(clients, options))
}

function createAzureBackend(clients: AzureClients, writeOptions: AzureWriteOptions): Backend {
  return {
    scheme: 'az',
    list: (prefix, options) => listBlobs(clients, prefix, options),
    listInOrder: (prefix, options) => listBlobsInOrder(clients, prefix, options),
    stat: (ref) => statBlob(clients, ref),
    read: (ref, options) => readBlob(clients, ref, options),
    write: (ref, data, meta) => writeBlob(clients, ref, data, meta, writeOptions),
    remove: (ref) => removeBlob(clients, ref),
  }
}

async function statBlob(clients: AzureClients, ref: string): Promise<Source | undefined> {
  const { container, name } = parseRef(ref)
  // No blob can have such a name, but a glob looks like one.
  if (name === '' || findNameProblem(name) !== undefined) return undefined
  try {
    return await clients.request(container, undefined, async ({ container: client, signal }) => {
      const found = await client.getBlobClient(name).getProperties({ abortSignal: signal })
      return blobToSource(ref, found)
    })
  } catch (error) {
    if (isMissingBlob(error)) return undefined
    throw toAzureError(error, ref, 'read')
  }
}

async function readBlob(
  clients: AzureClients,
  ref: string,
  { signal, maxBytes, range }: ReadOptions,
): Promise<Uint8Array | undefined> {
  const { container, name } = parseBlobRef(ref)
  // HTTP has no empty ranges, but a missing blob must still be reported.
  const [from, to] = range ?? [0, Infinity]
  if (to <= from) return (await statBlob(clients, ref)) === undefined ? undefined : new Uint8Array()
  const count = to === Infinity ? undefined : to - from
  try {
    return await clients.request(container, signal, async (context) => {
      const { container: client, signal: abortSignal, onProgress } = context
      // An attempt of its own follows a body that breaks off.
      const options = { abortSignal, maxRetryRequests: 0 }
      const answer = await client.getBlobClient(name).download(from, count, options)
      const length = answer.contentLength
      return readBody(answer.readableStreamBody, { ref, length, maxBytes, signal, onProgress })
    })
  } catch (error) {
    if (isMissingBlob(error)) return undefined
    // Range Not Satisfiable: it begins after the end.
    if (toFailure(error).status === 416) return new Uint8Array()
    throw toAzureError(error, ref, 'read', signal)
  }
}

async function writeBlob(
  clients: AzureClients,
  ref: string,
  data: Uint8Array,
  { contentType, ifAbsent = false }: WriteMeta,
  writeOptions: AzureWriteOptions,
): Promise<Source> {
  const { container, name } = parseBlobRef(ref)
  const options = uploadOptions(contentType, ifAbsent, writeOptions)
  let attempts = 0
  try {
    return await clients.request(
      container,
      undefined,
      async ({ container: client, number, signal }) => {
        attempts = number
        const blob = client.getBlockBlobClient(name)
        const { etag } = await blob.upload(data, data.length, { ...options, abortSignal: signal })
        return blobToSource(ref, { contentLength: data.length, ...(etag !== undefined && { etag }) })
      },
      data.length,
    )
  } catch (error) {
    if (options.conditions === undefined || !isExistingBlob(error)) throw toAzureError(error, ref, 'write')
    // If the answer to an earlier attempt was lost, that attempt may have written the blob.
    const own = attempts > 1 && (await holds(clients, ref, data)) ? await statBlob(clients, ref) : undefined
    if (own !== undefined) return own
    throw createExistsError(ref, toCause(toFailure(error)))
  }
}

/** Returns the configured headers for images. Other files, such as the manifest, change and must not be cached. */
function uploadOptions(
  contentType: string,
  ifAbsent: boolean,
  { cacheControl, metadata, accessTier, ifNoneMatch = false }: AzureWriteOptions,
): BlockBlobUploadOptions {
  const isImage = contentType.startsWith('image/')
  const caching = isImage ? cacheControl : 'no-cache'
  return {
    blobHTTPHeaders: {
      blobContentType: contentType,
      ...(caching !== undefined && { blobCacheControl: caching }),
    },
    ...(isImage && metadata !== undefined && { metadata }),
    ...(isImage && accessTier !== undefined && { tier: accessTier }),
    ...((ifAbsent || (isImage && ifNoneMatch)) && { conditions: { ifNoneMatch: '*' } }),
  }
}

/** True if a blob holds these bytes, by the MD5 that the service computes of each blob that is written in one request. */
async function holds(clients: AzureClients, ref: string, data: Uint8Array): Promise<boolean> {
  const { container, name } = parseBlobRef(ref)
  try {
    const { contentMD5 } = await clients.request(container, undefined, ({ container: client, signal }) =>
      client.getBlobClient(name).getProperties({ abortSignal: signal }),
    )
    return contentMD5 !== undefined && createHash('md5').update(data).digest().equals(contentMD5)
  } catch {
    return false
  }
}

async function removeBlob(clients: AzureClients, ref: string): Promise<void> {
  const { container, name } = parseBlobRef(ref)
  try {
    await clients.request(container, undefined, async ({ container: client, signal }) => {
      await client.getBlobClient(name).deleteIfExists({ abortSignal: signal, deleteSnapshots: 'include' })
    })
  } catch (error) {
    if (!isMissingBlob(error)) throw toAzureError(error, ref, 'delete')
  }
}
