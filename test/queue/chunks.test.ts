import { setTimeout as sleep } from 'node:timers/promises'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createChannel } from '../../src/queue/channel.js'
import { inChunks } from '../../src/queue/chunks.js'

async function collect<T>(chunks: AsyncIterable<readonly T[]>): Promise<(readonly T[])[]> {
  const list: (readonly T[])[] = []
  for await (const chunk of chunks) list.push(chunk)
  return list
}

describe('chunks', () => {
  it('hold all items in their order, and no more than there is room for', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.nat()),
        fc.integer({ min: 1, max: 9 }),
        fc.integer({ min: 1, max: 9 }),
        async (items, free, size) => {
          const chunks = await collect(inChunks(items, { room: async () => free, size }))
          expect(chunks.flat()).toEqual(items)
          for (const { length } of chunks) expect(length).toBeLessThanOrEqual(Math.min(free, size))
        },
      ),
    )
  })

  it('are passed on while the next item takes its time', async () => {
    const order: string[] = []
    async function* slowly(): AsyncGenerator<number> {
      for (const item of [1, 2]) {
        yield item
        await sleep(60)
        order.push(`after ${item}`)
      }
    }
    for await (const chunk of inChunks(slowly(), { room: async () => 9, size: 9 }))
      order.push(`chunk ${chunk.join()}`)
    expect(order).toEqual(['chunk 1', 'after 1', 'chunk 2', 'after 2'])
  })

  it('end without room, and take no further item', async () => {
    let taken = 0
    let isClosed = false
    function* items(): Generator<number> {
      try {
        for (;;) yield ++taken
      } finally {
        isClosed = true
      }
    }
    let left = 2
    const chunks = await collect(inChunks(items(), { room: async () => (left-- > 0 ? 3 : 0), size: 9 }))
    expect(chunks.flat()).toEqual([1, 2, 3, 4, 5, 6])
    expect({ taken, isClosed }).toEqual({ taken: 6, isClosed: true })
  })
})

describe('a channel', () => {
  it('passes values on in their order, and then ends', async () => {
    const channel = createChannel<number>()
    const first = channel.next()
    channel.push(1)
    expect(await first).toBe(1)
    channel.push(2)
    channel.push(3)
    expect(channel.size()).toBe(2)
    channel.end()
    expect([await channel.next(), await channel.next(), await channel.next()]).toEqual([2, 3, undefined])
  })

  it('rejects with the error of its producer, after the values before it', async () => {
    const channel = createChannel<number>()
    channel.push(1)
    channel.fail(new Error('broken'))
    expect(await channel.next()).toBe(1)
    await expect(channel.next()).rejects.toThrow('broken')
  })
})
