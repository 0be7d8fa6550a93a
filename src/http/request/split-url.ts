/** Path and query of a URL, as they are written: not decoded. */
export interface RawUrl {
  /** Begins with `/`. */
  readonly path: string
  /** Without `?`; empty without a query. */
  readonly query: string
}

/**
 * Splits a URL. `URLSearchParams` would lose the spelling, and a `URL` takes longer than a result from memory.
 *
 * @example
 * ```ts
 * splitUrl('http://host/a%20b.jpg?rotate=90&rotate=90') // { path: '/a%20b.jpg', query: 'rotate=90&rotate=90' }
 * ```
 */
export function splitUrl(url: string): RawUrl {
  const hash = url.indexOf('#')
  const whole = hash < 0 ? url : url.slice(0, hash)
  const start = whole.indexOf('/', whole.indexOf('://') + 3)
  const question = whole.indexOf('?')
  if (start < 0 || (question >= 0 && question < start))
    return { path: '/', query: question < 0 ? '' : whole.slice(question + 1) }
  if (question < 0) return { path: whole.slice(start), query: '' }
  return { path: whole.slice(start, question), query: whole.slice(question + 1) }
}
