import { createHash } from 'node:crypto'
import type { PutObjectCommandInput, StorageClass } from '@aws-sdk/client-s3'
import type { Backend, ReadOptions, Store, WriteMeta, Source } from '../types.js'
import { ImgprocError } from '../../errors.js'
import { quote } from '../errors.js'
import { createKeyedStore } from '../keyed/store.js'
import { readBody } from './body.js'
import { createS3Clients, type S3Clients } from './clients.js'
import { isAbsentKey, toCause, toS3Error } from './errors.js'
import { listObjects, toSource } from './list.js'
import type { S3Options, S3Writing } from './options.js'
import { parseObjectRef, parseRef } from './uri.js'
import { toFailure } from './retry.js'

/**
 * The store of S3 and of all that speaks its language. Credentials, region and endpoint are found as the AWS CLI
 * finds them, where the options don't say. Nothing is loaded or asked before the first call.
 *
 * @example
 * ```ts
 * const store = createS3Store({ region: 'eu-central-1', cacheControl: 'public, max-age=31536000, immutable' })
 * const bytes = await store.read('s3://photos/2024/beach.jpg')
 * ```
 */
export function createS3Store(options: S3Options = {}): Store {
  return createKeyedStore(createS3Backend(createS3Clients(options), options))
}

function createS3Backend(clients: S3Clients, writing: S3Writing): Backend {
  return {
    scheme: 's3',
    list: (prefix, options) => listObjects(clients, prefix, options),
    stat: (ref) => statObject(clients, ref),
    read: (ref, options) => readObject(clients, ref, options),
    write: (ref, data, meta) => writeObject(clients, ref, data, meta, writing),
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
    return toSource(ref, head.ContentLength ?? 0, head.LastModified, head.ETag)
  } catch (error) {
    if (isAbsentKey(error)) return undefined
    throw toS3Error(await sayMore(clients, error, ref), ref, 's3:GetObject')
  }
}

/** A HEAD is answered by a bare status: what is wrong with the credentials, only a GET is told. */
async function sayMore(clients: S3Clients, error: unknown, ref: string): Promise<unknown> {
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
  } catch (told) {
    return told instanceof ImgprocError ? error : told
  }
}

async function readObject(
  clients: S3Clients,
  ref: string,
  { signal, maxBytes, range }: ReadOptions,
): Promise<Uint8Array | undefined> {
  const { bucket, key } = parseObjectRef(ref)
  // An empty range can't be asked for, but what isn't there is still told.
  const [from, to] = range ?? [0, Infinity]
  if (to <= from) return (await statObject(clients, ref)) === undefined ? undefined : new Uint8Array()
  const Range = range === undefined ? undefined : `bytes=${from}-${to === Infinity ? '' : to - 1}`
  try {
    return await clients.request(bucket, signal, async ({ sdk, client }) => {
      const command = new sdk.GetObjectCommand({
        Bucket: bucket,
        Key: key,
        ...(Range !== undefined && { Range }),
      })
      const answer = await client.send(command, signal === undefined ? {} : { abortSignal: signal })
      return readBody(answer.Body, { ref, length: answer.ContentLength, maxBytes, signal })
    })
  } catch (error) {
    if (isAbsentKey(error)) return undefined
    // The range begins behind the end.
    if (toFailure(error).status === 416) return new Uint8Array()
    throw toS3Error(error, ref, 's3:GetObject', signal)
  }
}

async function writeObject(
  clients: S3Clients,
  ref: string,
  data: Uint8Array,
  { contentType, ifAbsent = false }: WriteMeta,
  writing: S3Writing,
): Promise<Source> {
  const { bucket, key } = parseObjectRef(ref)
  let attempts = 0
  try {
    const { ETag } = await clients.request(bucket, undefined, ({ sdk, client, attempt }) => {
      attempts = attempt
      const command = new sdk.PutObjectCommand({
        Bucket: bucket,
        Key: key,
        Body: data,
        ContentLength: data.length,
        ContentType: contentType,
        ...headersFor(contentType, writing),
        ...(ifAbsent && { IfNoneMatch: '*' }),
      })
      return client.send(command)
    })
    return toSource(ref, data.length, undefined, ETag)
  } catch (error) {
    const failure = toFailure(error)
    if (failure.status !== 412) throw toS3Error(error, ref, 's3:PutObject')
    // The answer to an earlier attempt may have been lost, and what is there be ours.
    const there = attempts > 1 ? await statObject(clients, ref) : undefined
    if (there?.etag === createHash('md5').update(data).digest('hex')) return there
    const message = `${quote(ref)} is there already, and was left as it is.`
    throw new ImgprocError('OUTPUT_COLLISION', message, {
      stage: 'write',
      path: ref,
      cause: toCause(failure),
    })
  }
}

/** What is asked for images doesn't suit what is read again with each run, such as the manifest. */
function headersFor(contentType: string, writing: S3Writing): Partial<PutObjectCommandInput> {
  const { cacheControl, metadata, storageClass, ifNoneMatch, sse, kmsKeyId } = writing
  const isImage = contentType.startsWith('image/')
  return {
    ...(isImage
      ? cacheControl !== undefined && { CacheControl: cacheControl }
      : { CacheControl: 'no-cache' }),
    ...(isImage && metadata !== undefined && { Metadata: metadata }),
    ...(isImage && ifNoneMatch === true && { IfNoneMatch: '*' }),
    // The server says which it knows; the SDK's type lists those of AWS.
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
    if (!isAbsentKey(error)) throw toS3Error(error, ref, 's3:DeleteObject')
  }
}
