import { describe, expect, it } from 'vitest'
import { createHandler } from '../../../src/http/create-handler.js'
import { createToken, hashToken } from '../../../src/http/access/tokens.js'
import type { HandlerOptions } from '../../../src/http/types.js'

const token = createToken()
const tokens = [{ id: 'shop', hash: hashToken(token), scopes: ['read' as const] }]

/** Returns a function that asks a server for a record, from an address. */
function createClient(options: HandlerOptions) {
  const handler = createHandler(options)
  return (address: string | undefined, headers: Record<string, string> = {}, path = '/v1/nothing') =>
    handler.fetch(new Request(`http://localhost${path}`, { headers }), { address })
}

describe('a rate limit', () => {
  it('refuses an address from its next request on, and says when to come again', async () => {
    const ask = createClient({ rateLimit: { address: 2, seconds: 3600 } })
    const first = await ask('192.0.2.1')
    expect(first.headers.get('ratelimit-policy')).toBe('"address";q=2;w=3600')
    expect(first.headers.get('ratelimit')).toMatch(/^"address";r=1;t=3(600|599)$/)
    expect((await ask('192.0.2.1')).headers.get('ratelimit')).toMatch(/^"address";r=0;t=/)
    const refused = await ask('192.0.2.1')
    expect(refused.status).toBe(429)
    expect(refused.headers.get('content-type')).toBe('application/problem+json')
    expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(3000)
    expect(refused.headers.get('ratelimit')).toMatch(/^"address";r=0;t=/)
    expect(await refused.json()).toMatchObject({
      code: 'TOO_MANY_REQUESTS',
      detail: expect.stringMatching(
        /^There were more than 2 requests in 3600 seconds from your address\. Ask again/,
      ),
    })
    expect((await ask('192.0.2.2')).status).not.toBe(429)
  })

  it('counts each token by itself, wherever it comes from, and guesses by their address', async () => {
    const ask = createClient({ tokens, rateLimit: { token: 2, address: 1, seconds: 3600 } })
    const known = { authorization: `Bearer ${token}` }
    expect((await ask('192.0.2.1', known)).headers.get('ratelimit')).toMatch(/^"token";r=1;/)
    expect((await ask('192.0.2.2', known)).headers.get('ratelimit')).toMatch(/^"token";r=0;/)
    expect((await ask('192.0.2.3', known)).status).toBe(429)
    expect((await ask('192.0.2.4', { authorization: `Bearer ${createToken()}` })).status).toBe(401)
    expect((await ask('192.0.2.4', { authorization: `Bearer ${createToken()}` })).status).toBe(429)
  })

  it('counts the addresses of an IPv6 network as one', async () => {
    const ask = createClient({ rateLimit: { address: 1 } })
    expect((await ask('2001:db8::1')).status).not.toBe(429)
    expect((await ask('2001:db8::2')).status).toBe(429)
    expect((await ask('2001:db8:0:1::2')).status).not.toBe(429)
  })

  it('counts the address that a trusted proxy names, and no other', async () => {
    const ask = createClient({ rateLimit: { address: 1 }, trustProxy: ['10.0.0.0/8'] })
    expect((await ask('10.0.0.1', { 'x-forwarded-for': '192.0.2.1' })).status).not.toBe(429)
    expect((await ask('10.0.0.2', { 'x-forwarded-for': '192.0.2.1' })).status).toBe(429)
    expect((await ask('192.0.2.9', { 'x-forwarded-for': '192.0.2.2' })).status).not.toBe(429)
    expect((await ask('192.0.2.9', { 'x-forwarded-for': '192.0.2.3' })).status).toBe(429)
  })

  it('counts neither probes nor requests of an unknown address', async () => {
    const ask = createClient({ rateLimit: { address: 1 } })
    for (const address of [undefined, undefined, undefined]) expect((await ask(address)).status).not.toBe(429)
    for (const path of ['/healthz', '/healthz', '/healthz'])
      expect((await ask('192.0.2.1', {}, path)).status).toBe(200)
  })
})

describe('scripts of other origins', () => {
  const preflight = { origin: 'https://shop.example', 'access-control-request-method': 'DELETE' }

  async function send(options: HandlerOptions, method: string, headers: Record<string, string>) {
    return createHandler(options).fetch(new Request('http://localhost/v1/images', { method, headers }))
  }

  it('may use the server from the origins of the config, without a token for the preflight', async () => {
    const options = { tokens, cors: { origins: ['https://shop.example'] } }
    const { status, headers } = await send(options, 'OPTIONS', preflight)
    expect(status).toBe(204)
    expect(headers.get('access-control-allow-origin')).toBe('https://shop.example')
    expect(headers.get('access-control-allow-methods')).toContain('DELETE')
    expect(headers.get('access-control-allow-headers')).toContain('Authorization')
    expect(headers.get('access-control-max-age')).toBe('600')
    expect(headers.get('vary')).toContain('Origin')
  })

  it('can read a refusal, and the headers of limits', async () => {
    const options = { tokens, cors: { origins: ['*'] } }
    const { status, headers } = await send(options, 'GET', { origin: 'https://any.example' })
    expect(status).toBe(401)
    expect(headers.get('access-control-allow-origin')).toBe('*')
    expect(headers.get('access-control-expose-headers')).toContain('RateLimit')
    expect(headers.get('access-control-allow-credentials')).toBeNull()
  })

  it('may not use it from another origin, or if the config names none', async () => {
    for (const options of [{ cors: { origins: ['https://other.example'] } }, {}]) {
      const { headers } = await send(options, 'OPTIONS', preflight)
      expect(headers.get('access-control-allow-origin')).toBeNull()
    }
  })
})
