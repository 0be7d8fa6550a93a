import { readFile } from 'node:fs/promises'
import { describe, expect, it } from 'vitest'
import { createImageFiles } from '../../../src/http/uploads/image-files.js'
import { createStoredRecords } from '../../../src/http/records/stored-records.js'
import { recoverUnfinished, removeAbandoned } from '../../../src/http/uploads/recover.js'
import { createWorkQueue } from '../../../src/http/uploads/work-queue.js'
import { createFileStore } from '../../../src/stores/file/store.js'
import { makeProject } from '../../support/project.js'
import { makeRecord } from '../records/contract.js'
import { jsonOf, makeHandler, readFixture } from '../make-handler.js'

const HOUR = 3_600_000

/** Returns the name of a record's file: the digits of its id, each subtracted from 15. */
function nameOf(id: string): string {
  return id.replaceAll('-', '').replaceAll(/./g, (digit) => (15 - Number.parseInt(digit, 16)).toString(16))
}

async function openPlace() {
  const project = await makeProject()
  const store = createFileStore({ cwd: project.path })
  const root = project.at('data')
  return { project, records: createStoredRecords(store, root), files: createImageFiles(store, root) }
}

describe('a server that follows a killed one', () => {
  it('works again on images that waited or were in work', async () => {
    const { project, records, files } = await openPlace()
    const bytes = await readFixture('photos/grey.jpg')
    const facts = { ...makeRecord().original, bytes: bytes.length }
    for (const status of ['queued', 'processing'] as const) {
      const record = makeRecord({ status, original: facts })
      await records.begin(record.id)
      await files.writeOriginal(record.id, bytes, 'image/jpeg')
      await records.create(record)
    }
    const server = await makeHandler({}, project)
    const { images } = await jsonOf<{ images: { id: string }[] }>(await server.send('/v1/images'))
    expect(images).toHaveLength(2)
    for (const { id } of images) {
      const poll = async () => jsonOf(await server.send(`/v1/images/${id}`))
      await expect.poll(poll).toMatchObject({ status: 'ready', sizes: { thumb: { width: 100 } } })
    }
    await expect.poll(() => project.files('data/unfinished')).toEqual([])
  })

  it('passes over a damaged record, and keeps its files', async () => {
    const { project, records, files } = await openPlace()
    const [damaged, other] = [makeRecord({ status: 'queued' }), makeRecord({ status: 'queued' })]
    for (const record of [damaged, other]) {
      await records.begin(record.id)
      await files.writeOriginal(record.id, Buffer.from('x'), 'image/jpeg')
      await records.create(record)
    }
    const name = (await project.files('data/records')).find((path) => path.includes(nameOf(damaged.id)))
    await project.write(`data/records/${name}`, '{')
    const worked: string[] = []
    const work = async (id: string) => void worked.push(id)
    const queue = createWorkQueue({ concurrency: 1, size: 1, work, onError: () => {} })
    await recoverUnfinished(queue, { records, files })
    await queue.settled(other.id)
    expect(worked).toEqual([other.id])
    await removeAbandoned(new Date(Date.now() + 2 * HOUR), { records, files })
    expect((await readFile(files.original(damaged.id))).toString()).toBe('x')
  })

  it('removes temp files beside unfinished images', async () => {
    const { project, records, files } = await openPlace()
    const { id } = makeRecord()
    await records.begin(id)
    const folder = files.original(id).slice(project.path.length + 1, -id.length)
    // A name as the store writes it, of a process that does not run.
    const temp = `${folder}.${id.slice(0, 32)}.00000000-999999-1.0123456789abcdef.imgproc-tmp`
    await project.touch(temp)
    const { utimes } = await import('node:fs/promises')
    await utimes(project.at(temp), 0, 0)
    const queue = createWorkQueue({ concurrency: 1, size: 1, work: async () => {}, onError: () => {} })
    await recoverUnfinished(queue, { records, files })
    await expect(readFile(project.at(temp))).rejects.toMatchObject({ code: 'ENOENT' })
  })
})

describe('removeAbandoned', () => {
  it('removes the files of old uploads that never got a record, and no others', async () => {
    const { project, records, files } = await openPlace()
    const [lost, kept] = [makeRecord(), makeRecord()]
    for (const { id } of [lost, kept]) {
      await records.begin(id)
      await files.writeOriginal(id, Buffer.from('a'), 'image/jpeg')
    }
    await records.create(kept)
    await removeAbandoned(new Date(), { records, files })
    expect(await project.files('data/originals')).toHaveLength(2)
    await removeAbandoned(new Date(Date.now() + 2 * HOUR), { records, files })
    expect((await project.files('data/originals')).map((name) => name.split('/').at(-1))).toEqual([kept.id])
    expect(await project.files('data/unfinished')).toEqual([`${kept.id}.json`])
  })
})
