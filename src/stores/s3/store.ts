import { createHash } from 'node:crypto'
import type { PutObjectCommandInput, StorageClass } from '@aws-sdk/client-s3'
import type { Backend, OrderedStore, ReadOptions, WriteMeta, Source } from '../types.js'
import { ImgprocError } from '../../errors.js'
import { readBody } from '../cloud/body.js'
import { toCause } from '../cloud/errors.js'
import { toSource } from '../cloud/list.js'
import { createExistsError } from '../errors.js'
import { createKeyedStore } from '../keyed/store.js'
import { createS3Clients, type S3Clients } from './clients.js'
import { isMissingKey, toS3Error } from './errors.js'
import { toFailure } from './failure.js'
import { listObjects } from './list.js'
import type { S3Options, S3WriteOptions } from './options.js'
import { presignObject } from './presign.js'
import { parseObjectRef, parseRef } from './uri.js'

/**
 * Creates the store of S3 and compatible servers. Credentials, region and endpoint that the options lack are found as
 * the AWS CLI finds them. The SDK is loaded at the first call.
 *
 * @example
 * ```ts
 * const store = createS3Store({ region: 'eu-central-1', cacheControl: 'public, max-age=31536000, immutable' })
 * const bytes = await store.read('s3://photos/2024/beach.jpg')
 * ```
 */
export function createS3Store(options: S3Options = {}): OrderedStore {
  const clients = createS3Clients(options)
  const store = createKeyedStore(createS3Backend(clients, options))
  return { ...store, presign: (ref, presignOptions) => presignObject(clients, ref, presignOptions) }
}

function createS3Backend(clients: S3Clients, writeOptions: S3WriteOptions): Backend {
  return {
    scheme: 's3',
    list: (prefix, options) => listObjects(clients, prefix, options),
    listInOrder: (prefix, options) => listObjects(clients, prefix, options),
    stat: (ref) => statObject(clients, ref),
    read: (ref, options) => readObject(clients, ref, options),
    write: (ref, data, meta) => writeObject(clients, ref, data, meta, writeOptions),
    remove: (ref) => removeObject(clients, ref),
  }
}

async function statObject(clients: S3Clients, ref: string): Promise<Source | undefined> {
  const { bucket, key } = parseRef(ref)
  if (key === '') return undefined
  try {
    const head = await clients.request(bucket, undefined, ({ sdk, client }) =>
      client.send(new sdk.HeadObjectCommand({ Bucket: bucket, Key: key })),
    )
    return toSource(ref, { size: head.ContentLength, modified: head.LastModified, etag: head.ETag })
  } catch (error) {
    if (isMissingKey(error)) return undefined
    throw toS3Error(await refineHeadError(clients, error, ref), ref, 's3:GetObject')
  }
}

/** Repeats a failed HEAD as a GET: only its error has a body, which for example says that credentials have expired. */
async function refineHeadError(clients: S3Clients, error: unknown, ref: string): Promise<unknown> {
  if (![400, 403].includes(toFailure(error).status)) return error
  const { bucket, key } = parseRef(ref)
  try {
    await clients.request(bucket, undefined, async ({ sdk, client }) => {
      const { Body } = await client.send(
        new sdk.GetObjectCommand({ Bucket: bucket, Key: key, Range: 'bytes=0-0' }),
      )
      await readBody(Body, { ref, length: undefined, maxBytes: 1, signal: undefined })
    })
    return error
  } catch (getError) {
    return getError instanceof ImgprocError ? error : getError
  }
}

async function readObject(
  clients: S3Clients,
  ref: string,
  { signal, maxBytes, range }: ReadOptions,
): Promise<Uint8Array | undefined> {
  const { bucket, key } = parseObjectRef(ref)
  // HTTP has no empty ranges, but a missing key must still be reported.
  const [from, to] = range ?? [0, Infinity]
  if (to <= from) return (await statObject(clients, ref)) === undefined ? undefined : new Uint8Array()
  const Range = range === undefined ? undefined : `bytes=${from}-${to === Infinity ? '' : to - 1}`
  try {
    return await clients.request(bucket, signal, async ({ objects }) => {
      const input = { Bucket: bucket, Key: key, ...(Range !== undefined && { Range }) }
      const answer = await objects.get(input, signal)
      return readBody(answer.Body, { ref, length: answer.ContentLength, maxBytes, signal })
    })
  } catch (error) {
    if (isMissingKey(error)) return undefined
    // Range Not Satisfiable: it begins after the end.
    if (toFailure(error).status === 416) return new Uint8Array()
    throw toS3Error(error, ref, 's3:GetObject', signal)
  }
}

async function writeObject(
  clients: S3Clients,
  ref: string,
  data: Uint8Array,
  { contentType, ifAbsent = false }: WriteMeta,
  writeOptions: S3WriteOptions,
): Promise<Source> {
  const { bucket, key } = parseObjectRef(ref)
  let attempts = 0
  try {
    const { ETag } = await clients.request(bucket, undefined, ({ objects, attempt }) => {
      attempts = attempt
      return objects.put({
        Bucket: bucket,
        Key: key,
        Body: data,
        ContentLength: data.length,
        ContentType: contentType,
        ...headersFor(contentType, writeOptions),
        ...(ifAbsent && { IfNoneMatch: '*' }),
      })
    })
    return toSource(ref, { size: data.length, modified: undefined, etag: ETag })
  } catch (error) {
    const failure = toFailure(error)
    if (failure.status !== 412) throw toS3Error(error, ref, 's3:PutObject')
    // If the answer to an earlier attempt was lost, that attempt may have written the object.
    const existing = attempts > 1 ? await statObject(clients, ref) : undefined
    if (existing?.etag === createHash('md5').update(data).digest('hex')) return existing
    throw createExistsError(ref, toCause(failure))
  }
}

type PutHeaders = Omit<Partial<PutObjectCommandInput>, 'Bucket' | 'Key' | 'Body'>

/** Returns the configured headers for images. Other files, such as the manifest, change and must not be cached. */
function headersFor(contentType: string, writeOptions: S3WriteOptions): PutHeaders {
  const { cacheControl, metadata, storageClass, ifNoneMatch, sse, kmsKeyId } = writeOptions
  const isImage = contentType.startsWith('image/')
  return {
    ...(isImage
      ? cacheControl !== undefined && { CacheControl: cacheControl }
      : { CacheControl: 'no-cache' }),
    ...(isImage && metadata !== undefined && { Metadata: metadata }),
    ...(isImage && ifNoneMatch === true && { IfNoneMatch: '*' }),
    // Other servers have storage classes that the SDK's type lacks.
    ...(isImage && storageClass !== undefined && { StorageClass: storageClass as StorageClass }),
    ...(sse !== undefined && { ServerSideEncryption: sse }),
    ...(kmsKeyId !== undefined && { SSEKMSKeyId: kmsKeyId }),
  }
}

async function removeObject(clients: S3Clients, ref: string): Promise<void> {
  const { bucket, key } = parseObjectRef(ref)
  try {
    await clients.request(bucket, undefined, ({ sdk, client }) =>
      client.send(new sdk.DeleteObjectCommand({ Bucket: bucket, Key: key })),
    )
  } catch (error) {
    if (!isMissingKey(error)) throw toS3Error(error, ref, 's3:DeleteObject')
  }
}
