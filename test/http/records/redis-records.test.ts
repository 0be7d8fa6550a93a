import { setTimeout as sleep } from 'node:timers/promises'
import { Redis } from 'ioredis'
import { describe, expect, it, onTestFinished } from 'vitest'
import { createRedisRecords } from '../../../src/http/records/redis-records.js'
import { useRedis } from '../../queue/setup.js'
import { hasRedis, NEEDS_REDIS } from '../../support/redis.js'
import { describeRecords, makeRecord } from './contract.js'

let places = 0

describe.skipIf(!hasRedis)(`Redis${NEEDS_REDIS}`, () => {
  const server = useRedis()
  const connect = () => new Redis(server().url)

  describeRecords('in Redis', async () => {
    const prefix = `{test}:${++places}`
    const clients: Redis[] = []
    const reopen = async (lifeMs?: number) => {
      const client = connect()
      clients.push(client)
      return createRedisRecords(client, { prefix, lifeMs })
    }
    const records = await reopen(200)
    return {
      records,
      reopen,
      async end() {
        // Its sign of life ends with its connection.
        clients[0]?.disconnect()
        await sleep(300)
      },
      async cleanup() {
        for (const client of clients) client.disconnect()
      },
    }
  })

  const openTwo = () => {
    const prefix = `{test}:${++places}`
    const clients = [connect(), connect()]
    onTestFinished(() => clients.forEach((client) => client.disconnect()))
    const [one, other] = clients.map((client) => createRedisRecords(client, { prefix }))
    return { one: one!, other: other! }
  }

  it('applies the changes of two servers at one record, and loses none', async () => {
    const { one, other } = openTwo()
    const record = makeRecord({ presets: [] })
    await one.create(record)
    const changes = Array.from({ length: 40 }, (_, index) =>
      (index % 2 === 0 ? one : other).update(record.id, (current) => ({
        ...current,
        presets: [...current.presets, `preset-${index}`],
      })),
    )
    await Promise.all(changes)
    expect((await one.get(record.id))?.presets).toHaveLength(40)
  })

  it('does not list what another server that lives works on, until it closes', async () => {
    const { one, other } = openTwo()
    const { id } = makeRecord()
    await one.begin(id)
    const list = async () => {
      const ids: string[] = []
      for await (const each of other.listUnfinished()) ids.push(each)
      return ids
    }
    expect(await list()).toEqual([])
    await one.close()
    expect(await list()).toEqual([id])
  })

  it('says that Redis does not answer', async () => {
    const client = new Redis({ port: 1, lazyConnect: true, retryStrategy: null, maxRetriesPerRequest: 0 })
    client.on('error', () => {})
    onTestFinished(() => client.disconnect())
    await expect(createRedisRecords(client, { prefix: 'none' }).get(makeRecord().id)).rejects.toMatchObject({
      code: 'QUEUE_UNAVAILABLE',
      status: 503,
    })
  })
})
