import { describe, expect, it } from 'vitest'
import type { Backend } from '../../../src/stores/types.js'
import { checkBackend, defineStore } from '../../../src/stores/define-store.js'
import { createKeyedStore } from '../../../src/stores/keyed/store.js'
import { createMatcher } from '../../../src/stores/keyed/glob.js'
import { describeKeyedStore, refs } from '../contract.js'

const BINARY = { contentType: 'application/octet-stream' }

/** Creates a minimal backend, as a user might write it. */
function createShelf(entries = new Map<string, Uint8Array>()): Required<Omit<Backend, 'listInOrder'>> {
  const sourceOf = (ref: string, data: Uint8Array) => ({
    ref,
    size: data.length,
    modified: new Date(0).toISOString(),
    etag: Buffer.from(data).toString('hex').slice(0, 20),
  })
  return {
    scheme: 'shelf',
    async *list(prefix) {
      // Lists more than the prefix, which the store must filter.
      for (const [ref, data] of entries) if (ref.startsWith(prefix.slice(0, -1))) yield sourceOf(ref, data)
    },
    async stat(ref) {
      const data = entries.get(ref)
      return data && sourceOf(ref, data)
    },
    read: async (ref, { range = [0, Infinity] }) => entries.get(ref)?.slice(...range),
    async write(ref, data) {
      entries.set(ref, Uint8Array.from(data))
      return sourceOf(ref, data)
    },
    async remove(ref) {
      entries.delete(ref)
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

describe('a store of the user', () => {
  const throwing = (error: unknown) => () => {
    throw error
  }

  it('may be read-only', async () => {
    const store = createKeyedStore(readOnly(createShelf(new Map([['shelf://a', Buffer.from('a')]]))))
    expect(await store.read('shelf://a')).toHaveLength(1)
    const refused = { code: 'INVALID_USAGE', path: 'shelf://a' }
    await expect(store.write('shelf://a', Buffer.from('b'), BINARY)).rejects.toMatchObject(refused)
    await expect(store.write('shelf://a', Buffer.from('b'), BINARY)).rejects.toThrow(
      /is read-only\. Choose another out \(--out\)/,
    )
    await expect(store.remove('shelf://a')).rejects.toMatchObject(refused)
  })

  it('may throw any error, whose message is quoted', async () => {
    const fail = throwing(new Error('530 Login incorrect.'))
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
    const odd = createKeyedStore({ ...createShelf(), stat: throwing('just a text') })
    await expect(odd.stat('shelf://a')).rejects.toThrow(/can't be read: just a text/)
  })

  it('is aborted by the wrapper if it ignores the signal', async () => {
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
    const listed: string[] = []
    await expect(store.read('shelf://a/1', { signal })).rejects.toMatchObject({ code: 'ABORTED' })
    const second = new AbortController()
    const listAndAbort = async () => {
      for await (const { ref } of store.list('shelf://a/', { signal: second.signal })) {
        listed.push(ref)
        second.abort()
      }
    }
    await expect(listAndAbort()).rejects.toMatchObject({ code: 'ABORTED' })
    expect(listed).toEqual(['shelf://a/1'])
  })
})

describe('checkBackend', () => {
  it('accepts an object that can list, stat and read', () => {
    const minimal = readOnly(createShelf())
    expect(checkBackend(minimal, './shelf.ts')).toBe(minimal)
    const shelf = createShelf()
    expect(checkBackend(shelf, './shelf.ts')).toBe(shelf)
  })

  it.each([
    [undefined, /not an object/],
    [{ ...createShelf(), scheme: 7 }, /scheme is not a string/],
    [{ ...createShelf(), scheme: 'C' }, /scheme is not a string of two or more lowercase letters/],
    [{ ...createShelf(), scheme: 's3' }, /scheme s3 is reserved/],
    [{ ...createShelf(), stat: undefined }, /no function stat/],
    [{ ...createShelf(), write: true }, /its write is not a function/],
  ])('rejects a value that is not a store (%#)', (value, message) => {
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
  ])('matches the right keys: %s', (glob, matching, others) => {
    const matches = createMatcher(glob)
    expect(matching.filter(matches)).toEqual(matching)
    expect(others.filter(matches)).toEqual([])
  })
})
