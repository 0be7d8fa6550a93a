import { inspect } from 'node:util'
import type { ServerResponse } from 'node:http'
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest'
import { createAzureStore } from '../../../src/stores/azure/store.js'
import { type FakeS3, startFakeS3 } from '../s3/fake.js'
import { ACCOUNT, clearAzureVariables, KEY } from './setup.js'

const REF = 'az://photos/a.jpg'
const DATA = Buffer.alloc(200_000, 'imgproc')
const IMAGE = { contentType: 'image/jpeg' }

let fake: FakeS3 | undefined

beforeAll(() => {
  clearAzureVariables()
  vi.stubEnv('AZURE_STORAGE_ACCOUNT', ACCOUNT)
  vi.stubEnv('AZURE_STORAGE_KEY', KEY)
})
afterEach(async () => {
  await fake?.stop()
  fake = undefined
})
afterAll(() => {
  vi.unstubAllEnvs()
})

/** Creates a store over a server with the given answers; returns it with the recorded requests. */
async function storeOf(answer: Parameters<typeof startFakeS3>[0], options = {}) {
  fake = await startFakeS3(answer)
  return { store: createAzureStore({ endpoint: `${fake.endpoint}/${ACCOUNT}`, ...options }), seen: fake.seen }
}

function sendError(response: ServerResponse, status: number, code: string): void {
  const body = `<?xml version="1.0"?><Error><Code>${code}</Code><Message>Told by the server\nSignature=abc</Message></Error>`
  response.writeHead(status, { 'content-type': 'application/xml', 'x-ms-error-code': code }).end(body)
}

function sendData(response: ServerResponse): void {
  response.writeHead(200, { 'content-length': DATA.length, etag: '"e"' }).end(DATA)
}

describe('the Azure store with temporary failures', () => {
  it('reads again after 503, 500 and a body that broke off', async () => {
    const { store, seen } = await storeOf((response, _, count) => {
      if (count === 1) sendError(response, 503, 'ServerBusy')
      else if (count === 2) sendError(response, 500, 'InternalError')
      else if (count === 3)
        response
          .writeHead(200, { 'content-length': DATA.length, etag: '"e"' })
          .write(DATA.subarray(0, 10), () => response.destroy())
      else sendData(response)
    })
    expect(Buffer.compare(await store.read(REF), DATA)).toBe(0)
    expect(seen).toHaveLength(4)
  })

  it('sends the same bytes with each attempt of a write', async () => {
    const { store, seen } = await storeOf((response, _, count) => {
      if (count === 1) response.destroy()
      else if (count === 2) sendError(response, 503, 'ServerBusy')
      else response.writeHead(201, { etag: '"e"' }).end()
    })
    expect(await store.write(REF, DATA, IMAGE)).toEqual({ ref: REF, size: DATA.length, etag: 'e' })
    expect(seen.map(({ body }) => body.length)).toEqual(Array(3).fill(DATA.length))
  })

  it('ends an attempt without an answer, and throws ABORTED during a body and a delay', async () => {
    const { store, seen } = await storeOf(
      (response, { path }, count) => {
        if (path.includes('slow')) response.writeHead(503, { 'retry-after': '20' }).end()
        else if (path.includes('stuck'))
          response.writeHead(200, { 'content-length': DATA.length, etag: '"e"' }).write('abc')
        else if (count > 1) sendData(response)
      },
      { idleTimeout: 0.5 },
    )
    expect(await store.read(REF)).toHaveLength(DATA.length)
    expect(seen).toHaveLength(2)
    for (const name of ['stuck', 'slow']) {
      const signal = AbortSignal.timeout(200)
      await expect(store.read(`az://photos/${name}`, { signal }), name).rejects.toMatchObject({
        code: 'ABORTED',
      })
    }
  })
})

