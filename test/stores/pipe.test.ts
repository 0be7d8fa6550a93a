import { PassThrough, Readable } from 'node:stream'
import { describe, expect, it } from 'vitest'
import { createPipeStore } from '../../src/stores/pipe.js'
import { sources } from './contract.js'

const PNG = { contentType: 'image/png' }

const text = (data: Uint8Array) => Buffer.from(data).toString()

describe('reading from a pipe', () => {
  it('reads the whole stream, and keeps it for the next read', async () => {
    const store = createPipeStore({ input: Readable.from([Buffer.from('hello '), Buffer.from('world')]) })
    expect(text(await store.read('-'))).toBe('hello world')
    expect(text(await store.read('-'))).toBe('hello world')
    expect(text(await store.read('-', { range: [6, 100] }))).toBe('world')
    expect(await store.stat('-')).toEqual({ ref: '-', size: 11 })
  })

  it('returns the same bytes to concurrent reads', async () => {
    const store = createPipeStore({
      input: Readable.from([Buffer.from('ab'), Buffer.from('cd'), Buffer.from('ef')]),
    })
    const [all, first, again] = await Promise.all([
      store.read('-'),
      store.read('-', { range: [0, 3] }),
      store.read('-'),
    ])
    expect([text(all), text(first), text(again)]).toEqual(['abcdef', 'abc', 'abcdef'])
  })

  it('reads only as much of the stream as a range needs', async () => {
    const input = new PassThrough()
    input.write('0123456789')
    const store = createPipeStore({ input })
    expect(text(await store.read('-', { range: [2, 5] }))).toBe('234')
    input.end('abc')
    expect(text(await store.read('-'))).toBe('0123456789abc')
  })

  it('refuses more than the limit before the stream ends, and can continue with a higher limit', async () => {
    const input = new PassThrough()
    input.write('0123456789')
    const store = createPipeStore({ input })
    await expect(store.read('-', { maxBytes: 9 })).rejects.toMatchObject({
      code: 'INPUT_TOO_LARGE',
      path: '-',
    })
    input.end()
    expect(await store.read('-', { maxBytes: 10 })).toHaveLength(10)
    await expect(store.read('-', { maxBytes: 9 })).rejects.toMatchObject({ code: 'INPUT_TOO_LARGE' })
  })

  it('throws INPUT_NOT_FOUND for an empty stream', async () => {
    const store = createPipeStore({ input: Readable.from([]) })
    await expect(store.read('-')).rejects.toMatchObject({
      code: 'INPUT_NOT_FOUND',
      message: expect.stringContaining('stdin is empty'),
    })
    await expect(store.read('-', { range: [0, 10] })).rejects.toMatchObject({ code: 'INPUT_NOT_FOUND' })
  })

  it('reports the error of the stream to every read', async () => {
    const input = new PassThrough()
    const store = createPipeStore({ input })
    const reading = store.read('-')
    input.destroy(new Error('the cable was cut'))
    const expected = { code: 'READ_FAILED', message: expect.stringContaining('the cable was cut') }
    await expect(reading).rejects.toMatchObject(expected)
    await expect(store.read('-')).rejects.toMatchObject(expected)
  })

  it('stops waiting for a silent stream on an abort, and loses no bytes', async () => {
    const input = new PassThrough()
    const store = createPipeStore({ input })
    const controller = new AbortController()
    const reading = store.read('-', { signal: controller.signal })
    controller.abort()
    await expect(reading).rejects.toMatchObject({ code: 'ABORTED' })
    input.end('late')
    expect(text(await store.read('-'))).toBe('late')
  })

  it('locates and lists - as one file', async () => {
    const store = createPipeStore({ input: Readable.from([Buffer.from('a')]) })
    expect(await store.locate('-')).toEqual({ kind: 'file', ref: '-', base: '-' })
    expect(await sources(store, '-')).toEqual([{ ref: '-', size: 0 }])
  })

  it('refuses refs other than -, and a read without an input stream', async () => {
    await expect(createPipeStore({}).read('-')).rejects.toMatchObject({ code: 'INVALID_USAGE' })
    const store = createPipeStore({ input: Readable.from([Buffer.from('a')]) })
    await expect(store.read('-/a.png')).rejects.toMatchObject({ code: 'INVALID_USAGE' })
  })
})

describe('writing to a pipe', () => {
  it('sends one image, and refuses a second', async () => {
    const sent: string[] = []
    const store = createPipeStore({ output: async (data) => void sent.push(text(data)) })
    expect(await store.stat('-/a.png')).toBeUndefined()
    expect(await store.write('-/a.png', Buffer.from('one'), PNG)).toEqual({ ref: '-/a.png', size: 3 })
    expect(await store.stat('-/a.png')).toEqual({ ref: '-/a.png', size: 3 })
    await expect(store.write('-/b.png', Buffer.from('two'), PNG)).rejects.toMatchObject({
      code: 'INVALID_USAGE',
      message: expect.stringContaining('-o - takes one image'),
    })
    expect(sent).toEqual(['one'])
  })

  it('refuses a second image while the first is being sent', async () => {
    const sent: string[] = []
    const store = createPipeStore({
      output: async (data) => {
        await new Promise(setImmediate)
        sent.push(text(data))
      },
    })
    const results = await Promise.allSettled([
      store.write('-/a.png', Buffer.from('one'), PNG),
      store.write('-/b.png', Buffer.from('two'), PNG),
    ])
    expect(results.map(({ status }) => status)).toEqual(['fulfilled', 'rejected'])
    expect(sent).toEqual(['one'])
  })

  it('reports that the reader has closed the pipe, and refuses a second image afterwards', async () => {
    const store = createPipeStore({ output: () => Promise.reject(new Error('write EPIPE')) })
    await expect(store.write('-/a.png', Buffer.from('one'), PNG)).rejects.toMatchObject({
      code: 'WRITE_FAILED',
      retryable: false,
      message: expect.stringContaining('write EPIPE'),
    })
    await expect(store.write('-/a.png', Buffer.from('one'), PNG)).rejects.toMatchObject({
      code: 'INVALID_USAGE',
    })
  })

  it('refuses to write without an output stream, and to remove a sent image', async () => {
    await expect(createPipeStore({}).write('-/a.png', Buffer.from('a'), PNG)).rejects.toMatchObject({
      code: 'INVALID_USAGE',
    })
    const store = createPipeStore({ output: async () => {} })
    await expect(store.remove('-/a.png')).resolves.toBeUndefined()
    await store.write('-/a.png', Buffer.from('a'), PNG)
    await expect(store.remove('-/a.png')).rejects.toMatchObject({ code: 'INVALID_USAGE' })
  })
})
