import { ImgprocError } from '../../errors.js'
import { quote } from '../errors.js'

/** A bucket and a key; the key is empty for the bucket itself. */
export interface S3Ref {
  readonly bucket: string
  readonly key: string
}

/**
 * Takes an `s3://bucket/key` apart. The key is taken as it is: never decoded or normalised.
 *
 * @throws ImgprocError INVALID_USAGE where there is no bucket, or none that could be.
 * @example
 * ```ts
 * parseRef('s3://photos/a b.jpg') // { bucket: 'photos', key: 'a b.jpg' }
 * ```
 */
export function parseRef(ref: string): S3Ref {
  const [, bucket = '', key = ''] = /^s3:\/\/([^/]*)(?:\/(.*))?$/s.exec(ref) ?? []
  // AWS has small letters; older buckets, and other servers, have more.
  if (/^[\w.-]{3,255}$/.test(bucket)) return { bucket, key }
  const problem =
    bucket === '' ? 'names no bucket' : `has ${quote(bucket)} where the name of a bucket has to be`
  const message = `${quote(ref)} ${problem}. Write it as s3://bucket/folder/name.jpg.`
  throw new ImgprocError('INVALID_USAGE', message, { stage: 'usage', path: ref })
}

/** Takes the URL of an object apart. */
export function parseObjectRef(ref: string): S3Ref {
  const parsed = parseRef(ref)
  if (parsed.key !== '') return parsed
  const message = `${quote(ref)} is a bucket, or one without keys. Name a key in it, as s3://${parsed.bucket}/name.jpg.`
  throw new ImgprocError('INVALID_USAGE', message, { stage: 'usage', path: ref })
}
