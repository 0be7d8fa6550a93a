import { ImgprocError } from '../../errors.js'
import { quote } from '../errors.js'

/** A container and the name of a blob; the name is empty for the container itself. */
export interface AzureRef {
  readonly container: string
  readonly name: string
}

/** Rules of Azure; `$root`, `$web` and `$logs` are containers of the system. */
const CONTAINER = /^(?:[a-z\d](?:-?[a-z\d]){2,62}|\$(?:root|web|logs))$/

/**
 * Parses an `az://container/name` URL. The name is taken literally: never decoded or normalised.
 *
 * @throws ImgprocError INVALID_USAGE if the container is missing, or is not a valid name.
 * @example
 * ```ts
 * parseRef('az://photos/a b.jpg') // { container: 'photos', name: 'a b.jpg' }
 * ```
 */
export function parseRef(ref: string): AzureRef {
  const [, container = '', name = ''] = /^az:\/\/([^/]*)(?:\/(.*))?$/s.exec(ref) ?? []
  if (CONTAINER.test(container) && container.length <= 63) return { container, name }
  const problem =
    container === ''
      ? 'names no container'
      : `names ${quote(container)}, which is not a valid container name: 3 to 63 lowercase letters, digits and single hyphens`
  const message = `${quote(ref)} ${problem}. Write it as az://container/folder/name.jpg.`
  throw new ImgprocError('INVALID_USAGE', message, { stage: 'usage', path: ref })
}

/**
 * Parses the URL of a blob.
 *
 * @throws ImgprocError INVALID_USAGE also if the name is missing, or if Azure would store another one.
 */
export function parseBlobRef(ref: string): AzureRef {
  const parsed = parseRef(ref)
  const { container, name } = parsed
  if (name === '') {
    const message = `${quote(ref)} is a container, not a blob. Add a name, as in az://${container}/name.jpg.`
    throw new ImgprocError('INVALID_USAGE', message, { stage: 'usage', path: ref })
  }
  const problem = findNameProblem(name)
  if (problem === undefined) return parsed
  const message = `${quote(ref)} can't be the name of a blob: ${problem}. Choose another name.`
  throw new ImgprocError('INVALID_USAGE', message, { stage: 'usage', path: ref })
}

/** Maximum characters of a name, and of a part of it between slashes. */
const MAX_NAME = 1024
const MAX_PART = 254

/**
 * Returns why a name can't be used; undefined if it can. The SDK puts the name into the path of a URL, where `..` would
 * lead to another blob, or to another container. The service takes a backslash for a slash, and drops a dot at the end.
 * See https://learn.microsoft.com/rest/api/storageservices/naming-and-referencing-containers--blobs--and-metadata
 */
export function findNameProblem(name: string): string | undefined {
  const parts = name.split('/')
  if (name.length > MAX_NAME) return `it is longer than ${MAX_NAME} characters`
  if (name.includes('\\')) return 'Azure takes a backslash for a slash'
  if (parts.some((part) => part === '.' || part === '..')) return 'a part of it is "." or ".."'
  if (parts.some((part) => part.endsWith('.'))) return 'a part of it ends with a dot'
  if (parts.some((part) => part.length > MAX_PART))
    return `a part of it is longer than ${MAX_PART} characters`
  // eslint-disable-next-line no-control-regex -- these are the point
  if (/[\u0000-\u001f\u007f-\u009f\ufffe\uffff]/.test(name)) return 'it has control characters'
  if (/\p{Surrogate}/u.test(name)) return 'it has half a character'
  return undefined
}
