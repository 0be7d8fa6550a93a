import { ImgprocError } from '../../errors.js'
import { quote } from '../errors.js'

/** A bucket and a key; the key is empty for the bucket itself. */
export interface S3Ref {
  readonly bucket: string
  readonly key: string
}

/**
 * Parses an `s3://bucket/key` URL. The key is taken literally: never decoded or normalised.
 *
 * @throws ImgprocError INVALID_USAGE if the bucket is missing, or is not a valid name.
 * @example
 * ```ts
 * parseRef('s3://photos/a b.jpg') // { bucket: 'photos', key: 'a b.jpg' }
 * ```
 */
export function parseRef(ref: string): S3Ref {
  const [, bucket = '', key = ''] = /^s3:\/\/([^/]*)(?:\/(.*))?$/s.exec(ref) ?? []
  // More than the rules of AWS: old buckets and other servers have capitals and longer names.
  if (/^[\w.-]{3,255}$/.test(bucket)) return { bucket, key }
  const problem =
    bucket === '' ? 'names no bucket' : `names ${quote(bucket)}, which is not a valid bucket name`
  const message = `${quote(ref)} ${problem}. Write it as s3://bucket/folder/name.jpg.`
  throw new ImgprocError('INVALID_USAGE', message, { stage: 'usage', path: ref })
}

/**
 * Parses the URL of an object.
 *
 * @throws ImgprocError INVALID_USAGE also if the key is missing.
 */
export function parseObjectRef(ref: string): S3Ref {
  const parsed = parseRef(ref)
  if (parsed.key !== '') return parsed
  const message = `${quote(ref)} is a bucket, not an object. Add a key, as in s3://${parsed.bucket}/name.jpg.`
  throw new ImgprocError('INVALID_USAGE', message, { stage: 'usage', path: ref })
}
