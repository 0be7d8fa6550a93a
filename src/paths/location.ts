import { posix, resolve, sep } from 'node:path'
import { collisionKey, relativePath } from './output-path.js'
import { describeData, isDataUrl, isHttpUrl, withoutSecrets } from './url.js'

/** Location of stdin as an input and of stdout as an output. */
export const PIPE = '-'

/** The URLs of buckets, for messages and help. */
export const BUCKET_URLS = 's3://, gs:// or az://'

/** A scheme has at least two letters: one letter is a drive on Windows. `file:` URLs are treated as paths. */
const URL_LIKE = /^(?!file:)([a-z][a-z\d+.-]+):(?:\/\/|(?<=^data:))/i

/** Returns true if a location is not on the disk: a URL or a pipe. */
export function isRemote(ref: string): boolean {
  // Called several times for each source. Most are absolute paths.
  if (ref.startsWith('/')) return false
  return URL_LIKE.test(ref) || isPipe(ref)
}

/** Returns true for stdin, stdout, and outputs written to stdout. */
export function isPipe(ref: string): boolean {
  return ref === PIPE || ref.startsWith(`${PIPE}/`)
}

/** Returns the scheme of a URL in lower case, undefined for a path. */
export function schemeOf(ref: string): string | undefined {
  return URL_LIKE.exec(ref)?.[1]?.toLowerCase()
}

/**
 * Returns the location of a folder or file: an absolute path with `/`, or a URL without a slash at its end.
 *
 * @param folder base of a relative path.
 *
 * @example
 * ```ts
 * resolveLocation('s3://shop/img/', '/site') // 's3://shop/img'
 * resolveLocation('img/', '/site') // '/site/img'
 * ```
 */
export function resolveLocation(text: string, folder: string): string {
  if (isRemote(text)) return text.replace(/(?<!\/)\/$/, '')
  // Paths in a manifest on S3 are relative to its folder.
  if (isRemote(folder)) return `${folder}/${text}`
  return resolve(folder, text).replaceAll(sep, '/')
}

/**
 * Returns a location relative to a folder, with `/`. A URL outside the folder stays absolute, without secrets; a pipe becomes
 * `stdin`, a data URL a short name.
 */
export function relativeLocation(ref: string, folder: string): string {
  if (ref === folder) return ''
  if (isPipe(ref)) return 'stdin'
  if (isDataUrl(ref)) return describeData(ref)
  if (!isRemote(ref)) return isRemote(folder) ? ref : relativePath(folder, ref)
  // Keys are literal: `..` is a name like any other.
  const prefix = folder.endsWith('/') ? folder : `${folder}/`
  return ref.startsWith(prefix) ? ref.slice(prefix.length) : withoutSecrets(ref)
}

/**
 * Returns the path of a source that fills `{dir}` and `{name}`: its location relative to the base. For an HTTP URL outside
 * the base it is host and path, decoded.
 */
export function outputRelativePath(ref: string, base: string): string {
  if (!isHttpUrl(ref)) return relativeLocation(ref, base)
  const plain = withoutSecrets(ref)
  const prefix = base.endsWith('/') ? base : `${base}/`
  const path = plain.startsWith(prefix) ? plain.slice(prefix.length) : plain
  return path
    .split('/')
    .map(decodeName)
    .join('/')
    .replace(/^([^/]*):(\d+\/)/, '$1_$2')
}

/** Decodes a name such as `my%20photo`. It stays encoded if the result would contain separators or be `.` or `..`. */
function decodeName(encoded: string): string {
  try {
    const name = decodeURIComponent(encoded)
    // oxlint-disable-next-line no-control-regex -- control characters are not wanted in file names
    return /[/\\\u0000-\u001f]|^\.{1,2}$/.test(name) ? encoded : name
  } catch {
    return encoded
  }
}

/** Returns a key that is equal for equal locations. Paths that differ only by case or Unicode normalisation have one key. */
export function keyOf(ref: string): string {
  return isRemote(ref) ? ref : collisionKey(ref)
}

/** Returns the folder of a location. */
export function folderOf(ref: string): string {
  return isRemote(ref) ? ref.slice(0, ref.lastIndexOf('/')) : posix.dirname(ref)
}
