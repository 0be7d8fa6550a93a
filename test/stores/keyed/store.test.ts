import { describe, expect, it } from 'vitest'
import type { Backend } from '../../../src/stores/types.js'
import { checkBackend, defineStore } from '../../../src/stores/define-store.js'
import { createKeyedStore } from '../../../src/stores/keyed/store.js'
import { createMatcher } from '../../../src/stores/keyed/glob.js'
import { describeKeyedStore, refs } from '../contract.js'

const BINARY = { contentType: 'application/octet-stream' }

/** A store as somebody else would write one: the least that does. */
function createShelf(held = new Map<string, Uint8Array>()): Required<Backend> {
  const sourceOf = (ref: string, data: Uint8Array) => ({
    ref,
    size: data.length,
    modified: new Date(0).toISOString(),
    etag: Buffer.from(data).toString('hex').slice(0, 20),
  })
  return {
    scheme: 'shelf',
    async *list(prefix) {
      // More than is asked for, which is the store's to sort out.
      for (const [ref, data] of held) if (ref.startsWith(prefix.slice(0, -1))) yield sourceOf(ref, data)
    },
    async stat(ref) {
      const data = held.get(ref)
      return data && sourceOf(ref, data)
    },
    read: async (ref, { range = [0, Infinity] }) => held.get(ref)?.slice(...range),
    async write(ref, data) {
      held.set(ref, Uint8Array.from(data))
      return sourceOf(ref, data)
    },
    async remove(ref) {
      held.delete(ref)
    },
  }
}

function readOnly(shelf: Backend): Backend {
  return {
    scheme: shelf.scheme,
    list: (prefix, options) => shelf.list(prefix, options),
    stat: (ref) => shelf.stat(ref),
    read: (ref, options) => shelf.read(ref, options),
  }
}

const setup = async () => ({
  store: createKeyedStore(defineStore(createShelf())),
  ref: (name: string) => `shelf://top/${name}`,
  pattern: (glob: string) => `shelf://top/${glob}`,
  cleanup: async () => {},
})

describeKeyedStore('own', setup, { ignoresIfAbsent: true })

describe("a user's own store", () => {
  const broken = (error: unknown) => () => {
    throw error
  }

  it('may only read', async () => {
    const store = createKeyedStore(readOnly(createShelf(new Map([['shelf://a', Buffer.from('a')]]))))
    expect(await store.read('shelf://a')).toHaveLength(1)
    const refused = { code: 'INVALID_USAGE', path: 'shelf://a' }
    await expect(store.write('shelf://a', Buffer.from('b'), BINARY)).rejects.toMatchObject(refused)
    await expect(store.write('shelf://a', Buffer.from('b'), BINARY)).rejects.toThrow(
      /only reads\. Choose another --out/,
    )
    await expect(store.remove('shelf://a')).rejects.toMatchObject(refused)
  })

  it('may throw what it likes, and is quoted', async () => {
    const fail = broken(new Error('530 Login incorrect.'))
    const store = createKeyedStore({
      scheme: 'ftp',
      list: fail,
      stat: fail,
      read: fail,
      write: fail,
      remove: fail,
    })
    const read = { code: 'READ_FAILED', message: '"ftp://a/b" can\'t be read: 530 Login incorrect.' }
    const written = { code: 'WRITE_FAILED', message: '"ftp://a/b" can\'t be written: 530 Login incorrect.' }
    await expect(store.read('ftp://a/b')).rejects.toMatchObject(read)
    await expect(store.stat('ftp://a/b')).rejects.toMatchObject(read)
    await expect(store.locate('ftp://a/b')).rejects.toMatchObject(read)
    await expect(refs(store, 'ftp://a/')).rejects.toMatchObject({ code: 'READ_FAILED', path: 'ftp://a/' })
    await expect(store.write('ftp://a/b', Buffer.from('b'), BINARY)).rejects.toMatchObject(written)
    await expect(store.remove('ftp://a/b')).rejects.toMatchObject(written)
    const odd = createKeyedStore({ ...createShelf(), stat: broken('just a text') })
    await expect(odd.stat('shelf://a')).rejects.toThrow(/can't be read: just a text/)
  })

  it('is stopped for it where it does not heed the signal', async () => {
    const controller = new AbortController()
    const shelf = createShelf(
      new Map([
        ['shelf://a/1', Buffer.from('a')],
        ['shelf://a/2', Buffer.from('a')],
      ]),
    )
    const store = createKeyedStore({
      ...shelf,
      async read() {
        controller.abort()
        throw new Error('socket closed')
      },
    })
    const { signal } = controller
    const taken: string[] = []
    await expect(store.read('shelf://a/1', { signal })).rejects.toMatchObject({ code: 'ABORTED' })
    const second = new AbortController()
    const take = async () => {
      for await (const { ref } of store.list('shelf://a/', { signal: second.signal })) {
        taken.push(ref)
        second.abort()
      }
    }
    await expect(take()).rejects.toMatchObject({ code: 'ABORTED' })
    expect(taken).toEqual(['shelf://a/1'])
  })
})

describe('what a module exports as a store', () => {
  it('is taken where it can list, stat and read', () => {
    const least = readOnly(createShelf())
    expect(checkBackend(least, './shelf.ts')).toBe(least)
    const shelf = createShelf()
    expect(checkBackend(shelf, './shelf.ts')).toBe(shelf)
  })

  it.each([
    [undefined, /no object/],
    [{ ...createShelf(), scheme: 7 }, /scheme is no text/],
    [{ ...createShelf(), scheme: 'C' }, /scheme is no text of two or more small letters/],
    [{ ...createShelf(), scheme: 's3' }, /scheme s3 is taken/],
    [{ ...createShelf(), stat: undefined }, /no function stat/],
    [{ ...createShelf(), write: true }, /its write is no function/],
  ])('is refused where it is none (%#)', (value, message) => {
    expect(() => checkBackend(value, './shelf.ts')).toThrow(message)
    expect(() => checkBackend(value, './shelf.ts')).toThrow(/^The store \.\/shelf\.ts: /)
  })
})

describe('a glob over keys', () => {
  it.each([
    ['{8..11}.jpg', ['8.jpg', '10.jpg', '11.jpg'], ['1.jpg', '12.jpg']],
    ['{08..10}.jpg', ['08.jpg', '10.jpg'], ['8.jpg']],
    ['{a..c}.jpg', ['a.jpg', 'c.jpg'], ['d.jpg']],
    ['{a,b/c}/*.jpg', ['a/x.jpg', 'b/c/x.jpg'], ['b/x.jpg']],
    ['!(a).jpg', ['b.jpg'], ['a.jpg']],
    ['[[:digit:]].jpg', ['1.jpg'], ['a.jpg']],
    ['"a"*', ['"a".jpg'], ['a.jpg']],
    ['**/*.jpg', ['new\nline/a.jpg', '../a.jpg', '/a.jpg', 'A.JPG'], ['.a/b.jpg', 'node_modules/a.jpg']],
  ])('%s', (glob, yes, no) => {
    const matches = createMatcher(glob)
    expect(yes.filter(matches)).toEqual(yes)
    expect(no.filter(matches)).toEqual([])
  })
})
