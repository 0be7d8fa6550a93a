import { randomUUID } from 'node:crypto'
import { describe, expect, it, vi } from 'vitest'
import { createStoredRecords } from '../../../src/http/records/stored-records.js'
import { createFileStore } from '../../../src/stores/file/store.js'
import { createMemoryStore } from '../../../src/stores/memory.js'
import { makeTempFolder } from '../../stores/temp-folder.js'
import { CLOUDS } from '../../support/clouds.js'
import { describeRecords, makeRecord } from './contract.js'

describeRecords('in memory', async () => {
  const store = createMemoryStore()
  const reopen = async () => createStoredRecords(store, 'memory://data')
  return { records: await reopen(), reopen, end: async () => {}, cleanup: async () => {} }
})

describeRecords('on disk', async () => {
  const folder = await makeTempFolder()
  const reopen = async () => createStoredRecords(createFileStore({ cwd: folder.path }), folder.path)
  return { records: await reopen(), reopen, end: async () => {}, cleanup: () => folder.remove() }
})

describe.each(CLOUDS)('on %s', (name, useCloud) => {
  const cloud = useCloud()
  describeRecords(`on ${name}`, async () => {
    const { store, ref, cleanup } = await cloud.setup()
    const root = ref(randomUUID())
    const reopen = async () => createStoredRecords(store, root)
    return { records: await reopen(), reopen, end: async () => {}, cleanup }
  })
})

describe('stored records', () => {
  it('read a page without reading or listing the rest', async () => {
    const store = createMemoryStore()
    const records = createStoredRecords(store, 'memory://data')
    for (let count = 0; count < 200; count++) await records.create(makeRecord())
    const read = vi.spyOn(store, 'read')
    const list = vi.spyOn(store, 'listInOrder')
    const { next } = await records.list({ limit: 10 })
    await records.list({ limit: 10, after: next })
    expect(read).toHaveBeenCalledTimes(20)
    expect(list.mock.calls.map(([, options]) => options?.limit)).toEqual([11, 11])
  })

  it('list the others although one was damaged, and report that one', async () => {
    const store = createMemoryStore()
    const records = createStoredRecords(store, 'memory://data')
    const made = [makeRecord(), makeRecord(), makeRecord()]
    for (const record of made) await records.create(record)
    const [, second] = [...made]
    for await (const { ref } of store.list('memory://data/records')) {
      const text = Buffer.from(await store.read(ref)).toString()
      if (text.includes(second?.id ?? '')) {
        await store.write(ref, Buffer.from(text.slice(0, 20)), { contentType: 'application/json' })
      }
    }
    const { records: listed } = await records.list({ limit: 10 })
    expect(listed.map(({ id }) => id)).toEqual([made[2]?.id, made[0]?.id])
    await expect(records.get(second?.id ?? '')).rejects.toMatchObject({ code: 'READ_FAILED' })
  })
})
