import { describe, expect, it } from 'vitest'
import { startSweeper } from '../../../src/http/expiry/sweeper.js'
import { sweepExpired } from '../../../src/http/expiry/sweep-expired.js'
import { createStoredRecords } from '../../../src/http/records/stored-records.js'
import { createMemoryStore } from '../../../src/stores/memory.js'
import { makeRecord } from '../records/contract.js'
import { createFileStore } from '../../../src/stores/file/store.js'
import type { ImgprocError } from '../../../src/errors.js'
import { makeHandler, readFixture } from '../make-handler.js'
import { openImages, partsOf } from '../open-images.js'

describe('an upload with a ttl', () => {
  it('is gone with 410 when its time is over, and is not listed', async () => {
    // Its sweeper is not started: it would remove the image, which then is unknown.
    const { images } = await openImages()
    const caller = { token: undefined }
    const [image] = await images.upload(partsOf(await readFixture('photos/grey.jpg'), { ttl: '1' }), caller)
    const id = image?.id ?? ''
    const find = () => images.find(id, caller).then(String, (error: ImgprocError) => error.code)
    await expect.poll(find).toBe('EXPIRED')
    const gone = { code: 'EXPIRED', status: 410 }
    await expect(images.readOriginal(id, caller)).rejects.toMatchObject(gone)
    await expect(images.remove(id, caller)).rejects.toMatchObject(gone)
    expect((await images.list({ limit: 9 }, caller)).records).toEqual([])
    await images.stop()
  })

  it('is removed by a server that starts later', async () => {
    const server = await makeHandler()
    const image = await server.upload('photos/grey.jpg', 'preset=thumb&ttl=60')
    await server.close()
    const records = createStoredRecords(createFileStore({ cwd: '.' }), server.project.at('data'))
    await records.update(image.id, (record) => ({ ...record, expiresAt: image.createdAt }))
    const next = await makeHandler({}, server.project)
    await next.send('/healthz')
    await expect.poll(() => server.project.files('data')).toEqual([])
    expect((await next.send(`/v1/images/${image.id}`)).status).toBe(404)
  })

  it('lives no longer than the config allows', async () => {
    const server = await makeHandler({ uploads: { ttl: 600 } })
    for (const [query, seconds] of [
      ['', 600],
      ['ttl=60', 60],
      ['ttl=10d', 600],
    ] as const) {
      const { createdAt, expiresAt = '' } = await server.upload('photos/grey.jpg', query)
      expect((Date.parse(expiresAt) - Date.parse(createdAt)) / 1000).toBe(seconds)
    }
  })
})

describe('an upload that is deleted after its download', () => {
  it('is gone when a download was taken whole, not by HEAD, a part or one that was broken off', async () => {
    const server = await makeHandler()
    const { id } = await server.upload('photos/grey.jpg', 'preset=thumb&deleteAfterDownload=true')
    const path = `/v1/images/${id}/download?preset=thumb`
    await server.send(path, { method: 'HEAD' })
    await (await server.send(path, { headers: { range: 'bytes=0-9' } })).arrayBuffer()
    await (await server.send(path)).body?.cancel()
    const response = await server.send(path)
    expect(response.status).toBe(200)
    expect((await response.arrayBuffer()).byteLength).toBeGreaterThan(100)
    // 404 when the sweeper has been there.
    await expect.poll(async () => [404, 410].includes((await server.send(path)).status)).toBe(true)
  })
})

describe('sweepExpired', () => {
  it('removes all that have expired, in more than one batch, and reads no others', async () => {
    const store = createMemoryStore()
    const records = createStoredRecords(store, 'memory://data')
    const past = new Date(Date.now() - 1000).toISOString()
    const future = new Date(Date.now() + 1e6).toISOString()
    for (let count = 0; count < 230; count++) {
      await records.create(makeRecord({ expiresAt: count % 23 === 0 ? future : past }))
    }
    const removed: string[] = []
    const remove = async (id: string) => {
      removed.push(id)
      await records.remove(id)
    }
    await sweepExpired(records, remove, new Date())
    expect(new Set(removed).size).toBe(220)
    expect((await records.list({ limit: 300 })).records.map(({ expiresAt }) => expiresAt)).toEqual(
      Array.from({ length: 10 }, () => future),
    )
  })
})

describe('startSweeper', () => {
  it('sweeps at once and again, also after a failure, and not after it was stopped', async () => {
    let sweeps = 0
    const errors: unknown[] = []
    const sweeper = startSweeper({
      seconds: 0.001,
      onError: (error) => errors.push(error),
      sweep: async () => {
        sweeps++
        if (sweeps === 1) throw new Error('busy')
      },
    })
    await expect.poll(() => sweeps).toBeGreaterThan(2)
    await sweeper.stop()
    const count = sweeps
    await new Promise((resolve) => setTimeout(resolve, 20))
    expect([sweeps, errors]).toEqual([count, [new Error('busy')]])
  })
})
