import { describe, expect, it } from 'vitest'
import { listPages, type Page, toSource } from '../../../src/stores/cloud/list.js'

const PREFIX = 'az://photos/'

/** Lists pages by their tokens; the first has an empty one. */
async function list(pages: Readonly<Record<string, Page>>) {
  const refs: string[] = []
  for await (const { ref } of listPages(PREFIX, async (token = '') => pages[token]!)) refs.push(ref)
  return refs
}

const page = (name: string, next?: string): Page => ({ sources: [{ ref: PREFIX + name, size: 1 }], next })

describe('listPages', () => {
  it('lists all pages, also empty ones between others', async () => {
    const pages = { '': page('a', '1'), '1': { sources: [], next: '2' }, '2': page('b') }
    expect(await list(pages)).toEqual([`${PREFIX}a`, `${PREFIX}b`])
  })

  it.each([
    ['no token', { '': page('a', '') }],
    ['the same token again', { '': page('a', '1'), '1': page('b', '1') }],
  ])('rejects if there is more, but %s', async (_, pages) => {
    await expect(list(pages)).rejects.toMatchObject({
      code: 'READ_FAILED',
      retryable: false,
      message: expect.stringMatching(/^"az:\/\/photos\/" can't be listed: .*gives no token/),
    })
  })
})

describe('toSource', () => {
  it('leaves out what is unknown, and the quotes of a tag', () => {
    const none = { size: undefined, modified: undefined, etag: undefined }
    expect(toSource('gs://a/b', none)).toEqual({ ref: 'gs://a/b', size: 0 })
    const all = { size: 2, modified: new Date(0), etag: '"0x8D"' }
    expect(toSource('az://a/b', all)).toEqual({
      ref: 'az://a/b',
      size: 2,
      modified: '1970-01-01T00:00:00.000Z',
      etag: '0x8D',
    })
  })
})
