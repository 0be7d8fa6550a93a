import { sha256 } from '../utils/sha256.js'

/** Splits an HTTP URL that `URL` can't parse: scheme, user and password, host and path. */
const INVALID_URL = /^(https?:\/\/)(?:[^/?#]*@)?([^?#]*)/i

/** Extensions by media type of an image. */
const EXTENSIONS: ReadonlyMap<string, string> = new Map([
  ['image/avif', 'avif'],
  ['image/bmp', 'bmp'],
  ['image/gif', 'gif'],
  ['image/heic', 'heic'],
  ['image/heif', 'heif'],
  ['image/jpeg', 'jpg'],
  ['image/jpg', 'jpg'],
  ['image/jxl', 'jxl'],
  ['image/png', 'png'],
  ['image/apng', 'png'],
  ['image/qoi', 'qoi'],
  ['image/svg+xml', 'svg'],
  ['image/tiff', 'tiff'],
  ['image/vnd.microsoft.icon', 'ico'],
  ['image/x-icon', 'ico'],
  ['image/x-portable-anymap', 'pnm'],
  ['image/x-portable-bitmap', 'pbm'],
  ['image/x-portable-graymap', 'pgm'],
  ['image/x-portable-pixmap', 'ppm'],
  ['image/webp', 'webp'],
])

/** Returns true for an HTTP or HTTPS URL. */
export function isHttpUrl(ref: string): boolean {
  return /^https?:/i.test(ref)
}

/** Returns true for a data URL, which contains the image itself. */
export function isDataUrl(ref: string): boolean {
  return /^data:/i.test(ref)
}

/**
 * Returns an HTTP URL for messages and manifests: without user and password, query and fragment, which may hold
 * credentials. Returns other locations unchanged.
 *
 * @example
 * ```ts
 * withoutSecrets('https://me:word@cdn.example/a.jpg?signature=1f2e') // 'https://cdn.example/a.jpg'
 * ```
 */
export function withoutSecrets(ref: string): string {
  if (!isHttpUrl(ref)) return ref
  if (URL.canParse(ref)) {
    const { origin, pathname } = new URL(ref)
    return origin + pathname
  }
  const [, scheme = '', rest = ''] = INVALID_URL.exec(ref) ?? []
  return scheme + rest
}

/**
 * Returns a short hash for each HTTP URL that differs from another one of the list only by the parts that `withoutSecrets`
 * removes, such as the query. The hash distinguishes them and reveals no secrets.
 */
export function markTwins(refs: Iterable<string>): Map<string, string> {
  const groups = new Map<string, Set<string>>()
  for (const ref of refs) {
    if (!isHttpUrl(ref)) continue
    const shown = withoutSecrets(ref)
    groups.set(shown, (groups.get(shown) ?? new Set()).add(ref))
  }
  const twins = [...groups.values()].filter(({ size }) => size > 1).flatMap((group) => [...group])
  return new Map(twins.map((ref) => [ref, sha256(ref).slice(0, 8)]))
}

/**
 * Returns a short name for a data URL, for use in paths, messages and manifests. Equal URLs have equal names. The name has
 * the extension of the media type if that is an image's.
 *
 * @example
 * ```ts
 * describeData('data:image/png;base64,iVBORw0KGgo=') // 'data/e1e10747c237.png'
 * ```
 */
export function describeData(url: string): string {
  const digest = sha256(url).slice(0, 12)
  // The media type is at the start. The rest may be megabytes.
  const type = /^data:([^;,]*)/i.exec(url.slice(0, 100))?.[1]?.trim().toLowerCase() ?? ''
  const extension = EXTENSIONS.get(type)
  return extension === undefined ? `data/${digest}` : `data/${digest}.${extension}`
}
