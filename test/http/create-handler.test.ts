import { describe, expect, it } from 'vitest'
import { createHandler } from '../../src/http/create-handler.js'

const get = (path: string, init?: RequestInit) => new Request(`http://localhost${path}`, init)

describe('createHandler', () => {
  it('answers that it is alive', async () => {
    const response = await createHandler().fetch(get('/healthz'))
    expect(response.status).toBe(200)
    expect(await response.json()).toEqual({ status: 'ok' })
  })

  it('answers a path without a route with 404 as problem+json', async () => {
    const response = await createHandler().fetch(get('/nothing/here'))
    expect(response.headers.get('content-type')).toBe('application/problem+json')
    expect(await response.json()).toMatchObject({ status: 404, title: 'Not Found', code: 'INPUT_NOT_FOUND' })
    expect(response.status).toBe(404)
  })

  it('answers another method with 405 and those that are allowed', async () => {
    const response = await createHandler().fetch(get('/healthz', { method: 'DELETE' }))
    expect(response.status).toBe(405)
    expect(response.headers.get('allow')).toBe('GET, HEAD')
    expect(await response.json()).toMatchObject({ status: 405, code: 'METHOD_NOT_ALLOWED' })
  })

  it('refuses requests with 503 and Retry-After after it was closed', async () => {
    const handler = createHandler()
    await handler.close()
    const response = await handler.fetch(get('/healthz'))
    expect(response.status).toBe(503)
    expect(response.headers.get('retry-after')).toBe('1')
    expect(await response.json()).toMatchObject({ code: 'OVERLOADED' })
  })

  it('reports all mistakes in its options', () => {
    const options = { queue: -1, sources: { v1: './photos' } }
    expect(() => createHandler(options)).toThrow(
      expect.objectContaining({
        code: 'INVALID_CONFIG',
        message: expect.stringMatching(/v1.*queue|queue.*v1/s),
      }),
    )
  })

  it('reports a wrong operation of a preset', () => {
    const presets = { card: { ops: [{ blurr: 2 }] } }
    // @ts-expect-error no operation of this name
    expect(() => createHandler({ presets })).toThrow(/presets\.card\.ops\[0\].*blurr/)
  })
})
