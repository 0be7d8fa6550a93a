import type { Scope } from './types.js'

/** Right that a request needs: a scope, or `image` for the bytes of an image, which a signed URL opens as well. */
export type Need = Scope | 'image' | undefined

/** Paths for probes, for the description of the server, and of the demo page. They show no image and no record. */
const OPEN_PATHS = new Set(['/', '/healthz', '/readyz', '/openapi.json', '/favicon.ico'])
const OPEN_PREFIX = '/demo/'

const IMAGE_PATH = /^\/v1\/images\/[^/]+(?:\.[^/.]+|\/download)$/

/**
 * Returns the right that a request needs. A path that is not listed here needs `read` or `write`, so that a new route is
 * closed until it is opened here.
 *
 * @param sources names of the sources, which are the first segments of their paths.
 */
export function neededScope(method: string, path: string, sources: ReadonlySet<string>): Need {
  const isRead = method === 'GET' || method === 'HEAD'
  if (method === 'OPTIONS') return undefined
  if (path === '/metrics') return 'admin'
  if (!isRead) return 'write'
  if (OPEN_PATHS.has(path) || path.startsWith(OPEN_PREFIX)) return undefined
  const [, first = '', second] = path.split('/', 3)
  return IMAGE_PATH.test(path) || (second !== undefined && sources.has(first)) ? 'image' : 'read'
}
