import { sha256 } from '../utils/sha256.js'

/** The parts of an HTTP URL that is too broken for `URL`: scheme, user and password, host and path. */
const BROKEN_URL = /^(https?:\/\/)(?:[^/?#]*@)?([^?#]*)/i

/** Extensions of the media types that data URLs of images have. */
const EXTENSIONS: ReadonlyMap<string, string> = new Map([
  ['image/avif', 'avif'],
  ['image/gif', 'gif'],
  ['image/heic', 'heic'],
  ['image/heif', 'heif'],
  ['image/jpeg', 'jpg'],
  ['image/jpg', 'jpg'],
  ['image/png', 'png'],
  ['image/svg+xml', 'svg'],
  ['image/tiff', 'tiff'],
  ['image/webp', 'webp'],
])

/** Whether a ref is read over HTTP or HTTPS. */
export function isHttpUrl(ref: string): boolean {
  return /^https?:/i.test(ref)
}

/** Whether a ref is a data URL: the image itself, written as text. */
export function isDataUrl(ref: string): boolean {
  return /^data:/i.test(ref)
}

/**
 * An HTTP URL as messages and manifests show it: without user and password, query and fragment, any of which may
 * be a key to what it names. Other refs have no such parts and stay as they are.
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
  const [, scheme = '', rest = ''] = BROKEN_URL.exec(ref) ?? []
  return scheme + rest
}

/**
 * For each web address that others of the list differ from only by what `withoutSecrets` leaves out, such as a
 * query, a short mark that tells it apart and tells nothing of its secrets.
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
 * A short name for a data URL, the same for the same URL: for paths, messages and manifests, which have no room
 * for the URL itself. It has the extension of the media type, where that is an image's.
 *
 * @example
 * ```ts
 * describeData('data:image/png;base64,iVBORw0KGgo=') // 'data/e1e10747c237.png'
 * ```
 */
export function describeData(url: string): string {
  const digest = sha256(url).slice(0, 12)
  // A media type is short: what comes later may be megabytes of picture.
  const type = /^data:([^;,]*)/i.exec(url.slice(0, 100))?.[1]?.trim().toLowerCase() ?? ''
  const extension = EXTENSIONS.get(type)
  return extension === undefined ? `data/${digest}` : `data/${digest}.${extension}`
}
