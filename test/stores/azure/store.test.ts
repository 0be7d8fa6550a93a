import { describe, expect, it, vi } from 'vitest'
import { createAzureStore } from '../../../src/stores/azure/store.js'
import { findNameProblem } from '../../../src/stores/azure/uri.js'
import { describeKeyedStore, refs } from '../contract.js'
import { ACCOUNT, KEY, useAzurite } from './setup.js'

const IMAGE = { contentType: 'image/webp' }

const server = useAzurite()

describeKeyedStore('Azure Blob (Azurite)', () => server.setup(), {
  refuses: (key) => findNameProblem(key) !== undefined,
})

describe('the Azure store', () => {
  it('writes the media type, the configured headers of images, and no-cache for other files', async () => {
    const { ref, cleanup } = await server.setup()
    const store = createAzureStore({
      cacheControl: 'public, max-age=60',
      metadata: { album: 'rome' },
      accessTier: 'Cool',
    })
    await store.write(ref('a.webp'), Buffer.from('abc'), IMAGE)
    await store.write(ref('m.json'), Buffer.from('{}'), { contentType: 'application/json' })
    const image = await server.container.getBlobClient('a.webp').getProperties()
    expect(image).toMatchObject({
      contentType: 'image/webp',
      cacheControl: 'public, max-age=60',
      metadata: { album: 'rome' },
      accessTier: 'Cool',
    })
    const other = await server.container.getBlobClient('m.json').getProperties()
    expect(other).toMatchObject({ contentType: 'application/json', cacheControl: 'no-cache', metadata: {} })
    await cleanup()
  })

  it('never overwrites images with ifNoneMatch, and other files always', async () => {
    const { ref, cleanup } = await server.setup()
    const store = createAzureStore({ ifNoneMatch: true })
    await store.write(ref('a.webp'), Buffer.from('one'), IMAGE)
    const again = store.write(ref('a.webp'), Buffer.from('two'), IMAGE)
    await expect(again).rejects.toMatchObject({ code: 'OUTPUT_COLLISION', retryable: false })
    expect(Buffer.from(await store.read(ref('a.webp'))).toString()).toBe('one')
    for (const text of ['1', '2'])
      await store.write(ref('m.json'), Buffer.from(text), { contentType: 'application/json' })
    await cleanup()
  })

  it('lists pages in the order of UTF-8, where that of UTF-16 is another', async () => {
    const { store, ref, cleanup } = await server.setup()
    const names = [
      'p/\uff08a.bin',
      'p/\u{1f4f7}a.bin',
      'p/\ufb01.bin',
      'p/z.bin',
      'p0/x.bin',
      'p/\u{1f4f7}/b.bin',
    ]
    for (const name of names) await store.write(ref(name), Buffer.from(name), IMAGE)
    const inOrder = async (after?: string, limit?: number) => {
      const found: string[] = []
      for await (const source of store.listInOrder(ref('p'), { after, limit })) found.push(source.ref)
      return found
    }
    const expected = names
      .filter((name) => name.startsWith('p/'))
      .toSorted((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)))
      .map(ref)
    expect(await inOrder()).toEqual(expected)
    for (const [index, after] of expected.entries())
      expect(await inOrder(after, 2)).toEqual(expected.slice(index + 1, index + 3))
    await cleanup()
  })

  it('refuses a URL without a valid container, and a container without a name', async () => {
    const store = createAzureStore()
    const wrong = { code: 'INVALID_USAGE' }
    for (const ref of [
      'az://',
      'az:///a.jpg',
      'az://*/a.jpg',
      'az://A/c.jpg',
      'az://a--b/c.jpg',
      'az://a.b/c.jpg',
    ]) {
      await expect(refs(store, ref), ref).rejects.toMatchObject(wrong)
      await expect(store.read(ref), ref).rejects.toMatchObject(wrong)
    }
    await expect(store.read('az://photos')).rejects.toThrow(/is a container.*az:\/\/photos\/name\.jpg/)
    await expect(store.write('az://photos/', Buffer.from('a'), IMAGE)).rejects.toMatchObject(wrong)
  })

  it('reports a missing container unlike a missing blob', async () => {
    const store = createAzureStore()
    const missing = { code: 'INPUT_NOT_FOUND', retryable: false }
    await expect(store.read('az://no-such/a.jpg')).rejects.toThrow(/no container "no-such"/)
    await expect(store.locate('az://no-such/a.jpg')).rejects.toMatchObject(missing)
    await expect(refs(store, 'az://no-such/**')).rejects.toMatchObject(missing)
    await expect(store.write('az://no-such/a.jpg', Buffer.from('a'), IMAGE)).rejects.toMatchObject({
      code: 'WRITE_FAILED',
      retryable: false,
    })
  })

  it('denies access with a wrong key, which no message tells', async () => {
    const { ref } = await server.setup()
    vi.stubEnv('AZURE_STORAGE_CONNECTION_STRING', '')
    vi.stubEnv('AZURE_STORAGE_ACCOUNT', ACCOUNT)
    vi.stubEnv('AZURE_STORAGE_KEY', KEY.replace('Eby8', 'AAAA'))
    const store = createAzureStore({ endpoint: server.azurite.endpoint })
    const error: unknown = await store.read(ref('a.jpg')).catch((reason: unknown) => reason)
    // Azurite answers AuthorizationFailure; Azure itself AuthenticationFailed.
    expect(error).toMatchObject({ code: 'ACCESS_DENIED', retryable: false })
    expect(JSON.stringify(error) + String(Reflect.get(Object(error), 'cause'))).not.toMatch(
      /AAAAvdM|Signature=|sig=/,
    )
    vi.stubEnv('AZURE_STORAGE_KEY', '')
    vi.stubEnv('AZURE_STORAGE_ACCOUNT', '')
    vi.stubEnv('AZURE_STORAGE_CONNECTION_STRING', server.azurite.connectionString)
  })
})
