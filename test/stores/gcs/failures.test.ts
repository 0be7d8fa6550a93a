import { writeFile } from 'node:fs/promises'
import { inspect } from 'node:util'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { createGcsStore } from '../../../src/stores/gcs/store.js'
import { refs } from '../contract.js'
import { makeProject } from '../../support/project.js'
import { sendError, type Intercept } from './json-api.js'
import { BUCKET, useGcs } from './setup.js'

const REF = `gs://${BUCKET}/a.jpg`
const DATA = Buffer.alloc(200_000, 'imgproc')
const IMAGE = { contentType: 'image/jpeg' }

const gcs = useGcs()
afterEach(() => {
  gcs.server.intercept = undefined
  gcs.server.buckets.get(BUCKET)?.clear()
})

/** Lets the server answer otherwise. Requests are counted from 1. */
function intercept(answer: Intercept): void {
  const before = gcs.server.seen.length
  gcs.server.intercept = (response, request, count) => answer(response, request, count - before)
}

describe('the Google Cloud Storage store with temporary failures', () => {
  it('reads again after 503, 429 and a limit of requests, and if a body broke off', async () => {
    // The SDK does not tell that a body broke off.
    const store = createGcsStore({ idleTimeout: 1 })
    await store.write(REF, DATA, IMAGE)
    intercept((response, _, count) => {
      if (count === 1) sendError(response, 503, 'backendError', 'Try again.')
      else if (count === 2) sendError(response, 429, 'rateLimitExceeded', 'Too many.')
      else if (count === 3)
        response
          .writeHead(200, { 'content-length': DATA.length })
          .write(DATA.subarray(0, 10), () => response.destroy())
      return count <= 3
    })
    expect(Buffer.compare(await store.read(REF), DATA)).toBe(0)
  })

  it('reads again if the server sends nothing, and fails after its attempts', async () => {
    const store = createGcsStore({ attempts: 2, idleTimeout: 0.2 })
    await store.write(REF, DATA, IMAGE)
    intercept((_, __, count) => count === 1)
    expect(await store.read(REF)).toHaveLength(DATA.length)
    intercept((response) => {
      sendError(response, 503, 'backendError', 'Try again.')
      return true
    })
    await expect(store.read(REF)).rejects.toMatchObject({ code: 'READ_FAILED', retryable: true })
  })

  it('refuses bytes that differ from their checksum', async () => {
    const store = createGcsStore({ attempts: 1 })
    await store.write(REF, DATA, IMAGE)
    intercept((response) => {
      const headers = {
        'content-length': 3,
        'x-goog-hash': 'crc32c=AAAAAA==',
        'x-goog-stored-content-encoding': 'identity',
      }
      response.writeHead(200, headers).end('abc')
      return true
    })
    await expect(store.read(REF)).rejects.toMatchObject({ code: 'READ_FAILED' })
  })

  it('sends the same bytes again, and recognizes its own write if the answer was lost', async () => {
    const store = createGcsStore()
    intercept((response, request, count) => {
      if (count !== 1 || request.method !== 'POST') return false
      gcs.server.buckets.get(BUCKET)?.set('a.jpg', {
        name: 'a.jpg',
        data: DATA,
        generation: '1',
        updated: '2026-01-02T03:04:05Z',
        metadata: {},
      })
      response.destroy()
      return true
    })
    expect(await store.write(REF, DATA, { ...IMAGE, ifAbsent: true })).toMatchObject({
      ref: REF,
      size: DATA.length,
    })
    await expect(store.write(REF, Buffer.from('other'), { ...IMAGE, ifAbsent: true })).rejects.toMatchObject({
      code: 'OUTPUT_COLLISION',
    })
  })

  it('throws ABORTED during a body and during a delay', async () => {
    const store = createGcsStore()
    intercept((response, { url }) => {
      if (url.pathname.includes('slow')) response.writeHead(503, { 'retry-after': '20' }).end()
      else response.writeHead(200, { 'content-length': DATA.length }).write(DATA.subarray(0, 10))
      return true
    })
    for (const name of ['stuck', 'slow']) {
      const signal = AbortSignal.timeout(200)
      await expect(store.read(`gs://${BUCKET}/${name}`, { signal }), name).rejects.toMatchObject({
        code: 'ABORTED',
      })
    }
  })
})

describe('a failure of the Google Cloud Storage store', () => {
  it.each([
    [403, 'forbidden', 'ACCESS_DENIED', /Allow storage\.objects\.get on the object/],
    [401, 'authError', 'INVALID_CREDENTIALS', /does not accept the credentials\. Sign in with `gcloud/],
    [401, 'required', 'INVALID_CREDENTIALS', /no credentials were found\. Sign in with `gcloud/],
    [400, 'required', 'INVALID_CONFIG', /whoever reads the bucket pays/],
  ])('of status %s and reason %s is %s', async (status, reason, code, message) => {
    intercept((response) => {
      sendError(
        response,
        status,
        reason,
        reason === 'required' && status === 400
          ? 'Bucket is a requester pays bucket but no user project provided.'
          : reason === 'required'
            ? 'Anonymous caller does not have storage.objects.get access.'
            : 'Told by the server',
      )
      return true
    })
    const store = createGcsStore({ attempts: 1 })
    const error: unknown = await store.read(REF).catch((caught: unknown) => caught)
    expect(error).toMatchObject({ code, retryable: false })
    expect(String(error)).toMatch(message)
    await expect(refs(store, `gs://${BUCKET}/**`)).rejects.toMatchObject({ code })
  })

  it('names the ways to sign in if the file of the credentials is wrong, without its content', async () => {
    const project = await makeProject()
    vi.stubEnv('STORAGE_EMULATOR_HOST', undefined)
    vi.stubEnv('HOME', project.path)
    vi.stubEnv('CLOUDSDK_CONFIG', project.path)
    vi.stubEnv('GOOGLE_APPLICATION_CREDENTIALS', undefined)
    await writeFile(project.at('key.json'), '{ "private_key": "very-secret" ')
    const wrong = []
    for (const file of ['missing.json', 'key.json']) {
      vi.stubEnv('GOOGLE_APPLICATION_CREDENTIALS', project.at(file))
      wrong.push(
        await createGcsStore()
          .read(REF)
          .catch((caught: unknown) => caught),
      )
    }
    vi.stubEnv('STORAGE_EMULATOR_HOST', gcs.server.endpoint)
    for (const error of wrong)
      expect(error).toMatchObject({
        code: 'INVALID_CREDENTIALS',
        message: expect.stringContaining('no credentials were found'),
      })
    expect(inspect(wrong, { depth: 9 })).not.toContain('very-secret')
  })

  it('without an answer names the settings to check', async () => {
    const store = createGcsStore({ endpoint: 'http://127.0.0.1:1', attempts: 1 })
    await expect(store.read(REF)).rejects.toThrow(/no server answers there\. Check the endpoint/)
    await expect(createGcsStore({ endpoint: 'host:1' }).read(REF)).rejects.toMatchObject({
      code: 'INVALID_CONFIG',
    })
  })
})
