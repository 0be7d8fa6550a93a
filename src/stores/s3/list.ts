import type { ListObjectsV2CommandOutput } from '@aws-sdk/client-s3'
import type { BackendListOptions, OrderedListOptions, Source } from '../types.js'
import { ImgprocError } from '../../errors.js'
import { quote } from '../errors.js'
import type { S3Clients } from './clients.js'
import { toS3Error } from './errors.js'
import { parseRef, type S3Ref } from './uri.js'

/** Objects of a page, at most. */
const PAGE = 1000

/**
 * Lists the objects whose ref begins with a prefix, in ascending order, except in directory buckets. Holds one page of up to
 * 1000 keys at a time.
 */
export async function* listObjects(
  clients: S3Clients,
  prefix: string,
  options: BackendListOptions & OrderedListOptions,
): AsyncGenerator<Source> {
  const location = parseRef(prefix)
  let token: string | undefined
  do {
    const page = await listPage(clients, prefix, location, token, options)
    for (const { Key, Size, LastModified, ETag } of page.Contents ?? []) {
      if (Key === undefined) continue
      const ref = `s3://${location.bucket}/${page.EncodingType === 'url' ? decodeKey(Key) : Key}`
      yield toSource(ref, Size ?? 0, LastModified, ETag)
    }
    token = page.IsTruncated === true ? nextToken(page, token, prefix) : undefined
  } while (token !== undefined)
}

/** Converts the properties of an object to a source. */
export function toSource(
  ref: string,
  size: number,
  modified: Date | undefined,
  etag: string | undefined,
): Source {
  return {
    ref,
    size,
    ...(modified !== undefined && { modified: modified.toISOString() }),
    ...(etag !== undefined && { etag: etag.replace(/^"|"$/g, '') }),
  }
}

async function listPage(
  clients: S3Clients,
  prefix: string,
  { bucket, key }: S3Ref,
  token: string | undefined,
  { signal, shallow = false, after, limit = PAGE }: BackendListOptions & OrderedListOptions,
): Promise<ListObjectsV2CommandOutput> {
  try {
    return await clients.request(bucket, signal, ({ sdk, client }) => {
      const command = new sdk.ListObjectsV2Command({
        Bucket: bucket,
        Prefix: key,
        // A key may contain characters that XML cannot represent.
        EncodingType: 'url',
        ...(shallow && { Delimiter: '/' }),
        ...(limit < PAGE && { MaxKeys: limit }),
        ...(token !== undefined && { ContinuationToken: token }),
        ...(token === undefined && after !== undefined && { StartAfter: parseRef(after).key }),
      })
      return client.send(command, signal === undefined ? {} : { abortSignal: signal })
    })
  } catch (error) {
    throw toS3Error(error, prefix, 's3:ListBucket', signal)
  }
}

/** Throws if the server gives no new token: a partial listing must not look complete, nor repeat forever. */
function nextToken(page: ListObjectsV2CommandOutput, token: string | undefined, prefix: string): string {
  const next = page.NextContinuationToken
  if (next !== undefined && next !== '' && next !== token) return next
  const message = `${quote(prefix)} can't be listed: the server says that there are more keys, but gives no token for the next page. Check the endpoint.`
  throw new ImgprocError('READ_FAILED', message, { stage: 'read', path: prefix, retryable: false })
}

/** Decodes a key. Some servers encode a space as a plus. */
function decodeKey(key: string): string {
  try {
    return decodeURIComponent(key.replaceAll('+', ' '))
  } catch {
    return key
  }
}
