/** Query parameters of a signature. They are no operations. */
export const SIGNATURE_PARAMETERS = ['key', 'expires', 'signature'] as const

const UNRESERVED = /^[\w.~-]$/

/** A URL split for its signature. */
export interface CanonicalUrl {
  /** The text that is signed: path and query without `signature`. */
  readonly text: string
  readonly query: URLSearchParams
}

/**
 * Splits a URL. The signed text is path and query as they stand, in the order of the query, without `signature`. Only
 * escapes are brought to one form, as RFC 3986 (6.2.2) describes it, since clients and proxies change them: `%7e` is `~`, and
 * `%c3` is `%C3`.
 */
export function canonicalizeUrl(url: string): CanonicalUrl {
  const withoutHash = url.replace(/#.*$/s, '')
  const start = /^[a-z][a-z\d+.-]*:\/\//i.test(withoutHash)
    ? withoutHash.indexOf('/', withoutHash.indexOf('//') + 2)
    : 0
  const [path = '', ...rest] = withoutHash.slice(start).split('?')
  const query = rest.join('?')
  const signed = query
    .split('&')
    .filter((pair) => pair !== 'signature' && !pair.startsWith('signature='))
    .join('&')
  return {
    text: normalizeEscapes(signed === '' ? path : `${path}?${signed}`),
    query: new URLSearchParams(query),
  }
}

function normalizeEscapes(text: string): string {
  return text.replaceAll(/%([\da-f]{2})/gi, (escape, digits: string) => {
    const character = String.fromCharCode(Number.parseInt(digits, 16))
    return UNRESERVED.test(character) ? character : escape.toUpperCase()
  })
}
