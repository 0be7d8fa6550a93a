import { createHmac } from 'node:crypto'
import { ImgprocError } from '../../errors.js'
import { canonicalizeUrl, SIGNATURE_PARAMETERS } from './canonical-url.js'

export interface SignOptions {
  /** Id of the key in the server's config. */
  readonly key: string
  /** Secret of the key. */
  readonly secret: string
  /** End of the URL's validity. @default never */
  readonly expires?: Date | undefined
}

/** Only resolves URLs without a host. */
const ANY_HOST = 'http://localhost'

/**
 * Signs the URL of an image: appends `key`, `expires` and `signature`. Host and scheme are not signed, so a path such as
 * `/photos/a.jpg?thumbnail=200` can be signed as well. An earlier signature is replaced.
 *
 * Throws INVALID_USAGE if the text is not a URL, or the date is not valid.
 *
 * @example
 * ```ts
 * import { signUrl } from 'imgproc/http'
 * const secret = 'a secret of 32 characters or more'
 * const url = signUrl('https://img.example/photos/landscape.jpg?thumbnail=200', {
 *   key: 'main',
 *   secret,
 *   expires: new Date(Date.now() + 3_600_000), // in an hour
 * })
 * console.log(new URL(url).searchParams.get('signature')?.length) // 43
 * ```
 */
export function signUrl(url: string, { key, secret, expires }: SignOptions): string {
  const { href, base } = parseUrl(url)
  const kept = href.search
    .slice(1)
    .split('&')
    .filter((pair) => pair !== '' && !isSignatureParameter(pair))
  const end = expires === undefined ? [] : [`expires=${toUnixSeconds(expires)}`]
  href.search = [...kept, `key=${encodeURIComponent(key)}`, ...end].join('&')
  href.hash = ''
  const { text } = canonicalizeUrl(href.href)
  return `${href.href.slice(base.length)}&signature=${computeSignature(text, secret)}`
}

/** Returns HMAC-SHA-256 in base64url, without padding. */
export function computeSignature(text: string, secret: string): string {
  return createHmac('sha256', secret).update(text).digest('base64url')
}

function parseUrl(url: string): { href: URL; base: string } {
  const isPath = url.startsWith('/') && !url.startsWith('//')
  const base = isPath ? ANY_HOST : ''
  if (!URL.canParse(base + url)) {
    const message = `${JSON.stringify(url)} is not a URL or a path. Give it like https://img.example/photos/a.jpg?thumbnail=200, or /photos/a.jpg?thumbnail=200.`
    throw new ImgprocError('INVALID_USAGE', message, { stage: 'usage' })
  }
  return { href: new URL(base + url), base }
}

function isSignatureParameter(pair: string): boolean {
  const [name = ''] = pair.split('=')
  return SIGNATURE_PARAMETERS.some((each) => each === name)
}

function toUnixSeconds(date: Date): number {
  const seconds = Math.ceil(date.getTime() / 1000)
  if (Number.isSafeInteger(seconds)) return seconds
  throw new ImgprocError('INVALID_USAGE', 'expires is not a valid date.', { stage: 'usage' })
}
