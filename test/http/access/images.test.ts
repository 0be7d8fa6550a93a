import { rm } from 'node:fs/promises'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { AccessConfig } from '../../../src/http/access/options.js'
import { signUrl } from '../../../src/http/access/sign-url.js'
import { createToken, hashToken } from '../../../src/http/access/tokens.js'
import { createHandler } from '../../../src/http/create-handler.js'
import { openProject, type Project } from '../../support/project.js'

const secret = '0123456789abcdef0123456789abcdef'
const token = createToken()
const tokens = [{ id: 'shop', hash: hashToken(token), scopes: ['read' as const] }]
const authorization = `Bearer ${token}`
const path = '/photos/landscape.jpg?thumbnail=20'

describe('an image of a source', () => {
  let project: Project
  beforeAll(async () => {
    project = await openProject()
    await project.copy('photos/landscape.jpg', 'photos/landscape.jpg')
  })
  const handlers: ReturnType<typeof createHandler>[] = []
  afterAll(async () => {
    await Promise.all(handlers.map((handler) => handler.close()))
    await rm(project.path, { recursive: true })
  })

  function createClient(config: AccessConfig & { immutable?: boolean; cacheControl?: string }) {
    const handler = createHandler({ root: project.path, sources: { photos: './photos' }, ...config })
    handlers.push(handler)
    return (url: string, headers: Record<string, string> = {}) =>
      handler.fetch(new Request(`http://localhost${url}`, { headers }))
  }

  it('is not kept for others by caches if it was shown because of a token', async () => {
    const get = createClient({ tokens })
    const shown = await get(path, { authorization })
    expect(shown.status).toBe(200)
    expect(shown.headers.get('cache-control')).toBe('private, max-age=86400')
    const etag = shown.headers.get('etag') ?? ''
    const known = await get(path, { authorization, 'if-none-match': etag })
    expect([known.status, known.headers.get('cache-control')]).toEqual([304, 'private, max-age=86400'])
    const refused = await get(path, { 'if-none-match': etag })
    expect([refused.status, refused.headers.get('cache-control')]).toEqual([401, 'no-store'])
  })

  it('is kept by caches if everybody may see it', async () => {
    for (const config of [{}, { tokens, publicImages: true }]) {
      const shown = await createClient(config)(path, { authorization })
      expect(shown.headers.get('cache-control')).toBe('public, max-age=86400')
    }
  })

  it('is kept by caches as long as its signature is valid', async () => {
    const get = createClient({ signingKeys: { main: secret } })
    const forever = await get(signUrl(path, { key: 'main', secret }))
    expect(forever.headers.get('cache-control')).toBe('public, max-age=86400')
    const expires = new Date(Date.now() + 3_600_000)
    const hour = await get(signUrl(path, { key: 'main', secret, expires }))
    expect(hour.status).toBe(200)
    const [, seconds] = /^public, max-age=(\d+)$/.exec(hour.headers.get('cache-control') ?? '') ?? []
    expect(Number(seconds)).toBeGreaterThan(0)
    expect(Number(seconds)).toBeLessThanOrEqual(3600)
  })

  it('has the same bytes and validator with and without a signature', async () => {
    const get = createClient({ signingKeys: { main: secret }, signatures: 'optional' })
    const [plain, signed] = [await get(path), await get(signUrl(path, { key: 'main', secret }))]
    expect(signed.headers.get('etag')).toBe(plain.headers.get('etag'))
    expect(Buffer.from(await signed.arrayBuffer()).equals(Buffer.from(await plain.arrayBuffer()))).toBe(true)
  })

  it('is not revealed by a refusal: a file that does not exist is refused alike', async () => {
    const get = createClient({ tokens })
    const [there, missing] = [await get(path), await get('/photos/missing.jpg?thumbnail=20')]
    expect(await missing.text()).toBe(await there.text())
    expect(missing.status).toBe(there.status)
  })
})
