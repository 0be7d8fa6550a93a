/** A tag in a list; `W/` does not count in the weak comparison of RFC 9110. */
const TAG = /(?:W\/)?"([^"]*)"/g

/**
 * Returns true if an `If-None-Match` header has a tag, so that the client's copy is the answer (304).
 *
 * @example
 * ```ts
 * matchesEtag('W/"a", "b"', '"b"') // true
 * matchesEtag('*', '"b"') // true
 * ```
 */
export function matchesEtag(header: string, etag: string): boolean {
  if (header === etag || header.trim() === '*') return true
  const opaque = etag.slice(1, -1)
  for (const [, tag] of header.matchAll(TAG)) if (tag === opaque) return true
  return false
}
