import { describe, expect, it } from 'vitest'
import { createGcsStore } from '../../../src/stores/gcs/store.js'
import { findNameProblem } from '../../../src/stores/gcs/uri.js'
import { describeKeyedStore, refs } from '../contract.js'
import { BUCKET, useGcs } from './setup.js'

const IMAGE = { contentType: 'image/webp' }

const gcs = useGcs()

describeKeyedStore('Google Cloud Storage (its JSON API)', () => gcs.setup(), {
  refuses: (key) => findNameProblem(key) !== undefined,
})

describe('the Google Cloud Storage store', () => {
  it('writes the media type, the configured properties of images, and no-cache for other files', async () => {
    const { ref, cleanup } = await gcs.setup()
    const store = createGcsStore({
      cacheControl: 'public, max-age=60',
      metadata: { album: 'rome' },
      storageClass: 'NEARLINE',
      kmsKeyName: 'projects/p/locations/l/keyRings/r/cryptoKeys/k',
    })
    await store.write(ref('a.webp'), Buffer.from('abc'), IMAGE)
    await store.write(ref('m.json'), Buffer.from('{}'), { contentType: 'application/json' })
    const stored = (name: string) => gcs.server.buckets.get(BUCKET)?.get(name)?.metadata
    expect(stored('a.webp')).toMatchObject({
      contentType: 'image/webp',
      cacheControl: 'public, max-age=60',
      metadata: { album: 'rome' },
      storageClass: 'NEARLINE',
    })
    expect(stored('m.json')).toMatchObject({ contentType: 'application/json', cacheControl: 'no-cache' })
    expect(stored('m.json')).not.toHaveProperty('storageClass')
    const uploads = gcs.server.seen.filter(({ method }) => method === 'POST').slice(-2)
    expect(uploads.map(({ url }) => url.searchParams.get('kmsKeyName'))).toEqual(
      Array(2).fill('projects/p/locations/l/keyRings/r/cryptoKeys/k'),
    )
    await cleanup()
  })

  it('never overwrites images with ifNoneMatch, and other files always', async () => {
    const { ref, cleanup } = await gcs.setup()
    const store = createGcsStore({ ifNoneMatch: true })
    await store.write(ref('a.webp'), Buffer.from('one'), IMAGE)
    const again = store.write(ref('a.webp'), Buffer.from('two'), IMAGE)
    await expect(again).rejects.toMatchObject({ code: 'OUTPUT_COLLISION', retryable: false })
    for (const text of ['1', '2'])
      await store.write(ref('m.json'), Buffer.from(text), { contentType: 'application/json' })
    await cleanup()
  })

  it('lists 2,500 objects in three pages, and only those that are consumed', async () => {
    const { store, ref, cleanup } = await gcs.setup()
    const objects = gcs.server.buckets.get(BUCKET)
    const name = (index: number) => `p/${String(index).padStart(4, '0')}.jpg`
    for (let index = 0; index < 2500; index++) {
      const data = Buffer.from('a')
      objects?.set(name(index), {
        name: name(index),
        data,
        generation: '1',
        updated: '2026-01-02T03:04:05Z',
        metadata: {},
      })
    }
    const lists = () => gcs.server.seen.filter(({ url }) => url.pathname.endsWith('/o')).length
    const before = lists()
    expect(await refs(store, ref('p/**'))).toHaveLength(2500)
    const whole = lists() - before
    const found: string[] = []
    for await (const source of store.listInOrder(ref('p'), { after: ref(name(1200)), limit: 3 }))
      found.push(source.ref)
    expect(found).toEqual([1201, 1202, 1203].map((index) => ref(name(index))))
    // The first look at the folder is a list as well.
    expect(whole).toBeLessThanOrEqual(4)
    expect(lists() - before - whole).toBe(1)
    await cleanup()
  })

  it('bills the project of the config', async () => {
    const { ref, cleanup } = await gcs.setup()
    const store = createGcsStore({ buckets: { [BUCKET]: { project: 'payer' } } })
    await store.write(ref('a.webp'), Buffer.from('a'), IMAGE)
    await store.read(ref('a.webp'))
    await refs(store, ref('**'))
    expect(gcs.server.seen.slice(-3).map(({ url }) => url.searchParams.get('userProject'))).toEqual(
      Array(3).fill('payer'),
    )
    await cleanup()
  })

  it('refuses a URL without a valid bucket, and a bucket without a name', async () => {
    const store = createGcsStore()
    const wrong = { code: 'INVALID_USAGE' }
    for (const ref of ['gs://', 'gs:///a.jpg', 'gs://*/a.jpg', 'gs://A b/c.jpg']) {
      await expect(refs(store, ref), ref).rejects.toMatchObject(wrong)
      await expect(store.read(ref), ref).rejects.toMatchObject(wrong)
    }
    await expect(store.read('gs://photos')).rejects.toThrow(/is a bucket.*gs:\/\/photos\/name\.jpg/)
    await expect(store.write('gs://photos/', Buffer.from('a'), IMAGE)).rejects.toMatchObject(wrong)
  })

  it('reports a missing bucket unlike a missing object', async () => {
    const store = createGcsStore()
    const missing = { code: 'INPUT_NOT_FOUND', retryable: false }
    await expect(store.read('gs://no-such/a.jpg')).rejects.toThrow(/no bucket "no-such"/)
    await expect(store.locate('gs://no-such/a.jpg')).rejects.toMatchObject(missing)
    await expect(refs(store, 'gs://no-such/**')).rejects.toMatchObject(missing)
    await expect(store.write('gs://no-such/a.jpg', Buffer.from('a'), IMAGE)).rejects.toMatchObject({
      code: 'WRITE_FAILED',
      retryable: false,
    })
  })
})