describe('a failure of the Azure store', () => {
  it.each([
    [403, 'AuthenticationFailed', 'INVALID_CREDENTIALS', /the account refuses the credentials/],
    [403, 'AuthorizationPermissionMismatch', 'ACCESS_DENIED', /role Storage Blob Data Reader/],
    [
      401,
      'NoAuthenticationInformation',
      'INVALID_CREDENTIALS',
      /no credentials were found\. Set AZURE_STORAGE/,
    ],
    [409, 'BlobArchived', 'READ_FAILED', /is archived/],
    [404, 'ContainerNotFound', 'INPUT_NOT_FOUND', /there is no container "photos"/],
  ])('of status %s and code %s is %s, without secrets', async (status, name, code, message) => {
    const { store } = await storeOf((response) => sendError(response, status, name))
    const error: unknown = await store.read(REF).catch((caught: unknown) => caught)
    expect(error).toMatchObject({ code, retryable: false })
    expect(String(error)).toMatch(message)
    expect(inspect(error, { depth: 9 })).not.toMatch(/Signature|SharedKey|Eby8vdM/)
  })

  it('says what is wrong with the variables, without their values', async () => {
    const read = async (options = {}) =>
      createAzureStore(options)
        .read(REF)
        .catch((caught: unknown) => caught)
    vi.stubEnv('AZURE_STORAGE_CONNECTION_STRING', 'AccountKey=very-secret')
    const string = await read()
    vi.stubEnv('AZURE_STORAGE_CONNECTION_STRING', '')
    vi.stubEnv('AZURE_STORAGE_KEY', 'very secret')
    const key = await read()
    vi.stubEnv('AZURE_STORAGE_ACCOUNT', '')
    const account = await read()
    const endpoint = await read({ endpoint: 'https://host/?sig=very-secret' })
    for (const error of [string, key, account, endpoint])
      expect(error).toMatchObject({ code: 'INVALID_CONFIG' })
    expect(inspect([string, key, account, endpoint], { depth: 9 })).not.toMatch(/very.secret/)
    vi.stubEnv('AZURE_STORAGE_ACCOUNT', ACCOUNT)
    vi.stubEnv('AZURE_STORAGE_KEY', KEY)
  })

  it('sends a signature of the environment to its own account only', async () => {
    vi.stubEnv('AZURE_STORAGE_KEY', '')
    vi.stubEnv('AZURE_STORAGE_SAS_TOKEN', '?sv=1&sig=very-secret')
    const { store, seen } = await storeOf(sendData, {
      containers: { other: { account: 'another', endpoint: 'http://127.0.0.1:1' } },
    })
    await store.read(REF)
    expect(seen[0]?.path).toContain('sig=very-secret')
    // Entra ID takes its place, which sends no token over HTTP.
    const error: unknown = await store.read('az://other/a.jpg').catch((caught: unknown) => caught)
    expect(inspect(error, { depth: 9 })).not.toContain('very-secret')
    expect(seen).toHaveLength(1)
    vi.stubEnv('AZURE_STORAGE_SAS_TOKEN', '')
    vi.stubEnv('AZURE_STORAGE_KEY', KEY)
  })
})

describe('a list in order of the Azure store', () => {
  const EMPTY = '<?xml version="1.0"?><EnumerationResults><Blobs /><NextMarker /></EnumerationResults>'
  const sendPage = (response: ServerResponse) =>
    response.writeHead(200, { 'content-type': 'application/xml' }).end(EMPTY)
  const listTwice = async (store: ReturnType<typeof createAzureStore>) => {
    for (const _ of [1, 2])
      for await (const { ref } of store.listInOrder('az://photos/a')) expect.unreachable(ref)
  }
  const asksOf = (seen: FakeS3['seen']) => seen.filter(({ path }) => path.includes('restype=account')).length

  it.each([
    ['is known', 200],
    ['may not be asked for', 403],
  ])('asks once for the kind of the account, if it %s', async (_, status) => {
    const { store, seen } = await storeOf((response, { path }) => {
      if (!path.includes('restype=account')) sendPage(response)
      else if (status === 200) response.writeHead(200, { 'x-ms-is-hns-enabled': 'false' }).end()
      else sendError(response, status, 'AuthorizationPermissionMismatch')
    })
    await listTwice(store)
    expect(asksOf(seen)).toBe(1)
    expect(seen).toHaveLength(3)
  })

  it('asks again if there was no answer', async () => {
    const { store, seen } = await storeOf(
      (response, { path }) => {
        if (path.includes('restype=account')) sendError(response, 500, 'InternalError')
        else sendPage(response)
      },
      { attempts: 1 },
    )
    await listTwice(store)
    expect(asksOf(seen)).toBe(2)
  })
})
