import { timingSafeEqual } from 'node:crypto'
import { ImgprocError } from '../../errors.js'
import { canonicalizeUrl } from './canonical-url.js'
import { computeSignature } from './sign-url.js'

/**
 * Returns the end of the validity of a signed URL, in milliseconds since 1970: Infinity if it never ends, and undefined if the
 * URL has no signature.
 *
 * Throws ACCESS_DENIED if its signature is forged, was made by an unknown key, or has expired.
 */
export function verifyUrl(
  url: string,
  keys: ReadonlyMap<string, string>,
  now = Date.now(),
): number | undefined {
  // Most URLs of a server without signatures end here.
  if (!url.includes('signature')) return undefined
  const { text, query } = canonicalizeUrl(url)
  const [signature, ...more] = query.getAll('signature')
  if (signature === undefined) return undefined
  const id = query.get('key')
  const secret = id === null ? undefined : keys.get(id)
  if (id === null) throw createSignatureError('The URL has a signature, but key= does not tell by which key.')
  if (secret === undefined)
    throw createSignatureError('The URL was signed by a key that this server does not have.')
  if (more.length > 0 || !isEqual(signature, computeSignature(text, secret)))
    throw createSignatureError('The signature does not belong to this URL: path, query or key differ.')
  return readEnd(query.get('expires'), now)
}

function isEqual(given: string, right: string): boolean {
  const bytes = Buffer.from(given)
  return bytes.length === right.length && timingSafeEqual(bytes, Buffer.from(right))
}

function readEnd(expires: string | null, now: number): number {
  if (expires === null) return Infinity
  if (!/^\d{1,12}$/.test(expires))
    throw createSignatureError('expires= is not in seconds since 1970, such as 1767225600.')
  const end = Number(expires) * 1000
  if (now >= end) throw createSignatureError(`The signature expired at ${new Date(end).toISOString()}.`)
  return end
}

function createSignatureError(message: string): ImgprocError {
  return new ImgprocError('ACCESS_DENIED', `${message} Sign the URL again.`, { stage: 'usage' })
}
