import { randomBytes } from 'node:crypto'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { statAll } from '../../src/stores/stat-all.js'
import type { ListOptions, OrderedListOptions, OrderedStore, Store, Source } from '../../src/stores/types.js'

/** A store and an empty folder or bucket of its own. */
export interface StoreSetup {
  readonly store: OrderedStore
  /** Returns the ref of a name below the folder, as the store lists it. The name may contain folders. */
  readonly ref: (name: string) => string
  /** Returns a glob below the folder. */
  readonly pattern: (glob: string) => string
  readonly cleanup: () => Promise<void>
}

/** Names with characters that stores and shells often handle wrongly. */
const ODD_NAMES = [
  'a b.bin',
  ' leading and trailing .bin',
  'Trip [Rome]/a (1).bin',
  'Trip {x,y}/!(a|b).bin',
  'what?*.bin',
  '100%.bin',
  '100%25 #1 & more.bin',
  'a+b=c@d,e;f$g\'h"i.bin',
  'caf\u00E9.bin',
  'cafe\u0301.bin',
  '\u5199\u771F/\u{1F4F7}.bin',
  'UPPER.BIN',
]

/** Features of a store that its test server lacks. */
export interface ServerLimitations {
  /** Ignores `If-None-Match: *`. */
  readonly ignoresIfAbsent?: boolean
  /** Lists in the order of a language, not of bytes. */
  readonly sortsByLanguage?: boolean
  /** Keys that the place cannot hold, which the store refuses. */
  readonly refuses?: (key: string) => boolean
}

