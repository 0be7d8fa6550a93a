import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { canonicalizeUrl } from '../../../src/http/access/canonical-url.js'
import { signUrl } from '../../../src/http/access/sign-url.js'
import { verifyUrl } from '../../../src/http/access/verify-url.js'

const secret = '0123456789abcdef0123456789abcdef'
const old = 'fedcba9876543210fedcba9876543210'
const keys = new Map([
  ['main', secret],
  ['old', old],
])
const end = new Date('2026-01-01T00:00:00Z')
const before = end.getTime() - 1000

/** The test vector of docs/serve.md. */
const SIGNED =
  '/photos/landscape.jpg?thumbnail=200&key=main&expires=1767225600&signature=9pCRnnR4cmtG9AORowNt2wwX5_fkpnDXTAPd7l_B-k0'

function signByOpenssl(text: string): string {
  const digest = execFileSync('openssl', ['dgst', '-sha256', '-hmac', secret, '-binary'], { input: text })
  return `${text}&signature=${digest.toString('base64url')}`
}

describe('signUrl', () => {
  it('makes the signature of the documented test vector, as openssl does', () => {
    const signed = signUrl('/photos/landscape.jpg?thumbnail=200', { key: 'main', secret, expires: end })
    expect(signed).toBe(SIGNED)
    expect(readFileSync('docs/serve-access.md', 'utf8')).toContain(SIGNED)
    expect(signByOpenssl(SIGNED.replace(/&signature=.*/, ''))).toBe(SIGNED)
  })

  it('keeps host, order of the operations and escapes, and drops the fragment', () => {
    const url = signUrl('https://img.example:8443/photos/a%20b.jpg?rotate=90&thumbnail=200x100#top', {
      key: 'main',
      secret,
    })
    expect(url).toMatch(
      /^https:\/\/img\.example:8443\/photos\/a%20b\.jpg\?rotate=90&thumbnail=200x100&key=main&signature=[\w-]{43}$/,
    )
  })

  it('signs a URL without a query', () => {
    const url = signUrl('/photos/a.jpg', { key: 'main', secret })
    expect(url).toMatch(/^\/photos\/a\.jpg\?key=main&signature=/)
    expect(verifyUrl(`http://localhost${url}`, keys)).toBe(Infinity)
  })

  it('replaces an earlier signature', () => {
    const plain = '/photos/a.jpg?thumbnail=200'
    const once = signUrl(plain, { key: 'old', secret: old, expires: end })
    expect(signUrl(once, { key: 'main', secret })).toBe(signUrl(plain, { key: 'main', secret }))
  })

  it.each(['photos/a.jpg', '', '//img.example/a.jpg', 'http://'])(
    'refuses %j, which is neither a URL nor a path',
    (url) => {
      expect(() => signUrl(url, { key: 'main', secret })).toThrow(/is not a URL or a path/)
    },
  )

  it('refuses a date that is not valid', () => {
    const expires = new Date('soon')
    expect(() => signUrl('/a/b.jpg', { key: 'main', secret, expires })).toThrow(
      'expires is not a valid date.',
    )
  })
})

describe('verifyUrl', () => {
  const verify = (path: string, now = before) => verifyUrl(`http://localhost:1234${path}`, keys, now)

  it('accepts any URL that signUrl has made', () => {
    fc.assert(
      fc.property(fc.webPath(), fc.webQueryParameters(), fc.boolean(), (path, query, isEnding) => {
        const url = `https://img.example${path}?${query}`
        const signed = signUrl(url, { key: 'main', secret, expires: isEnding ? end : undefined })
        expect(verifyUrl(signed, keys, before)).toBe(isEnding ? end.getTime() : Infinity)
      }),
    )
  })

  it('tells that there is no signature', () => {
    expect(verify('/photos/a.jpg?thumbnail=200')).toBeUndefined()
    expect(verify('/photos/signature=1.jpg')).toBeUndefined()
  })

  it('accepts the signature wherever it stands in the query', () => {
    const [start = '', signature = ''] = SIGNED.split('&signature=')
    expect(verify(start.replace('?', `?signature=${signature}&`))).toBe(end.getTime())
  })

  it('accepts escapes that a proxy has changed', () => {
    const signed = signUrl('/photos/h%C3%A9-%7E.jpg?thumbnail=200', { key: 'main', secret })
    const changed = signed.replace('%C3%A9', '%c3%a9').replace('%7E', '~')
    expect(changed).not.toBe(signed)
    expect(verify(changed)).toBe(Infinity)
    expect(canonicalizeUrl('http://localhost/%41%2f%e4?b=%2c#d').text).toBe('/A%2F%E4?b=%2C')
  })

  it.each<readonly [change: string, from: string | RegExp, to: string]>([
    ['another path', 'landscape', 'portrait'],
    ['another operation', 'thumbnail=200', 'thumbnail=2000'],
    ['one more operation', '?', '?rotate=90&'],
    ['a later end', 'expires=1767225600', 'expires=1867225600'],
    ['no end', '&expires=1767225600', ''],
    ['two ends', '&signature', '&expires=1867225600&signature'],
    ['the id of another key', 'key=main', 'key=old'],
    ['another signature', /signature=.*/, `signature=${'A'.repeat(43)}`],
    ['a shorter signature', /.$/, ''],
    ['a signature that is not ASCII', /signature=.*/, `signature=${'%C3%A9'.repeat(43)}`],
    ['an empty signature', /signature=.*/, 'signature='],
    ['a signature without a value', /signature=.*/, 'signature'],
    ['two signatures', /$/, '&signature=AAAA'],
    ['the escape of a slash instead of it', '/photos/', '/photos%2F'],
  ])('refuses %s', (_, from, to) => {
    const changed = SIGNED.replace(from, to)
    expect(changed).not.toBe(SIGNED)
    expect(() => verify(changed)).toThrow(
      expect.objectContaining({
        code: 'ACCESS_DENIED',
        status: 403,
        message: 'The signature does not belong to this URL: path, query or key differ. Sign the URL again.',
      }),
    )
  })

  it('refuses a signature of an unknown key', () => {
    expect(() => verify(SIGNED.replace('key=main', 'key=new'))).toThrow(
      /by a key that this server does not have/,
    )
    expect(() => verify(SIGNED.replace('key=main&', ''))).toThrow(/does not tell by which key/)
  })

  it('refuses a signature from its end on', () => {
    expect(verify(SIGNED, end.getTime() - 1)).toBe(end.getTime())
    const message = 'The signature expired at 2026-01-01T00:00:00.000Z. Sign the URL again.'
    expect(() => verify(SIGNED, end.getTime())).toThrow(message)
  })

  it('refuses an end that is not a number, even if it is signed', () => {
    expect(() => verify(signByOpenssl('/a/b.jpg?key=main&expires=never'))).toThrow(
      /expires= is not in seconds/,
    )
  })
})
