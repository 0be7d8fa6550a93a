import { Readable } from 'node:stream'
import { describe, expect, it } from 'vitest'
import { collectStream, createChunkCollector } from '../../src/utils/collect-stream.js'

const createLimitError = (bytes: number) => new Error(`limit: ${bytes}`)

/** Endless chunks of ten bytes, counted. */
function createEndlessStream() {
  const counted = { chunks: 0 }
  const stream = new Readable({
    highWaterMark: 1,
    read() {
      counted.chunks += 1
      this.push(Buffer.alloc(10))
    },
  })
  return { stream, counted }
}

describe('collectStream', () => {
  it.each([undefined, 5, 11, 100])(
    'reads a Node stream whole when %s bytes are announced',
    async (length) => {
      const stream = Readable.from([Buffer.from('hello '), Buffer.from(''), Buffer.from('world')])
      const buffer = await collectStream(stream, { createLimitError, length })
      expect(Buffer.isBuffer(buffer)).toBe(true)
      expect(buffer.toString()).toBe('hello world')
    },
  )

  it('reads a web stream and an async iterable', async () => {
    const web = new Blob(['hello ', 'world']).stream()
    expect((await collectStream(web, { createLimitError })).toString()).toBe('hello world')
    const iterable = (async function* () {
      yield Uint8Array.of(104, 105)
    })()
    expect((await collectStream(iterable, { createLimitError })).toString()).toBe('hi')
  })

  it('returns an empty Buffer for an empty stream', async () => {
    for (const length of [undefined, 0, 10]) {
      expect(await collectStream(Readable.from([]), { createLimitError, length })).toHaveLength(0)
    }
  })

  it('takes as many bytes as the limit', async () => {
    const stream = Readable.from([Buffer.alloc(6), Buffer.alloc(4)])
    expect(await collectStream(stream, { createLimitError, maxBytes: 10 })).toHaveLength(10)
  })

  it('fails at the first chunk beyond the limit, and closes the stream', async () => {
    for (const length of [undefined, 20]) {
      const { stream, counted } = createEndlessStream()
      const collecting = collectStream(stream, { createLimitError, length, maxBytes: 25 })
      await expect(collecting).rejects.toThrow('limit: 30')
      expect(stream.destroyed).toBe(true)
      expect(counted.chunks).toBeLessThan(6)
    }
  })

  it('cancels a web stream beyond the limit', async () => {
    let isCancelled = false
    const stream = new ReadableStream<Uint8Array>({
      pull: (controller) => controller.enqueue(new Uint8Array(10)),
      cancel: () => {
        isCancelled = true
      },
    })
    await expect(collectStream(stream, { createLimitError, maxBytes: 25 })).rejects.toThrow('limit: 30')
    expect(isCancelled).toBe(true)
  })

  it('fails by the announced size before it reads', async () => {
    const { stream, counted } = createEndlessStream()
    await expect(collectStream(stream, { createLimitError, maxBytes: 25, length: 26 })).rejects.toThrow(
      'limit: 26',
    )
    expect(counted.chunks).toBe(0)
    stream.destroy()
  })

  it('stops with ABORTED at the next chunk, and closes the stream', async () => {
    const { stream } = createEndlessStream()
    const controller = new AbortController()
    const collecting = collectStream(stream, { createLimitError, signal: controller.signal })
    controller.abort()
    await expect(collecting).rejects.toMatchObject({ code: 'ABORTED' })
    expect(stream.destroyed).toBe(true)
  })

  it('refuses chunks that are not bytes', async () => {
    await expect(collectStream(Readable.from(['text']), { createLimitError })).rejects.toThrow(TypeError)
    const createChunkError = () => new Error('no bytes')
    await expect(
      collectStream(Readable.from(['text']), { createLimitError, createChunkError }),
    ).rejects.toThrow('no bytes')
  })

  it('passes on the error of the stream', async () => {
    const stream = new Readable({
      read() {
        this.destroy(new Error('broken'))
      },
    })
    await expect(collectStream(stream, { createLimitError })).rejects.toThrow('broken')
  })
})

describe('createChunkCollector', () => {
  it('returns the same Buffer until a chunk is added', () => {
    const collected = createChunkCollector()
    expect(collected.toBuffer()).toHaveLength(0)
    collected.add(Buffer.from('ab'))
    collected.add(Buffer.from('cd'))
    const first = collected.toBuffer()
    expect(collected.toBuffer()).toBe(first)
    collected.add(Buffer.from('e'))
    expect([first.toString(), collected.toBuffer().toString()]).toEqual(['abcd', 'abcde'])
    expect(collected.length).toBe(5)
  })
})
