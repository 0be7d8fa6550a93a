import { posix, resolve, sep } from 'node:path'
import { collisionKey, relativePath } from './output-path.js'
import { describeData, isDataUrl, isHttpUrl, withoutSecrets } from './url.js'

/** stdin as an input, stdout as an output. */
export const PIPE = '-'

/** Two letters at least: one is a drive of Windows. `file:` URLs are paths. */
const URL_LIKE = /^(?!file:)([a-z][a-z\d+.-]+):(?:\/\/|(?<=^data:))/i

/** Whether a ref is read and written elsewhere than on the disk: a URL, or a pipe. */
export function isRemote(ref: string): boolean {
  // Asked several times of each source, most of which are absolute paths.
  if (ref.startsWith('/')) return false
  return URL_LIKE.test(ref) || isPipe(ref)
}

/** Whether a ref is stdin or stdout, or what is written there. */
export function isPipe(ref: string): boolean {
  return ref === PIPE || ref.startsWith(`${PIPE}/`)
}

/** The scheme of a URL, in small letters; undefined for a path. */
export function schemeOf(ref: string): string | undefined {
  return URL_LIKE.exec(ref)?.[1]?.toLowerCase()
}

/**
 * A folder or file as a ref: a path is made absolute, with `/`; a URL stays as it is, but for the slash at its end.
 *
 * @example
 * ```ts
 * toPlace('s3://shop/img/', '/site') // 's3://shop/img'
 * toPlace('img/', '/site') // '/site/img'
 * ```
 */
export function resolveLocation(text: string, folder: string): string {
  if (isRemote(text)) return text.replace(/(?<!\/)\/$/, '')
  // What a manifest on S3 lists lies beside it.
  if (isRemote(folder)) return `${folder}/${text}`
  return resolve(folder, text).replaceAll(sep, '/')
}

/** The way from a folder to what lies below it, with `/`; what lies elsewhere keeps its URL, without secrets. */
export function relativeLocation(ref: string, folder: string): string {
  if (ref === folder) return ''
  if (isPipe(ref)) return 'stdin'
  if (isDataUrl(ref)) return describeData(ref)
  if (!isRemote(ref)) return isRemote(folder) ? ref : relativePath(folder, ref)
  // Keys are literal: `..` in them is a name like any other.
  const prefix = folder.endsWith('/') ? folder : `${folder}/`
  return ref.startsWith(prefix) ? ref.slice(prefix.length) : withoutSecrets(ref)
}

/** What a source's path gives to `{dir}` and `{name}`: its way from the base; of a web address host and path. */
export function outputRelativePath(ref: string, base: string): string {
  if (!isHttpUrl(ref)) return relativeLocation(ref, base)
  const plain = withoutSecrets(ref)
  const prefix = base.endsWith('/') ? base : `${base}/`
  const way = plain.startsWith(prefix) ? plain.slice(prefix.length) : plain
  return way
    .split('/')
    .map(decodeName)
    .join('/')
    .replace(/^([^/]*):(\d+\/)/, '$1_$2')
}

/** `my%20photo` is no name that anybody wants; one that would be more than a name stays encoded. */
function decodeName(encoded: string): string {
  try {
    const name = decodeURIComponent(encoded)
    // oxlint-disable-next-line no-control-regex -- no file system wants them
    return /[/\\\u0000-\u001f]|^\.{1,2}$/.test(name) ? encoded : name
  } catch {
    return encoded
  }
}

/** Equal for refs that are one place: on a disk those that differ only by case or Unicode normalisation, too. */
export function keyOf(ref: string): string {
  return isRemote(ref) ? ref : collisionKey(ref)
}

/** The folder of a ref. */
export function folderOf(ref: string): string {
  return isRemote(ref) ? ref.slice(0, ref.lastIndexOf('/')) : posix.dirname(ref)
}
