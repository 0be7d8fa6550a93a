/** Eight or more hex digits between separators: `hero.3f2a91bc.jpg`, `hero-3f2a91bc0e.webp`. */
const HASHED = /[._-](?=[0-9a-f]*\d)[0-9a-f]{8,64}(?=[._-])/i

const FOREVER = 'public, max-age=31536000, immutable'

/** Returns the `Cache-Control` of a file: for ever if its name holds a hash of its content, and that is configured. */
export function cacheControlFor(
  name: string,
  { cacheControl, immutable }: { readonly cacheControl: string; readonly immutable: boolean },
): string {
  return immutable && HASHED.test(name) ? FOREVER : cacheControl
}
