import { describe, expect, it } from 'vitest'
import { checkExposure } from '../../../src/http/access/check-exposure.js'
import { resolveAccess, type AccessConfig } from '../../../src/http/access/options.js'
import { createToken, createTokenFinder, hashToken } from '../../../src/http/access/tokens.js'

const secret = '0123456789abcdef0123456789abcdef'
const token = createToken()
const shop = { id: 'shop', hash: hashToken(token), scopes: ['read' as const] }

describe('a token', () => {
  it('is 256 random bits after a prefix', () => {
    expect(token).toMatch(/^imgproc_[\w-]{43}$/)
    expect(new Set(Array.from({ length: 100 }, createToken)).size).toBe(100)
  })

  it('is found by its hash among others', () => {
    const others = Array.from({ length: 9 }, (_, index) => ({
      ...shop,
      id: `other-${index}`,
      hash: hashToken(createToken()),
    }))
    for (const records of [
      [shop, ...others],
      [...others, shop],
    ]) {
      const find = createTokenFinder(records)
      expect(find(token)).toEqual({ id: 'shop', scopes: ['read'] })
      expect(find(shop.hash)).toBeUndefined()
      expect(find('')).toBeUndefined()
    }
  })
})

describe('access options', () => {
  it.each<readonly [problem: string, config: AccessConfig, message: RegExp]>([
    [
      'a short secret',
      { signingKeys: { main: 'short' } },
      /signingKeys\.main: the secret is shorter than 32/,
    ],
    ['signatures without keys', { signatures: 'required' }, /signatures: "required" needs signingKeys/],
    ['a proxy that is a name', { trustProxy: ['proxy'] }, /trustProxy: expected an address .* got "proxy"/],
    ['two tokens of one id', { tokens: [shop, shop] }, /tokens: there are two with the id "shop"/],
  ])('with %s are refused', (_, config, message) => {
    expect(() => resolveAccess(config)).toThrow(
      expect.objectContaining({ code: 'INVALID_CONFIG', message: expect.stringMatching(message) }),
    )
  })

  it('that are wrong do not show a secret in the message', () => {
    expect(() => resolveAccess({ signingKeys: { main: 'hunter2' } })).toThrow(/^((?!hunter2).)+$/)
  })
})

describe('checkExposure', () => {
  const open = resolveAccess({})

  it.each(['0.0.0.0', '::', '192.168.1.5', 'img.example', '127.example', '10.127.0.0.1'])(
    'refuses %s for a server without tokens',
    (host) => {
      expect(() => checkExposure(host, open, false)).toThrow(
        expect.objectContaining({ code: 'INVALID_USAGE' }),
      )
    },
  )

  it.each(['127.0.0.1', 'localhost', '::1', '127.1.2.3'])('allows %s', (host) => {
    expect(() => checkExposure(host, open, false)).not.toThrow()
  })

  it('allows any host with tokens, with signatures that are required, or if it is meant', () => {
    const signed = { signingKeys: { main: secret } }
    expect(() => checkExposure('0.0.0.0', open, true)).not.toThrow()
    expect(() => checkExposure('0.0.0.0', resolveAccess({ tokens: [shop] }), false)).not.toThrow()
    expect(() => checkExposure('0.0.0.0', resolveAccess(signed), false)).not.toThrow()
    const optional = resolveAccess({ ...signed, signatures: 'optional' })
    expect(() => checkExposure('0.0.0.0', optional, false)).toThrow(/^Without tokens, anyone/)
  })
})
