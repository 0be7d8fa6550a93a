import { chmod } from 'node:fs/promises'
import { describe, expect, it } from 'vitest'
import type { Caller } from '../../../src/http/uploads/types.js'
import { createMemoryStore } from '../../../src/stores/memory.js'
import { ImgprocError } from '../../../src/errors.js'
import { jsonOf, makeHandler, readFixture } from '../make-handler.js'
import { openImages, partsOf } from '../open-images.js'

const callerOf = (id: string, ...scopes: string[]): Caller => ({ token: { id, scopes } })

describe('images of tokens', () => {
  it('are invisible to other tokens, and visible to an admin and without tokens', async () => {
    const { images } = await openImages()
    const bytes = await readFixture('photos/grey.jpg')
    const [shop, blog] = [callerOf('shop', 'read', 'write'), callerOf('blog', 'read', 'write')]
    const [first] = await images.upload(partsOf(bytes), shop)
    const [second] = await images.upload(partsOf(bytes), blog)
    const id = first?.id ?? ''
    const hidden = { code: 'INPUT_NOT_FOUND', status: 404 }
    await expect(images.find(id, blog)).rejects.toMatchObject(hidden)
    await expect(images.remove(id, blog)).rejects.toMatchObject(hidden)
    await expect(images.addOutputs(id, ['thumb'], blog)).rejects.toMatchObject(hidden)
    await expect(images.readOriginal(id, blog)).rejects.toMatchObject(hidden)
    expect((await images.list({ limit: 9 }, blog)).records.map((record) => record.id)).toEqual([second?.id])
    for (const caller of [callerOf('root', 'admin'), { token: undefined }]) {
      expect((await images.find(id, caller)).owner).toBe('shop')
      expect((await images.list({ limit: 9 }, caller)).records).toHaveLength(2)
    }
    await images.stop()
  })
})

describe('a store that is full', () => {
  it.each(['originals', 'records', 'unfinished'])(
    'refuses an upload with 507 if %s cannot be written, and keeps nothing of it',
    async (folder) => {
      const inner = createMemoryStore()
      const store = {
        ...inner,
        write: async (...args: Parameters<typeof inner.write>) => {
          if (!args[0].includes(`/${folder}/`)) return inner.write(...args)
          const cause = Object.assign(new Error('no space'), { code: 'ENOSPC' })
          throw new ImgprocError('WRITE_FAILED', '/srv/secret is full', { stage: 'write', cause })
        },
      }
      const { images } = await openImages(store)
      const upload = images.upload(partsOf(await readFixture('photos/grey.jpg')), { token: undefined })
      await expect(upload).rejects.toMatchObject({ code: 'STORE_FULL', status: 507, retryable: true })
      await expect(upload).rejects.not.toThrow('secret')
      const left: string[] = []
      for await (const { ref } of inner.list('memory://')) left.push(ref)
      expect(left).toEqual([])
    },
  )

  it.skipIf(process.getuid?.() === 0)('names no path of the server', async () => {
    const server = await makeHandler()
    await server.send('/healthz')
    await server.project.touch('data/originals/a')
    await chmod(server.project.at('data/originals'), 0o500)
    const response = await server.send('/v1/images', {
      method: 'POST',
      body: await readFixture('photos/grey.jpg'),
    })
    expect(response.status).toBe(500)
    expect((await jsonOf<{ detail: string }>(response)).detail).not.toContain(server.project.path)
  })
})
