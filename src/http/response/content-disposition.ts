/** Characters that a quoted file name cannot hold, or that programs read differently. */
const UNSAFE = /[^\x20-\x7e]|["\\%]/g

/**
 * Returns a `Content-Disposition` header: RFC 6266, with the name in ASCII for old clients.
 *
 * @example
 * ```ts
 * contentDisposition('inline', 'äpfel.jpg') // `inline; filename="_pfel.jpg"; filename*=UTF-8''%C3%A4pfel.jpg`
 * ```
 */
export function contentDisposition(kind: 'inline' | 'attachment', name: string): string {
  const ascii = name.replace(UNSAFE, '_')
  const plain = `${kind}; filename="${ascii}"`
  return ascii === name ? plain : `${plain}; filename*=UTF-8''${encodeName(name)}`
}

/** Also encodes what RFC 8187 excludes and `encodeURIComponent` leaves. A lone surrogate has no UTF-8. */
function encodeName(name: string): string {
  return encodeURIComponent(Buffer.from(name).toString()).replace(
    /['()*]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  )
}
