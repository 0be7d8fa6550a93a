import { ImgprocError } from '../../errors.js'
import { quote } from '../errors.js'

/** A bucket and the name of an object; the name is empty for the bucket itself. */
export interface GcsRef {
  readonly bucket: string
  readonly name: string
}

/**
 * Parses a `gs://bucket/name` URL. The name is taken literally: never decoded or normalised.
 *
 * @throws ImgprocError INVALID_USAGE if the bucket is missing, or is not a valid name.
 * @example
 * ```ts
 * parseRef('gs://photos/a b.jpg') // { bucket: 'photos', name: 'a b.jpg' }
 * ```
 */
export function parseRef(ref: string): GcsRef {
  const [, bucket = '', name = ''] = /^gs:\/\/([^/]*)(?:\/(.*))?$/s.exec(ref) ?? []
  // See https://cloud.google.com/storage/docs/buckets#naming
  if (/^[a-z\d][a-z\d._-]{1,220}[a-z\d]$/.test(bucket)) return { bucket, name }
  const problem =
    bucket === '' ? 'names no bucket' : `names ${quote(bucket)}, which is not a valid bucket name`
  const message = `${quote(ref)} ${problem}. Write it as gs://bucket/folder/name.jpg.`
  throw new ImgprocError('INVALID_USAGE', message, { stage: 'usage', path: ref })
}

/**
 * Parses the URL of an object.
 *
 * @throws ImgprocError INVALID_USAGE also if the name is missing, or if Google Cloud Storage cannot store it.
 */
export function parseObjectRef(ref: string): GcsRef {
  const parsed = parseRef(ref)
  const { bucket, name } = parsed
  if (name === '') {
    const message = `${quote(ref)} is a bucket, not an object. Add a name, as in gs://${bucket}/name.jpg.`
    throw new ImgprocError('INVALID_USAGE', message, { stage: 'usage', path: ref })
  }
  const problem = findNameProblem(name)
  if (problem === undefined) return parsed
  const message = `${quote(ref)} can't be the name of an object: ${problem}. Choose another name.`
  throw new ImgprocError('INVALID_USAGE', message, { stage: 'usage', path: ref })
}

const MAX_BYTES = 1024

/**
 * Returns why a name can't be used; undefined if it can.
 * See https://cloud.google.com/storage/docs/objects#naming
 */
export function findNameProblem(name: string): string | undefined {
  if (name === '.' || name === '..') return 'Google Cloud Storage does not take "." and ".."'
  if (/[\r\n]/.test(name)) return 'it has a line break'
  if (name.startsWith('.well-known/acme-challenge/')) return 'it begins with .well-known/acme-challenge/'
  if (/\p{Surrogate}/u.test(name)) return 'it has half a character'
  if (Buffer.byteLength(name) > MAX_BYTES) return `it is longer than ${MAX_BYTES} bytes`
  return undefined
}
