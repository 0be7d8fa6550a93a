import { isHttpUrl } from '../../paths/url.js'
import { ImgprocError } from '../../errors.js'

/** A file of a mounted source. */
export interface SourcePath {
  /** Location that a store reads. */
  readonly ref: string
  /** File name. */
  readonly name: string
}

/** Separators of any system, and control characters. */
// oxlint-disable-next-line no-control-regex -- no name of a file that is to be served has them
const FORBIDDEN = /[/\\\u0000-\u001f\u007f]/

/**
 * Returns the file that a path names: `/photos/a/b.jpg` is `a/b.jpg` of the source `photos`. Undefined if there is no such
 * source, or if a segment is empty, begins with a dot, or holds a separator: so no path leaves the source, however it is
 * encoded, and hidden files stay hidden.
 *
 * @param path as written in the URL.
 * @throws INVALID_USAGE for broken percent-encoding.
 */
export function resolveSourcePath(
  path: string,
  sources: ReadonlyMap<string, string>,
): SourcePath | undefined {
  const [, first = '', ...rest] = path.split('/')
  const root = sources.get(first)
  if (root === undefined || rest.length === 0) return undefined
  const segments = path.includes('%') ? rest.map(decode) : rest
  if (segments.some((segment) => segment === '' || segment.startsWith('.') || FORBIDDEN.test(segment)))
    return undefined
  const name = segments.at(-1) ?? ''
  const below = (isHttpUrl(root) ? segments.map(encodeURIComponent) : segments).join('/')
  return { ref: root.endsWith('/') ? root + below : `${root}/${below}`, name }
}

function decode(segment: string): string {
  try {
    return decodeURIComponent(segment)
  } catch (cause) {
    const message = `The path holds "${segment}", which is no valid percent-encoding. Encode names as UTF-8.`
    throw new ImgprocError('INVALID_USAGE', message, { stage: 'usage', cause })
  }
}
