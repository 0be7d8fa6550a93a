import type { ListObjectsV2CommandOutput } from '@aws-sdk/client-s3'
import type { BackendListOptions, OrderedListOptions, Source } from '../types.js'
import { listPages, toSource } from '../cloud/list.js'
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
  yield* listPages(prefix, async (token) => {
    const page = await requestPage(clients, prefix, location, token, options)
    const { Contents = [], EncodingType, IsTruncated, NextContinuationToken = '' } = page
    const sources = Contents.flatMap(({ Key, Size, LastModified, ETag }) => {
      if (Key === undefined) return []
      const ref = `s3://${location.bucket}/${EncodingType === 'url' ? decodeKey(Key) : Key}`
      return [toSource(ref, { size: Size, modified: LastModified, etag: ETag })]
    })
    return { sources, next: IsTruncated === true ? NextContinuationToken : undefined }
  })
}

async function requestPage(
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

/** Decodes a key. Some servers encode a space as a plus. */
function decodeKey(key: string): string {
  try {
    return decodeURIComponent(key.replaceAll('+', ' '))
  } catch {
    return key
  }
}
