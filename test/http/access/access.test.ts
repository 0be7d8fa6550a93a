import { Hono } from 'hono'
import { describe, expect, it } from 'vitest'
import { createAuthorization } from '../../../src/http/access/authorize.js'
import { createIdentification } from '../../../src/http/access/identify.js'
import { resolveAccess, type AccessConfig } from '../../../src/http/access/options.js'
import { signUrl } from '../../../src/http/access/sign-url.js'
import { createToken, hashToken } from '../../../src/http/access/tokens.js'
import type { Env } from '../../../src/http/types.js'
import { createProblem } from '../../../src/http/response/problem.js'

const secret = '0123456789abcdef0123456789abcdef'
const reader = createToken()
const writer = createToken()
const scraper = createToken()
const tokens: NonNullable<AccessConfig['tokens']> = [
  { id: 'reader', hash: hashToken(reader), scopes: ['read'] },
  { id: 'writer', hash: hashToken(writer), scopes: ['write'] },
  { id: 'scraper', hash: hashToken(scraper), scopes: ['admin'] },
]

/** Returns a function that sends a request to a server with these rules, whose routes answer the id of the token. */
function createServer(config: AccessConfig) {
  const access = resolveAccess(config)
  const app = new Hono<Env>()
  app.onError((error) => createProblem(error))
  app.use(createIdentification(access))
  app.use(createAuthorization(access, new Set(['photos'])))
  app.all('*', (context) => context.text(context.get('token')?.id ?? 'nobody'))
  return async (line: string, authorization?: string) => {
    const [method = '', path = ''] = line.split(' ')
    const headers = authorization === undefined ? {} : { authorization }
    const response = await app.request(`http://localhost${path}`, { method, headers })
    const body = await response.text()
    return { status: response.status, body, challenge: response.headers.get('www-authenticate') }
  }
}

const image = 'GET /photos/a.jpg?thumbnail=200'

describe('a server with tokens', () => {
  const send = createServer({ tokens })

  it('takes a token with the scope', async () => {
    expect(await send(image, `Bearer ${reader}`)).toMatchObject({ status: 200, body: 'reader' })
    expect(await send('GET /v1/images', `bearer  ${reader}`)).toMatchObject({ status: 200, body: 'reader' })
    expect(await send('POST /v1/images', `Bearer ${writer}`)).toMatchObject({ status: 200, body: 'writer' })
    expect(await send('DELETE /v1/images/1', `Bearer ${writer}`)).toMatchObject({ status: 200 })
    expect(await send('GET /metrics', `Bearer ${scraper}`)).toMatchObject({ status: 200, body: 'scraper' })
  })

  it('answers 403 to a token without the scope, and names both', async () => {
    const answer = await send('POST /v1/images', `Bearer ${reader}`)
    expect(answer).toMatchObject({ status: 403, challenge: expect.stringContaining('insufficient_scope') })
    expect(answer.body).toContain('The token reader lacks the scope write.')
    expect(await send('GET /v1/images', `Bearer ${scraper}`)).toMatchObject({ status: 403 })
    expect(await send('GET /metrics', `Bearer ${reader}`)).toMatchObject({ status: 403 })
  })

  it.each([
    'GET /v1/images',
    'POST /v1/images',
    'DELETE /v1/images/1',
    'GET /metrics',
    'GET /new/route',
    image,
  ])('answers 401 to %s without a token', async (line) => {
    const answer = await send(line)
    expect(answer).toMatchObject({ status: 401, challenge: 'Bearer realm="imgproc"' })
    expect(answer.body).toContain('This needs a token. Send it as Authorization: Bearer TOKEN.')
  })

  it('answers 401 to an unknown token, and does not repeat it', async () => {
    const unknown = createToken()
    const answer = await send(image, `Bearer ${unknown}`)
    expect(answer).toMatchObject({ status: 401, challenge: 'Bearer realm="imgproc"' })
    expect(answer.body).toContain('does not know the token')
    expect(answer.body).not.toContain(unknown)
  })

  it.each(['Basic dXNlcjpwYXNz', 'Bearer', 'Bearer a b', reader, `Bearer ${hashToken(reader)}`])(
    'answers 401 to a header that holds no token: %#',
    async (header) => {
      expect(await send(image, header)).toMatchObject({ status: 401 })
    },
  )

  it('leaves probes, the description and the demo page open', async () => {
    for (const path of ['/', '/healthz', '/readyz', '/openapi.json', '/demo/app.js'])
      expect(await send(`GET ${path}`)).toMatchObject({ status: 200 })
    expect(await send('OPTIONS /v1/images')).toMatchObject({ status: 200 })
    expect(await send('POST /healthz')).toMatchObject({ status: 401 })
    expect(await send('GET /demonstration')).toMatchObject({ status: 401 })
  })

  it('shows images to everybody with publicImages, and nothing else', async () => {
    const open = createServer({ tokens, publicImages: true })
    for (const path of ['/photos/a/b.jpg', '/v1/images/1.webp?thumbnail=200', '/v1/images/1/download'])
      expect(await open(`GET ${path}`)).toMatchObject({ status: 200 })
    const closed = [
      '/v1/images',
      '/v1/images/1',
      '/v1/images/1.a/b',
      '/drafts/a.jpg',
      '//v1/images',
      '/V1/images',
    ]
    for (const path of [...closed, '/photos', '/metrics'])
      expect(await open(`GET ${path}`)).toMatchObject({ status: 401 })
    expect(await open('POST /photos/a.jpg')).toMatchObject({ status: 401 })
  })
})

