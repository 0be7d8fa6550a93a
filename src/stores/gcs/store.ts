import { createHash } from 'node:crypto'
import type { SaveOptions } from '@google-cloud/storage'
import type { Backend, OrderedStore, ReadOptions, Source, WriteMeta } from '../types.js'
import { toCause } from '../cloud/errors.js'
import { createExistsError } from '../errors.js'
import { createKeyedStore } from '../keyed/store.js'
import { createGcsClients, type GcsClients } from './clients.js'
import { isMissingObject, toGcsError } from './errors.js'
import { toFailure } from './failure.js'
import { listObjects, resourceToSource } from './list.js'
import type { GcsOptions, GcsWriteOptions } from './options.js'
import { readObject } from './read.js'
import { findNameProblem, parseObjectRef, parseRef } from './uri.js'

/**
 * Creates the store of Google Cloud Storage, over the package @google-cloud/storage, which is loaded at the first call.
 * Credentials are the application default credentials, as all tools of Google find them.
 *
 * @example
 * ```ts
 * const store = createGcsStore({ cacheControl: 'public, max-age=31536000, immutable' })
 * const bytes = await store.read('gs://photos/2024/beach.jpg')
 * ```
 */
export function createGcsStore(options: GcsOptions = {}): OrderedStore {
  return createKeyedStore(createGcsBackend(createGcsClients(options), options))
}

function createGcsBackend(clients: GcsClients, writeOptions: GcsWriteOptions): Backend {
  return {
    scheme: 'gs',
    list: (prefix, options) => listObjects(clients, prefix, options),
    listInOrder: (prefix, options) => listObjects(clients, prefix, options),
    stat: (ref) => statObject(clients, ref),
    read: (ref, options) => read(clients, ref, options),
    write: (ref, data, meta) => writeObject(clients, ref, data, meta, writeOptions),
    remove: (ref) => removeObject(clients, ref),
  }
}

async function statObject(clients: GcsClients, ref: string): Promise<Source | undefined> {
  const { bucket, name } = parseRef(ref)
  // No object can have such a name.
  if (name === '' || findNameProblem(name) !== undefined) return undefined
  try {
    return await clients.request(bucket, undefined, async ({ bucket: client }) => {
      const [metadata] = await client.file(name).getMetadata()
      return resourceToSource(ref, metadata)
    })
  } catch (error) {
    if (isMissingObject(error)) return undefined
    throw toGcsError(error, ref, 'storage.objects.get')
  }
}

async function read(
  clients: GcsClients,
  ref: string,
  { signal, maxBytes, range }: ReadOptions,
): Promise<Uint8Array | undefined> {
  const { bucket, name } = parseObjectRef(ref)
  // HTTP has no empty ranges, but a missing object must still be reported.
  const [from, to] = range ?? [0, Infinity]
  if (to <= from) return (await statObject(clients, ref)) === undefined ? undefined : new Uint8Array()
  try {
    return await clients.request(bucket, signal, ({ bucket: client, signal: own, onProgress }) =>
      readObject(client, { ref, name, range, maxBytes, signal: own, onProgress }),
    )
  } catch (error) {
    if (isMissingObject(error)) return undefined
    // Range Not Satisfiable: it begins after the end.
    if (toFailure(error).status === 416) return new Uint8Array()
    throw toGcsError(error, ref, 'storage.objects.get', signal)
  }
}

async function writeObject(
  clients: GcsClients,
  ref: string,
  data: Uint8Array,
  meta: WriteMeta,
  writeOptions: GcsWriteOptions,
): Promise<Source> {
  const { bucket, name } = parseObjectRef(ref)
  const md5 = createHash('md5').update(data).digest('base64')
  const options = saveOptions(md5, meta, writeOptions)
  let attempts = 0
  try {
    return await clients.request(
      bucket,
      undefined,
      async ({ bucket: client, number }) => {
        attempts = number
        const file = client.file(name, kmsOptions(writeOptions))
        await file.save(Buffer.from(data.buffer, data.byteOffset, data.length), options)
        const { metadata } = file
        return resourceToSource(ref, { ...metadata, size: data.length, md5Hash: metadata.md5Hash ?? md5 })
      },
      data.length,
    )
  } catch (error) {
    const failure = toFailure(error)
    if (options.preconditionOpts === undefined || failure.status !== 412)
      throw toGcsError(error, ref, 'storage.objects.create')
    // If the answer to an earlier attempt was lost, that attempt may have written the object.
    const existing = attempts > 1 ? await statObject(clients, ref) : undefined
    if (existing?.etag === md5) return existing
    throw createExistsError(ref, toCause(failure))
  }
}

function kmsOptions({ kmsKeyName }: GcsWriteOptions): { kmsKeyName?: string } {
  return kmsKeyName === undefined ? {} : { kmsKeyName }
}

/** Returns the configured properties of images. Other files, such as the manifest, change and must not be cached. */
function saveOptions(
  md5Hash: string,
  { contentType, ifAbsent = false }: WriteMeta,
  { cacheControl, metadata, storageClass, ifNoneMatch = false }: GcsWriteOptions,
): SaveOptions {
  const isImage = contentType.startsWith('image/')
  const caching = isImage ? cacheControl : 'no-cache'
  return {
    // One request, after which the object is there whole. The server compares its checksum.
    resumable: false,
    validation: false,
    contentType,
    metadata: {
      contentType,
      md5Hash,
      ...(caching !== undefined && { cacheControl: caching }),
      ...(isImage && metadata !== undefined && { metadata }),
      ...(isImage && storageClass !== undefined && { storageClass }),
    },
    ...((ifAbsent || (isImage && ifNoneMatch)) && { preconditionOpts: { ifGenerationMatch: 0 } }),
  }
}

async function removeObject(clients: GcsClients, ref: string): Promise<void> {
  const { bucket, name } = parseObjectRef(ref)
  try {
    await clients.request(bucket, undefined, async ({ bucket: client }) => {
      await client.file(name).delete()
    })
  } catch (error) {
    if (!isMissingObject(error)) throw toGcsError(error, ref, 'storage.objects.delete')
  }
}
