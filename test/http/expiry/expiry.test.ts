import { describe, expect, it } from 'vitest'
import { startSweeper } from '../../../src/http/expiry/sweeper.js'
import { sweepExpired } from '../../../src/http/expiry/sweep-expired.js'
import { createStoredRecords } from '../../../src/http/records/stored-records.js'
import { createMemoryStore } from '../../../src/stores/memory.js'
import { makeRecord } from '../records/contract.js'
import { type ImageJson, jsonOf, makeHandler } from '../make-handler.js'

describe('an upload with a ttl', () => {
  it('is gone with 410 when its time is over, is not listed, and is removed by the next server', async () => {
    const server = await makeHandler()
    const image = await server.upload('photos/grey.jpg', 'preset=thumb&ttl=1')
    await expect.poll(async () => (await server.send(`/v1/images/${image.id}`)).status).toBe(410)
    for (const path of ['', '/download', '.jpg']) {
      const response = await server.send(`/v1/images/${image.id}${path}`)
      expect(response.status, path).toBe(410)
      expect(await jsonOf(response)).toMatchObject({ code: 'EXPIRED' })
    }
    const { images } = await jsonOf<{ images: ImageJson[] }>(await server.send('/v1/images'))
    expect(images).toEqual([])
    await server.close()
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
    await expect.poll(async () => (await server.send(path)).status).toBe(410)
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
