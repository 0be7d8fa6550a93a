import { describe, expect, it, onTestFinished } from 'vitest'
import { createHandler } from '../../src/http/create-handler.js'
import type { HandlerOptions } from '../../src/http/types.js'
import { createExecute } from '../../src/queue/execute-queued.js'
import { createQueueExecutor } from '../../src/queue/queue-executor.js'
import { jsonOf, makeHandler, readFixture, type ImageJson, type TestHandler } from '../http/make-handler.js'
import { makeProject } from '../support/project.js'
import { hasRedis, NEEDS_REDIS } from '../support/redis.js'
import { nextName, openTestQueue, startTestWorker, useRedis } from './setup.js'

const redis = useRedis()
const PRESETS: HandlerOptions = {
  presets: { thumb: { ops: [{ thumbnail: 100 }, { format: 'webp' }] } },
  uploads: { presets: ['thumb'], analyze: ['thumbhash'] },
}

/** A folder and a queue that servers and workers share. */
async function openPlace() {
  const project = await makeProject()
  const name = nextName()
  const queue = () => openTestQueue(redis().url, name)
  return {
    project,
    queue,
    serve: async () => {
      const open = await queue()
      const executor = createQueueExecutor(open, { shared: ['/'] })
      return makeHandler({ ...PRESETS, redis: open.client, executor }, project)
    },
    work: async () => {
      const execute = await createExecute({ cwd: project.path, root: project.path, concurrency: 2 })
      await startTestWorker(await queue(), { execute })
    },
  }
}

const statusOf = async ({ send }: TestHandler, id: string) =>
  (await jsonOf(await send(`/v1/images/${id}`))).status

/** Uploads without waiting. */
async function post({ send }: TestHandler): Promise<string> {
  const body = await readFixture('photos/landscape.jpg')
  const { id } = await jsonOf(await send('/v1/images?filename=a.jpg', { method: 'POST', body }))
  return id
}

describe.skipIf(!hasRedis)(`two servers with one Redis${NEEDS_REDIS}`, () => {
  it('show the same images, which a worker makes', async () => {
    const { serve, work } = await openPlace()
    const [one, other] = [await serve(), await serve()]
    await work()
    const { id, status, outputs } = await one.upload('photos/landscape.jpg')
    expect(status).toBe('ready')
    expect(outputs).toMatchObject([{ preset: 'thumb', width: 100 }])
    const seen = await jsonOf(await other.send(`/v1/images/${id}`))
    expect(seen.sizes).toMatchObject({ thumb: { width: 100 } })
    expect(seen.analysis).toHaveProperty('thumbhash')
    const picture = await other.send(`/v1/images/${id}/download?preset=thumb`)
    expect(picture.headers.get('content-type')).toBe('image/webp')
    const { images } = await jsonOf<{ images: ImageJson[] }>(await other.send('/v1/images'))
    expect(images.map((image) => image.id)).toEqual([id])
    expect((await other.send(`/v1/images/${id}`, { method: 'DELETE' })).status).toBe(200)
    expect((await one.send(`/v1/images/${id}`)).status).toBe(404)
  })

  it('leave nothing of an image that one removes while the other waits for a worker', async () => {
    const { serve, work, project } = await openPlace()
    const [one, other] = [await serve(), await serve()]
    const id = await post(one)
    expect((await project.files()).filter((path) => path.includes(id))).not.toEqual([])
    expect((await other.send(`/v1/images/${id}`, { method: 'DELETE' })).status).toBe(200)
    await work()
    const left = async () => (await project.files()).filter((path) => path.includes(id))
    await expect.poll(left, { timeout: 10_000 }).toEqual([])
    await one.close()
    expect(await left()).toEqual([])
  })

  it('take up what one has left that ended', async () => {
    const { serve, work } = await openPlace()
    const [one, other] = [await serve(), await serve()]
    const id = await post(one)
    await one.close()
    expect(['queued', 'processing']).toContain(await statusOf(other, id))
    await work()
    // Its first sweep finds the note of a server that has ended. Those of `other` would do so within a minute.
    const third = await serve()
    await expect.poll(() => statusOf(third, id), { timeout: 10_000 }).toBe('ready')
    expect(await statusOf(other, id)).toBe('ready')
  })

  it('count the requests of a client together', async () => {
    const { queue, project } = await openPlace()
    const { client } = await queue()
    const [one, other] = [1, 2].map(() => {
      const handler = createHandler({
        root: project.path,
        redis: client,
        rateLimit: { address: 2, seconds: 3600 },
      })
      onTestFinished(() => handler.close())
      return () => handler.fetch(new Request('http://localhost/v1/images'), { address: '192.0.2.1' })
    })
    const answers = [await one!(), await other!(), await one!(), await other!()]
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 429, 429])
  })

  it('answer 503 while Redis is away, and go on when it is back', { timeout: 60_000 }, async () => {
    const { serve } = await openPlace()
    const one = await serve()
    expect((await one.send('/v1/images')).status).toBe(200)
    await redis().kill()
    const response = await one.send('/v1/images')
    expect(response.status).toBe(503)
    expect(await response.json()).toMatchObject({ code: 'QUEUE_UNAVAILABLE' })
    await redis().restart()
    await expect.poll(async () => (await one.send('/v1/images')).status, { timeout: 20_000 }).toBe(200)
  })
})
