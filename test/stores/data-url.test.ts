import { describe, expect, it } from 'vitest'
import { describeData } from '../../src/paths/url.js'
import { ImgprocError } from '../../src/errors.js'
import { createDataUrlStore } from '../../src/stores/data-url.js'
import { sources } from './contract.js'

const store = createDataUrlStore()

const read = async (url: string): Promise<string> => Buffer.from(await store.read(url)).toString()

describe('reading a data URL', () => {
  it('decodes base64, with and without its padding, with line breaks and percent escapes', async () => {
    expect(await read('data:text/plain;base64,aGVsbG8gd29ybGQ=')).toBe('hello world')
    expect(await read('data:text/plain;base64,aGVsbG8gd29ybGQ')).toBe('hello world')
    expect(await read('data:text/plain;base64,aGVs\r\n bG8g d29ybGQ=\n')).toBe('hello world')
    expect(await read('data:text/plain;base64,aGVsbG8gd29ybGQ%3D%0A')).toBe('hello world')
    expect(await read('DATA:;charset=utf-8;BASE64,aGk=')).toBe('hi')
  })

  it('decodes every byte value', async () => {
    const bytes = Buffer.from(Array.from({ length: 256 }, (_, byte) => byte))
    const escaped = [...bytes].map((byte) => `%${byte.toString(16).padStart(2, '0')}`).join('')
    for (const url of [
      `data:image/png;base64,${bytes.toString('base64')}`,
      `data:image/png;base64,${bytes.toString('base64url')}`,
      `data:image/png,${escaped}`,
    ]) {
      expect(Buffer.compare(await store.read(url), bytes)).toBe(0)
    }
  })

  it('reads text with escapes, Unicode, # and a single %', async () => {
    expect(await read('data:,a%20b%2Cc')).toBe('a b,c')
    expect(await read('data:image/svg+xml,<svg fill="#fff" width="100%">é</svg>')).toBe(
      '<svg fill="#fff" width="100%">é</svg>',
    )
    expect(await read('data:,')).toBe('')
  })

  it('accepts as many bytes as the limit, and refuses more', async () => {
    const url = `data:;base64,${Buffer.alloc(1000).toString('base64')}`
    expect(await store.read(url, { maxBytes: 1000 })).toHaveLength(1000)
    await expect(store.read(url, { maxBytes: 999 })).rejects.toMatchObject({
      code: 'INPUT_TOO_LARGE',
      path: describeData(url),
    })
    expect(await store.read('data:,%41%42%43', { maxBytes: 3 })).toHaveLength(3)
    await expect(store.read('data:,%41%42%43', { maxBytes: 2 })).rejects.toMatchObject({
      code: 'INPUT_TOO_LARGE',
    })
    expect(await store.read(url, { maxBytes: 10, range: [0, 10] })).toHaveLength(10)
  })

  it('reads the requested range, up to the end of the data', async () => {
    const range = async (url: string, from: number, to: number) =>
      Buffer.from(await store.read(url, { range: [from, to] })).toString()
    for (const url of ['data:,0123456789', 'data:;base64,MDEyMzQ1Njc4OQ==']) {
      expect(await range(url, 3, 7)).toBe('3456')
      expect(await range(url, 8, 100)).toBe('89')
      expect(await range(url, 20, 30)).toBe('')
    }
  })

  it.each([
    ['data:image/png;base64', /has no comma/],
    ['data:image/png;base64,a*b=', /invalid base64/],
    ['data:image/png;base64,abcde', /invalid base64/],
    ['data:image/png;base64,ab=cd', /invalid base64/],
  ])('explains why %s is invalid', async (url, problem) => {
    await expect(store.read(url)).rejects.toMatchObject({
      code: 'CORRUPT_IMAGE',
      stage: 'read',
      retryable: false,
      path: describeData(url),
      message: expect.stringMatching(problem),
    })
  })

  it('does not repeat a long URL in the message', async () => {
    const error: unknown = await store
      .read(`data:image/png;base64,*${'a'.repeat(100_000)}`)
      .catch((e: unknown) => e)
    expect(error).toBeInstanceOf(ImgprocError)
    expect(String(error).length).toBeLessThan(300)
  })

  it('throws ABORTED if the signal is aborted', async () => {
    const signal = AbortSignal.abort()
    await expect(store.read('data:,a', { signal })).rejects.toMatchObject({ code: 'ABORTED' })
    await expect(sources(store, 'data:,a', { signal })).rejects.toMatchObject({ code: 'ABORTED' })
  })
})

describe('the data URL store', () => {
  it('locates and lists a URL as one file, and returns its size from stat', async () => {
    const url = 'data:,hello'
    expect(await store.locate(url)).toEqual({ kind: 'file', ref: url, base: 'data' })
    expect(await sources(store, url)).toEqual([{ ref: url, size: 0 }])
    expect(await store.stat(url)).toEqual({ ref: url, size: 5 })
  })

  it('refuses to write and remove', async () => {
    const meta = { contentType: 'image/png' }
    await expect(store.write('data:,a', Buffer.from('b'), meta)).rejects.toMatchObject({
      code: 'INVALID_USAGE',
    })
    await expect(store.remove('data:,a')).rejects.toMatchObject({ code: 'INVALID_USAGE' })
  })
})

describe('the short name of a data URL', () => {
  it('is stable, has the extension of the media type, and depends on the data', () => {
    expect(describeData('data:image/png;base64,iVBORw0KGgo=')).toBe('data/e1e10747c237.png')
    expect(describeData('data:image/svg+xml;charset=utf-8,<svg/>')).toMatch(/^data\/[0-9a-f]{12}\.svg$/)
    expect(describeData('data:IMAGE/JPEG,a')).toMatch(/^data\/[0-9a-f]{12}\.jpg$/)
    expect(describeData('data:image/png,a')).not.toBe(describeData('data:image/png,b'))
  })

  it('has no extension if the media type is unknown', () => {
    for (const type of ['', 'text/plain', 'image/../../x', 'constructor']) {
      expect(describeData(`data:${type},a`)).toMatch(/^data\/[0-9a-f]{12}$/)
    }
  })
})