/** Defines the tests that every store must pass. */
export function describeStore(
  name: string,
  setup: () => Promise<StoreSetup>,
  { sortsByLanguage = false }: ServerLimitations = {},
): void {
  describe(`the ${name} store (common to all stores)`, () => {
    let context: StoreSetup
    beforeEach(async () => {
      context = await setup()
    })
    afterEach(async () => {
      await context.cleanup()
    })

    const put = (file: string, data: Uint8Array) => context.store.write(context.ref(file), data, BINARY)

    describe('reading and writing', () => {
      it('reads the bytes that were written', async () => {
        const data = randomBytes(300_000)
        const written = await put('deep/er/a.bin', data)
        expect(written).toMatchObject({ ref: context.ref('deep/er/a.bin'), size: data.length })
        expect(Buffer.compare(await context.store.read(context.ref('deep/er/a.bin')), data)).toBe(0)
      })

      it('stores an empty file', async () => {
        await put('empty.bin', new Uint8Array())
        expect(await context.store.read(context.ref('empty.bin'))).toHaveLength(0)
        expect(await context.store.stat(context.ref('empty.bin'))).toMatchObject({ size: 0 })
      })

      it.each(ODD_NAMES)('takes the name %j literally', async (odd) => {
        const data = Buffer.from(odd)
        await put(odd, data)
        expect(Buffer.from(await context.store.read(context.ref(odd)))).toEqual(data)
        expect(await context.store.stat(context.ref(odd))).toMatchObject({
          ref: context.ref(odd),
          size: data.length,
        })
        expect(await refs(context.store, context.ref(odd))).toEqual([context.ref(odd)])
      })

      it('replaces the whole content of an existing file', async () => {
        await put('a.bin', Buffer.from('a long first content'))
        await put('a.bin', Buffer.from('short'))
        expect(Buffer.from(await context.store.read(context.ref('a.bin'))).toString()).toBe('short')
        expect(await context.store.stat(context.ref('a.bin'))).toMatchObject({ size: 5 })
      })

      it('reads the requested range, up to the end of the file', async () => {
        await put('a.bin', Buffer.from('0123456789'))
        const read = async (from: number, to: number) =>
          Buffer.from(await context.store.read(context.ref('a.bin'), { range: [from, to] })).toString()
        expect(await read(0, 4)).toBe('0123')
        expect(await read(3, 7)).toBe('3456')
        expect(await read(8, 100)).toBe('89')
      })

      it('reads maxBytes, and refuses more with INPUT_TOO_LARGE', async () => {
        await put('a.bin', Buffer.from('0123456789'))
        expect(await context.store.read(context.ref('a.bin'), { maxBytes: 10 })).toHaveLength(10)
        await expect(context.store.read(context.ref('a.bin'), { maxBytes: 9 })).rejects.toMatchObject({
          code: 'INPUT_TOO_LARGE',
          path: context.ref('a.bin'),
        })
        expect(await context.store.read(context.ref('a.bin'), { maxBytes: 9, range: [0, 9] })).toHaveLength(9)
      })

      it('returns the modification time as an ISO date', async () => {
        await put('a.bin', Buffer.from('a'))
        const { modified } = (await context.store.stat(context.ref('a.bin'))) ?? {}
        expect(new Date(modified ?? '').toISOString()).toBe(modified)
      })

      it('throws ABORTED from a read whose signal is already aborted', async () => {
        await put('a.bin', Buffer.from('a'))
        const signal = AbortSignal.abort()
        await expect(context.store.read(context.ref('a.bin'), { signal })).rejects.toMatchObject({
          code: 'ABORTED',
        })
      })
    })

    describe('missing and removed files', () => {
      it('returns undefined from stat of a missing file', async () => {
        expect(await context.store.stat(context.ref('nothing.bin'))).toBeUndefined()
      })

      it('throws INPUT_NOT_FOUND with path and stage for a missing file', async () => {
        await expect(context.store.read(context.ref('nothing.bin'))).rejects.toMatchObject({
          name: 'ImgprocError',
          code: 'INPUT_NOT_FOUND',
          stage: 'read',
          path: context.ref('nothing.bin'),
        })
      })

      it('stats many files in their order', async () => {
        const names = ['b.bin', 'nothing.bin', 'a.bin', 'b.bin', 'deep/nothing.bin']
        await put('a.bin', Buffer.from('a'))
        await put('b.bin', Buffer.from('bb'))
        const found = await statAll(
          context.store,
          names.map((file) => context.ref(file)),
        )
        expect(found.map((source) => source?.size)).toEqual([2, undefined, 1, 2, undefined])
        expect(found[0]).toEqual(await context.store.stat(context.ref('b.bin')))
        expect(await statAll(context.store, [])).toEqual([])
      })

      it('removes a file, and does nothing if it is already removed', async () => {
        await put('a.bin', Buffer.from('a'))
        await put('b.bin', Buffer.from('b'))
        await context.store.remove(context.ref('a.bin'))
        await context.store.remove(context.ref('a.bin'))
        expect(await refs(context.store, context.pattern('**'))).toEqual([context.ref('b.bin')])
      })
    })

    describe('listing', () => {
      const fill = async (...names: string[]) => {
        for (const file of names) await put(file, Buffer.from(file))
      }
      const listed = (...names: string[]) => names.map((file) => context.ref(file)).toSorted()

      it('lists the matches of a glob with their sizes', async () => {
        await fill('a.png', 'b.jpg', 'sub/c.png', 'sub/deep/d.png')
        expect(await refs(context.store, context.pattern('*.png'))).toEqual(listed('a.png'))
        expect(await refs(context.store, context.pattern('**/*.png'))).toEqual(
          listed('a.png', 'sub/c.png', 'sub/deep/d.png'),
        )
        expect(await refs(context.store, context.pattern('*/*.png'))).toEqual(listed('sub/c.png'))
        const [source] = await sources(context.store, context.pattern('sub/*.png'))
        expect(source).toMatchObject({ ref: context.ref('sub/c.png'), size: 'sub/c.png'.length })
      })

      it('supports braces, character classes and single-character wildcards', async () => {
        await fill('a1.png', 'a2.jpg', 'b1.png', 'sub/a3.gif')
        expect(await refs(context.store, context.pattern('*.{png,jpg}'))).toEqual(
          listed('a1.png', 'a2.jpg', 'b1.png'),
        )
        expect(await refs(context.store, context.pattern('[ab]1.png'))).toEqual(listed('a1.png', 'b1.png'))
        expect(await refs(context.store, context.pattern('a?.*'))).toEqual(listed('a1.png', 'a2.jpg'))
      })

      it('matches extensions in any case', async () => {
        await fill('a.JPG', 'b.Jpg', 'c.jpg', 'd.png')
        expect(await refs(context.store, context.pattern('*.jpg'))).toEqual(listed('a.JPG', 'b.Jpg', 'c.jpg'))
      })

      it('leaves out files that match ignore', async () => {
        await fill('a.png', 'raw/b.png', 'sub/raw/c.png', 'sub/d.png')
        const ignore = [context.pattern('raw/**'), context.pattern('**/d.*')]
        expect(await refs(context.store, context.pattern('**'), { ignore })).toEqual(
          listed('a.png', 'sub/raw/c.png'),
        )
      })

      it('lists nothing for an empty folder, a missing folder and a missing file', async () => {
        expect(await refs(context.store, context.pattern('**/*.png'))).toEqual([])
        expect(await refs(context.store, context.pattern('no/such/folder/*.png'))).toEqual([])
        expect(await refs(context.store, context.ref('nothing.png'))).toEqual([])
      })

      it('locates a file, a missing file and a glob', async () => {
        await fill('sub/a [1].png', 'sub/b.png')
        const file = context.ref('sub/a [1].png')
        expect(await context.store.locate(file)).toEqual({
          kind: 'file',
          ref: file,
          base: context.ref('sub'),
        })
        const missing = context.ref('sub/c.png')
        expect(await context.store.locate(missing)).toEqual({
          kind: 'nothing',
          ref: missing,
          base: context.ref('sub'),
        })
        const glob = { kind: 'glob', ref: context.ref('sub'), base: context.ref('sub') }
        expect(await context.store.locate(context.pattern('sub/*.png'))).toEqual(glob)
      })

      it('can be stopped by its consumer', async () => {
        await fill('a.png', 'b.png', 'c.png')
        for await (const { ref } of context.store.list(context.pattern('*.png'))) {
          expect(listed('a.png', 'b.png', 'c.png')).toContain(ref)
          break
        }
        expect(await refs(context.store, context.pattern('*.png'))).toHaveLength(3)
      })

      it('throws ABORTED if its signal is aborted', async () => {
        await fill('a.png')
        const signal = AbortSignal.abort()
        await expect(refs(context.store, context.pattern('*.png'), { signal })).rejects.toMatchObject({
          code: 'ABORTED',
        })
      })
    })

    describe('listing in order', () => {
      const NAMES = ['a.bin', 'b/1.bin', 'b/c/2.bin', 'b/c/3.bin', 'b/d.bin', 'b.bin', 'b0.bin', 'c.bin']
      const inOrder = async (options?: OrderedListOptions, folder = 'p') => {
        const names: string[] = []
        const root = context.ref(`${folder}/`).replace(/\/*$/, '/')
        for await (const { ref } of context.store.listInOrder(context.ref(folder), options)) {
          names.push(ref.slice(root.length))
        }
        return names
      }
      const byBytes = (a: string, b: string) => Buffer.compare(Buffer.from(a), Buffer.from(b))
      const fill = async (names: readonly string[]) => {
        for (const name of names) await put(`p/${name}`, Buffer.from(name))
      }

      it('lists all files below a folder by the bytes of their refs', async () => {
        const odd = ['\u5199.bin', '\u{1F4F7}.bin', '\uFB01.bin', 'Z.bin', 'a b.bin']
        const names = sortsByLanguage ? NAMES : [...NAMES, ...odd]
        await fill(names.toReversed())
        await put('p2/other.bin', Buffer.from('other'))
        expect(await inOrder()).toEqual(names.toSorted(byBytes))
        const [first] = names.toSorted(byBytes)
        for await (const source of context.store.listInOrder(context.ref('p'))) {
          expect(source).toMatchObject({ ref: context.ref(`p/${first}`), size: first?.length })
          break
        }
      })

      it('begins after a ref, whether that exists or not', async () => {
        await fill(NAMES)
        const sorted = NAMES.toSorted(byBytes)
        for (const after of [...NAMES, 'b/', 'b/c', 'b/c/', 'b/c/25', 'b/zz', '', 'zz', 'b/c/2.bin.more']) {
          const expected = sorted.filter((name) => byBytes(name, after) > 0)
          expect(await inOrder({ after: `${context.ref('p')}/${after}` }), after).toEqual(expected)
        }
        expect(await inOrder({ after: context.ref('a') })).toEqual(sorted)
        expect(await inOrder({ after: context.ref('q') })).toEqual([])
      })

      it('ends at its limit, from which the next page goes on', async () => {
        await fill(NAMES)
        const pages: string[][] = []
        let after: string | undefined
        do {
          const page = await inOrder({ limit: 3, after })
          pages.push(page)
          after = page.length === 3 ? context.ref(`p/${page.at(-1)}`) : undefined
        } while (after !== undefined)
        expect(pages.map((page) => page.length)).toEqual([3, 3, 2])
        expect(pages.flat()).toEqual(NAMES.toSorted(byBytes))
        expect(await inOrder({ limit: 0 })).toEqual([])
      })

      it('lists nothing for a missing folder, and throws ABORTED if its signal is aborted', async () => {
        expect(await inOrder({}, 'none')).toEqual([])
        await fill(['a.bin'])
        await expect(inOrder({ signal: AbortSignal.abort() })).rejects.toMatchObject({ code: 'ABORTED' })
      })
    })
  })
}

/** Keys that most file systems cannot store literally. */
const ODD_KEYS = [
  'a//b.bin',
  'a///b.bin',
  '/leading.bin',
  '../up.bin',
  'a/../b.bin',
  'a/./b.bin',
  './here.bin',
  '..',
  '%2e%2e/c.bin',
  'a\\b\\*.bin',
  'tab\tnew\nline.bin',
  'control\u0001.bin',
  '&lt;<>&amp;\'".bin',
  'a+b c%20d%2Be.bin',
  '?x=1&y=2#z.bin',
  'UPPER.bin',
  'upper.bin',
  `${'long/'.repeat(180)}a.bin`,
]

/** Defines the tests that every store of keys must pass, including those of every store. */
export function describeKeyedStore(
  name: string,
  setup: () => Promise<StoreSetup>,
  limitations: ServerLimitations = {},
): void {
  const { ignoresIfAbsent = false, refuses = () => false } = limitations
  describeStore(name, setup, limitations)
  describe(`the ${name} store (common to all keyed stores)`, () => {
    let context: StoreSetup
    beforeEach(async () => {
      context = await setup()
    })
    afterEach(async () => {
      await context.cleanup()
    })

    const fill = async (...keys: string[]) => {
      for (const key of keys) await context.store.write(context.ref(key), Buffer.from(key), BINARY)
    }
    const listed = async (pattern: string, options?: ListOptions) => {
      const found = await refs(context.store, pattern, options)
      return found.map((ref) => ref.slice(context.ref('').length))
    }

    it.runIf(ODD_KEYS.some(refuses))('refuses keys that the place cannot hold', async () => {
      await fill('up.bin', 'a/b.bin', 'here.bin')
      for (const key of ODD_KEYS.filter(refuses)) {
        const wrong = { code: 'INVALID_USAGE', path: context.ref(key) }
        const write = context.store.write(context.ref(key), Buffer.from(key), BINARY)
        await expect(write, key).rejects.toMatchObject(wrong)
        await expect(context.store.read(context.ref(key)), key).rejects.toMatchObject(wrong)
        await expect(context.store.remove(context.ref(key)), key).rejects.toMatchObject(wrong)
        expect(await context.store.stat(context.ref(key)), key).toBeUndefined()
      }
      expect(await listed(context.pattern('**'))).toEqual(['a/b.bin', 'here.bin', 'up.bin'])
    })

    it('takes keys literally, and lists them unchanged', async () => {
      const keys = ODD_KEYS.filter((key) => !refuses(key))
      const folders = ['a/../b.bin', 'a/./b.bin', 'a//b.bin']
      await fill(...keys)
      for (const key of keys) {
        expect(Buffer.from(await context.store.read(context.ref(key))).toString(), key).toBe(key)
        expect(await context.store.stat(context.ref(key)), key).toMatchObject({ ref: context.ref(key) })
        expect(await listed(context.ref(key)), key).toEqual([key])
      }
      expect(await listed(context.pattern('**'))).toEqual(keys.toSorted())
      expect(await listed(context.pattern('a/*/b.bin'))).toEqual(folders.filter((key) => !refuses(key)))
      for (const key of keys) await context.store.remove(context.ref(key))
      expect(await listed(context.pattern('**'))).toEqual([])
    })

    it('locates a key, a folder, a glob and nothing', async () => {
      await fill('p/q/a.jpg', 'p/[x]/b.jpg', 'p/q.jpg', 'p//c.jpg', 'top.jpg')
      const root = context.ref('').slice(0, -1)
      const located = async (pattern: string) => {
        const { kind, ref, base } = await context.store.locate(context.pattern(pattern))
        return [kind, ref.slice(root.length + 1), base.slice(root.length + 1)]
      }
      expect(await located('p/q/a.jpg')).toEqual(['file', 'p/q/a.jpg', 'p/q'])
      expect(await located('top.jpg')).toEqual(['file', 'top.jpg', ''])
      expect(await located('p//c.jpg')).toEqual(['file', 'p//c.jpg', 'p/'])
      expect(await located('p/q')).toEqual(['folder', 'p/q', 'p/q'])
      expect(await located('p/q/')).toEqual(['folder', 'p/q', 'p/q'])
      expect(await located('p//')).toEqual(['folder', 'p/', 'p/'])
      expect(await located('none/')).toEqual(['folder', 'none', 'none'])
      expect(await located('p/[x]')).toEqual(['folder', 'p/[x]', 'p/[x]'])
      expect(await located('p/\\[x\\]/b.jpg')).toEqual(['file', 'p/[x]/b.jpg', 'p/[x]'])
      expect(await located('p/none.jpg')).toEqual(['nothing', 'p/none.jpg', 'p'])
      for (const [glob, base] of [
        ['p/q/*.jpg', 'p/q'],
        ['p/**/q/*.jpg', 'p'],
        ['p/{q,r}/*.jpg', 'p'],
        ['{p/q,p/[x]}/*.jpg', ''],
        ['p/[x]/*.jpg', 'p/[x]'],
        ['p/\\[x\\]/*.jpg', 'p/[x]'],
        ['p/none/*.jpg', 'p/none'],
        ['p/q*/', 'p'],
      ] as const) {
        expect(await located(glob), glob).toEqual(['glob', base, base])
      }
      expect((await context.store.locate(`'${context.pattern('p/q/**')}'`)).kind).toBe('glob')
    })

    it('lists a folder, and no keys that only share its prefix', async () => {
      await fill('p/a.jpg', 'p/sub/b.jpg', 'p2/c.jpg', 'p.jpg')
      expect(await listed(context.ref('p'))).toEqual(['p/a.jpg', 'p/sub/b.jpg'])
      expect(await listed(context.ref('p/'))).toEqual(['p/a.jpg', 'p/sub/b.jpg'])
      expect(await listed(context.pattern('p*/*.jpg'))).toEqual(['p/a.jpg', 'p2/c.jpg'])
      expect(await listed(context.pattern('p/*'))).toEqual(['p/a.jpg'])
    })

    it('leaves out keys that end in a slash', async () => {
      await fill('p/', 'p/sub/', 'p/sub/a.jpg')
      expect(await listed(context.ref('p'))).toEqual(['p/sub/a.jpg'])
      expect(await listed(context.ref('p/sub/'))).toEqual(['p/sub/a.jpg'])
      expect(await listed(context.pattern('**'))).toEqual(['p/sub/a.jpg'])
    })

    it('leaves out dot folders and node_modules unless they are named', async () => {
      await fill('a.jpg', '.git/b.jpg', 'x/node_modules/p/c.jpg', 'x/.cache/d.jpg', '.hidden.jpg')
      expect(await listed(context.pattern('**'))).toEqual(['a.jpg'])
      expect(await listed(context.pattern('**/*.jpg'))).toEqual(['a.jpg'])
      expect(await listed(context.ref('.git'))).toEqual(['.git/b.jpg'])
      expect(await listed(context.pattern('**/.cache/*.jpg'))).toEqual(['x/.cache/d.jpg'])
      expect(await listed(context.ref('x/node_modules'))).toEqual(['x/node_modules/p/c.jpg'])
      expect(await listed(context.pattern('**/node_modules/**/*.jpg'))).toEqual(['x/node_modules/p/c.jpg'])
      expect(await listed(context.ref('.hidden.jpg'))).toEqual(['.hidden.jpg'])
    })

    it('leaves out names, globs and URLs in ignore and skip', async () => {
      await fill('p/a.jpg', 'p/raw/b.jpg', 'p/sub/raw/c.jpg', 'p/d.png', 'p/[x]/e.jpg', 'p/raw2/f.jpg')
      const remaining = async (options: ListOptions) =>
        (await listed(context.ref('p'), options)).map((key) => key.slice('p/'.length))
      const all = ['[x]/e.jpg', 'a.jpg', 'd.png', 'raw/b.jpg', 'raw2/f.jpg', 'sub/raw/c.jpg']
      const without = (...keys: string[]) => all.filter((key) => !keys.includes(key))
      expect(await remaining({})).toEqual(all)
      expect(await remaining({ ignore: ['raw'] })).toEqual(without('raw/b.jpg'))
      expect(await remaining({ ignore: ['./raw/'] })).toEqual(without('raw/b.jpg'))
      expect(await remaining({ ignore: ['**/raw/**'] })).toEqual(without('raw/b.jpg', 'sub/raw/c.jpg'))
      expect(await remaining({ ignore: ['*.JPG', '[x]'] })).toEqual(without('a.jpg', '[x]/e.jpg'))
      expect(await remaining({ ignore: [context.pattern('p/raw')] })).toEqual(without('raw/b.jpg'))
      expect(await remaining({ ignore: [context.pattern('**/*.{png,gif}')] })).toEqual(without('d.png'))
      expect(await remaining({ ignore: [context.pattern('q/**')] })).toEqual(all)
      expect(await remaining({ skip: [context.ref('p/raw')] })).toEqual(without('raw/b.jpg'))
      expect(await listed(context.ref('p/a.jpg'), { ignore: ['*.jpg'] })).toEqual([])
      expect(await listed(context.ref('p/a.jpg'), { skip: [context.ref('p/')] })).toEqual([])
    })

    it.skipIf(ignoresIfAbsent)('refuses to overwrite a key with ifAbsent', async () => {
      const absentOnly = { ...BINARY, ifAbsent: true }
      await context.store.write(context.ref('lock'), Buffer.from('first'), absentOnly)
      await expect(
        context.store.write(context.ref('lock'), Buffer.from('second'), absentOnly),
      ).rejects.toMatchObject({
        code: 'OUTPUT_COLLISION',
        path: context.ref('lock'),
        retryable: false,
      })
      expect(Buffer.from(await context.store.read(context.ref('lock'))).toString()).toBe('first')
    })

    it('returns another etag after a change', async () => {
      await context.store.write(context.ref('a'), Buffer.from('one'), BINARY)
      const first = await context.store.stat(context.ref('a'))
      const written = await context.store.write(context.ref('a'), Buffer.from('two'), BINARY)
      const second = await context.store.stat(context.ref('a'))
      const [inList] = await sources(context.store, context.pattern('**'))
      expect(first?.etag).toMatch(/^[^"]+$/)
      expect(second?.etag).not.toBe(first?.etag)
      expect([written.etag, inList?.etag]).toEqual([second?.etag, second?.etag])
    })

    it('refuses paths and URLs of other schemes', async () => {
      for (const pattern of ['', "''", 'photos/a.jpg', 'other://a/b.jpg']) {
        await expect(context.store.locate(pattern)).rejects.toMatchObject({ code: 'INVALID_USAGE' })
      }
    })
  })
}

const BINARY = { contentType: 'application/octet-stream' }

/** Lists all sources, sorted by ref. */
export async function sources(store: Store, pattern: string, options?: ListOptions): Promise<Source[]> {
  const found: Source[] = []
  for await (const source of store.list(pattern, options)) found.push(source)
  return found.toSorted((a, b) => (a.ref < b.ref ? -1 : 1))
}

/** Lists all refs, sorted, with duplicates. */
export async function refs(store: Store, pattern: string, options?: ListOptions): Promise<string[]> {
  return (await sources(store, pattern, options)).map((source) => source.ref)
}