describe('a server with signatures', () => {
  const signingKeys = { main: secret }
  const sign = (path: string, expires?: Date) => signUrl(path, { key: 'main', secret, expires })
  const past = new Date('2020-01-01T00:00:00Z')

  it('needs them for images if there are keys, and opens nothing else', async () => {
    const send = createServer({ signingKeys })
    expect(await send(`GET ${sign('/photos/a.jpg?thumbnail=200')}`)).toMatchObject({
      status: 200,
      body: 'nobody',
    })
    expect(await send(`HEAD ${sign('/v1/images/1.webp')}`)).toMatchObject({ status: 200 })
    expect(await send(image)).toMatchObject({
      status: 403,
      body: expect.stringContaining('has to be signed'),
    })
    for (const line of ['POST /v1/images', `GET ${sign('/v1/images')}`, `POST ${sign('/v1/images/1.webp')}`])
      expect(await send(line)).toMatchObject({ status: 401 })
    expect(await send(`GET ${sign('/metrics')}`)).toMatchObject({ status: 401 })
  })

  it('takes a token as well', async () => {
    const send = createServer({ signingKeys, tokens })
    expect(await send(image, `Bearer ${reader}`)).toMatchObject({ status: 200 })
    expect(await send(`GET ${sign('/photos/a.jpg')}`)).toMatchObject({ status: 200 })
    expect(await send(image)).toMatchObject({ status: 401, body: expect.stringContaining('or a signed URL') })
  })

  it('needs them for public images too, unless they are optional', async () => {
    const required = createServer({ signingKeys, tokens, publicImages: true })
    expect(await required(image)).toMatchObject({ status: 401 })
    const optional = createServer({ signingKeys, tokens, publicImages: true, signatures: 'optional' })
    expect(await optional(image)).toMatchObject({ status: 200 })
  })

  it.each(['required', 'optional'] as const)(
    'tells forged from expired ones, also beside a token, if they are %s',
    async (signatures) => {
      const send = createServer({ signingKeys, tokens, signatures })
      const forged = await send(`GET ${sign('/photos/a.jpg').replace('a.jpg', 'b.jpg')}`, `Bearer ${reader}`)
      expect(forged).toMatchObject({
        status: 403,
        body: expect.stringContaining('does not belong to this URL'),
      })
      const expired = await send(`GET ${sign('/photos/a.jpg', past)}`, `Bearer ${reader}`)
      expect(expired).toMatchObject({ status: 403, body: expect.stringContaining('expired at 2020-01-01') })
    },
  )

  it('ignores them if they are off', async () => {
    const open = createServer({ signingKeys, signatures: 'off' })
    expect(await open(`GET ${sign('/photos/a.jpg', past)}`)).toMatchObject({ status: 200 })
    const closed = createServer({ signingKeys, tokens, signatures: 'off' })
    expect(await closed(`GET ${sign('/photos/a.jpg')}`)).toMatchObject({ status: 401 })
  })

  it('takes those of an old and a new key', async () => {
    const old = 'fedcba9876543210fedcba9876543210'
    const send = createServer({ signingKeys: { main: secret, old } })
    const byOld = signUrl('/photos/a.jpg', { key: 'old', secret: old })
    expect(await send(`GET ${byOld}`)).toMatchObject({ status: 200 })
    expect(await send(`GET ${sign('/photos/a.jpg')}`)).toMatchObject({ status: 200 })
  })
})

it('a server without tokens and signatures is open to everybody', async () => {
  const send = createServer({})
  for (const line of [image, 'POST /v1/images', 'GET /metrics'])
    expect(await send(line)).toMatchObject({ status: 200 })
  expect(await send(image, 'Bearer whatever')).toMatchObject({ status: 200, body: 'nobody' })
})
