import { randomBytes } from 'node:crypto'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { statAll } from '../../src/stores/stat-all.js'
import type { ListOptions, Store, Source } from '../../src/stores/types.js'

/** A store over an empty place of its own. */
export interface StoreSetup {
  readonly store: Store
  /** The ref, as the store itself lists it, of a name below the place; the name may hold folders. */
  readonly ref: (name: string) => string
  /** A glob below the place. */
  readonly pattern: (glob: string) => string
  readonly cleanup: () => Promise<void>
}

/** Names that stores and shells like to get wrong. */
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

/** What every store must do, whatever it stores in. */
export function describeStore(name: string, setup: () => Promise<StoreSetup>): void {
  describe(`the ${name} store, as every store,`, () => {
    let at: StoreSetup
    beforeEach(async () => {
      at = await setup()
    })
    afterEach(async () => {
      await at.cleanup()
    })

    const put = (file: string, data: Uint8Array) => at.store.write(at.ref(file), data, BINARY)

    describe('reads and writes, and', () => {
      it('gives back the bytes that it was given', async () => {
        const data = randomBytes(300_000)
        const written = await put('deep/er/a.bin', data)
        expect(written).toMatchObject({ ref: at.ref('deep/er/a.bin'), size: data.length })
        expect(Buffer.compare(await at.store.read(at.ref('deep/er/a.bin')), data)).toBe(0)
      })

      it('keeps an empty file', async () => {
        await put('empty.bin', new Uint8Array())
        expect(await at.store.read(at.ref('empty.bin'))).toHaveLength(0)
        expect(await at.store.stat(at.ref('empty.bin'))).toMatchObject({ size: 0 })
      })

      it.each(ODD_NAMES)('takes the name %j as it is', async (odd) => {
        const data = Buffer.from(odd)
        await put(odd, data)
        expect(Buffer.from(await at.store.read(at.ref(odd)))).toEqual(data)
        expect(await at.store.stat(at.ref(odd))).toMatchObject({ ref: at.ref(odd), size: data.length })
        expect(await refs(at.store, at.ref(odd))).toEqual([at.ref(odd)])
      })

      it('overwrites the whole of what was there', async () => {
        await put('a.bin', Buffer.from('a long first content'))
        await put('a.bin', Buffer.from('short'))
        expect(Buffer.from(await at.store.read(at.ref('a.bin'))).toString()).toBe('short')
        expect(await at.store.stat(at.ref('a.bin'))).toMatchObject({ size: 5 })
      })

      it('reads the range that is asked for, and no further than the end', async () => {
        await put('a.bin', Buffer.from('0123456789'))
        const read = async (from: number, to: number) =>
          Buffer.from(await at.store.read(at.ref('a.bin'), { range: [from, to] })).toString()
        expect(await read(0, 4)).toBe('0123')
        expect(await read(3, 7)).toBe('3456')
        expect(await read(8, 100)).toBe('89')
      })

      it('reads up to maxBytes and refuses more', async () => {
        await put('a.bin', Buffer.from('0123456789'))
        expect(await at.store.read(at.ref('a.bin'), { maxBytes: 10 })).toHaveLength(10)
        await expect(at.store.read(at.ref('a.bin'), { maxBytes: 9 })).rejects.toMatchObject({
          code: 'INPUT_TOO_LARGE',
          path: at.ref('a.bin'),
        })
        expect(await at.store.read(at.ref('a.bin'), { maxBytes: 9, range: [0, 9] })).toHaveLength(9)
      })

      it('says when a source was changed, as an ISO date', async () => {
        await put('a.bin', Buffer.from('a'))
        const { modified } = (await at.store.stat(at.ref('a.bin'))) ?? {}
        expect(new Date(modified ?? '').toISOString()).toBe(modified)
      })

      it('stops at once when it is told to before it reads', async () => {
        await put('a.bin', Buffer.from('a'))
        const signal = AbortSignal.abort()
        await expect(at.store.read(at.ref('a.bin'), { signal })).rejects.toMatchObject({ code: 'ABORTED' })
      })
    })

    describe('knows what is not there, and', () => {
      it('answers undefined for its stat', async () => {
        expect(await at.store.stat(at.ref('nothing.bin'))).toBeUndefined()
      })

      it('fails to read it with INPUT_NOT_FOUND, its path and the stage', async () => {
        await expect(at.store.read(at.ref('nothing.bin'))).rejects.toMatchObject({
          name: 'ImgprocError',
          code: 'INPUT_NOT_FOUND',
          stage: 'read',
          path: at.ref('nothing.bin'),
        })
      })

      it('answers of many in their order', async () => {
        const names = ['b.bin', 'nothing.bin', 'a.bin', 'b.bin', 'deep/nothing.bin']
        await put('a.bin', Buffer.from('a'))
        await put('b.bin', Buffer.from('bb'))
        const found = await statAll(
          at.store,
          names.map((file) => at.ref(file)),
        )
        expect(found.map((source) => source?.size)).toEqual([2, undefined, 1, 2, undefined])
        expect(found[0]).toEqual(await at.store.stat(at.ref('b.bin')))
        expect(await statAll(at.store, [])).toEqual([])
      })

      it('removes a file once, and nothing the second time', async () => {
        await put('a.bin', Buffer.from('a'))
        await put('b.bin', Buffer.from('b'))
        await at.store.remove(at.ref('a.bin'))
        await at.store.remove(at.ref('a.bin'))
        expect(await refs(at.store, at.pattern('**'))).toEqual([at.ref('b.bin')])
      })
    })

    describe('lists, and', () => {
      const fill = async (...names: string[]) => {
        for (const file of names) await put(file, Buffer.from(file))
      }
      const listed = (...names: string[]) => names.map((file) => at.ref(file)).toSorted()

      it('finds what a glob matches, with sizes', async () => {
        await fill('a.png', 'b.jpg', 'sub/c.png', 'sub/deep/d.png')
        expect(await refs(at.store, at.pattern('*.png'))).toEqual(listed('a.png'))
        expect(await refs(at.store, at.pattern('**/*.png'))).toEqual(
          listed('a.png', 'sub/c.png', 'sub/deep/d.png'),
        )
        expect(await refs(at.store, at.pattern('*/*.png'))).toEqual(listed('sub/c.png'))
        const [source] = await sources(at.store, at.pattern('sub/*.png'))
        expect(source).toMatchObject({ ref: at.ref('sub/c.png'), size: 'sub/c.png'.length })
      })

      it('takes braces, character classes and single characters', async () => {
        await fill('a1.png', 'a2.jpg', 'b1.png', 'sub/a3.gif')
        expect(await refs(at.store, at.pattern('*.{png,jpg}'))).toEqual(listed('a1.png', 'a2.jpg', 'b1.png'))
        expect(await refs(at.store, at.pattern('[ab]1.png'))).toEqual(listed('a1.png', 'b1.png'))
        expect(await refs(at.store, at.pattern('a?.*'))).toEqual(listed('a1.png', 'a2.jpg'))
      })

      it('matches extensions in any case', async () => {
        await fill('a.JPG', 'b.Jpg', 'c.jpg', 'd.png')
        expect(await refs(at.store, at.pattern('*.jpg'))).toEqual(listed('a.JPG', 'b.Jpg', 'c.jpg'))
      })

      it('leaves out what is ignored', async () => {
        await fill('a.png', 'raw/b.png', 'sub/raw/c.png', 'sub/d.png')
        const ignore = [at.pattern('raw/**'), at.pattern('**/d.*')]
        expect(await refs(at.store, at.pattern('**'), { ignore })).toEqual(listed('a.png', 'sub/raw/c.png'))
      })

      it('finds nothing where nothing is', async () => {
        expect(await refs(at.store, at.pattern('**/*.png'))).toEqual([])
        expect(await refs(at.store, at.pattern('no/such/folder/*.png'))).toEqual([])
        expect(await refs(at.store, at.ref('nothing.png'))).toEqual([])
      })

      it('knows what an argument is before it lists it', async () => {
        await fill('sub/a [1].png', 'sub/b.png')
        const file = at.ref('sub/a [1].png')
        expect(await at.store.locate(file)).toEqual({ kind: 'file', ref: file, base: at.ref('sub') })
        const missing = at.ref('sub/c.png')
        expect(await at.store.locate(missing)).toEqual({ kind: 'nothing', ref: missing, base: at.ref('sub') })
        const glob = { kind: 'glob', ref: at.ref('sub'), base: at.ref('sub') }
        expect(await at.store.locate(at.pattern('sub/*.png'))).toEqual(glob)
      })

      it('can be left halfway', async () => {
        await fill('a.png', 'b.png', 'c.png')
        for await (const { ref } of at.store.list(at.pattern('*.png'))) {
          expect(listed('a.png', 'b.png', 'c.png')).toContain(ref)
          break
        }
        expect(await refs(at.store, at.pattern('*.png'))).toHaveLength(3)
      })

      it('stops with ABORTED when it is told to', async () => {
        await fill('a.png')
        const signal = AbortSignal.abort()
        await expect(refs(at.store, at.pattern('*.png'), { signal })).rejects.toMatchObject({
          code: 'ABORTED',
        })
      })
    })
  })
}

/** Keys that no disk could hold as they are. */
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

/** What a test server can't do, though a store asks for it. */
export interface Shortcomings {
  readonly ignoresIfAbsent?: boolean
}

/** What a store of keys, not folders, must do beside what every store must. */
export function describeKeyedStore(
  name: string,
  setup: () => Promise<StoreSetup>,
  { ignoresIfAbsent = false }: Shortcomings = {},
): void {
  describeStore(name, setup)
  describe(`the ${name} store, as every store of keys,`, () => {
    let at: StoreSetup
    beforeEach(async () => {
      at = await setup()
    })
    afterEach(async () => {
      await at.cleanup()
    })

    const fill = async (...keys: string[]) => {
      for (const key of keys) await at.store.write(at.ref(key), Buffer.from(key), BINARY)
    }
    const listed = async (pattern: string, options?: ListOptions) => {
      const found = await refs(at.store, pattern, options)
      return found.map((ref) => ref.slice(at.ref('').length))
    }

    it('takes keys letter by letter, and lists them as they are', async () => {
      await fill(...ODD_KEYS)
      for (const key of ODD_KEYS) {
        expect(Buffer.from(await at.store.read(at.ref(key))).toString(), key).toBe(key)
        expect(await at.store.stat(at.ref(key)), key).toMatchObject({ ref: at.ref(key) })
        expect(await listed(at.ref(key)), key).toEqual([key])
      }
      expect(await listed(at.pattern('**'))).toEqual(ODD_KEYS.toSorted())
      expect(await listed(at.pattern('a/*/b.bin'))).toEqual(['a/../b.bin', 'a/./b.bin', 'a//b.bin'])
      for (const key of ODD_KEYS) await at.store.remove(at.ref(key))
      expect(await listed(at.pattern('**'))).toEqual([])
    })

    it('tells a key, a folder, a glob and nothing', async () => {
      await fill('p/q/a.jpg', 'p/[x]/b.jpg', 'p/q.jpg', 'p//c.jpg', 'top.jpg')
      const root = at.ref('').slice(0, -1)
      const located = async (pattern: string) => {
        const { kind, ref, base } = await at.store.locate(at.pattern(pattern))
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
      expect((await at.store.locate(`'${at.pattern('p/q/**')}'`)).kind).toBe('glob')
    })

    it('lists a folder, and not what only begins like it', async () => {
      await fill('p/a.jpg', 'p/sub/b.jpg', 'p2/c.jpg', 'p.jpg')
      expect(await listed(at.ref('p'))).toEqual(['p/a.jpg', 'p/sub/b.jpg'])
      expect(await listed(at.ref('p/'))).toEqual(['p/a.jpg', 'p/sub/b.jpg'])
      expect(await listed(at.pattern('p*/*.jpg'))).toEqual(['p/a.jpg', 'p2/c.jpg'])
      expect(await listed(at.pattern('p/*'))).toEqual(['p/a.jpg'])
    })

    it('leaves out keys that stand for folders', async () => {
      await fill('p/', 'p/sub/', 'p/sub/a.jpg')
      expect(await listed(at.ref('p'))).toEqual(['p/sub/a.jpg'])
      expect(await listed(at.ref('p/sub/'))).toEqual(['p/sub/a.jpg'])
      expect(await listed(at.pattern('**'))).toEqual(['p/sub/a.jpg'])
    })

    it('leaves out dot folders and node_modules, unless they are named', async () => {
      await fill('a.jpg', '.git/b.jpg', 'x/node_modules/p/c.jpg', 'x/.cache/d.jpg', '.hidden.jpg')
      expect(await listed(at.pattern('**'))).toEqual(['a.jpg'])
      expect(await listed(at.pattern('**/*.jpg'))).toEqual(['a.jpg'])
      expect(await listed(at.ref('.git'))).toEqual(['.git/b.jpg'])
      expect(await listed(at.pattern('**/.cache/*.jpg'))).toEqual(['x/.cache/d.jpg'])
      expect(await listed(at.ref('x/node_modules'))).toEqual(['x/node_modules/p/c.jpg'])
      expect(await listed(at.pattern('**/node_modules/**/*.jpg'))).toEqual(['x/node_modules/p/c.jpg'])
      expect(await listed(at.ref('.hidden.jpg'))).toEqual(['.hidden.jpg'])
    })

    it('leaves out what is ignored or skipped, by name, glob and URL', async () => {
      await fill('p/a.jpg', 'p/raw/b.jpg', 'p/sub/raw/c.jpg', 'p/d.png', 'p/[x]/e.jpg', 'p/raw2/f.jpg')
      const left = async (options: ListOptions) =>
        (await listed(at.ref('p'), options)).map((key) => key.slice('p/'.length))
      const all = ['[x]/e.jpg', 'a.jpg', 'd.png', 'raw/b.jpg', 'raw2/f.jpg', 'sub/raw/c.jpg']
      const without = (...keys: string[]) => all.filter((key) => !keys.includes(key))
      expect(await left({})).toEqual(all)
      expect(await left({ ignore: ['raw'] })).toEqual(without('raw/b.jpg'))
      expect(await left({ ignore: ['./raw/'] })).toEqual(without('raw/b.jpg'))
      expect(await left({ ignore: ['**/raw/**'] })).toEqual(without('raw/b.jpg', 'sub/raw/c.jpg'))
      expect(await left({ ignore: ['*.JPG', '[x]'] })).toEqual(without('a.jpg', '[x]/e.jpg'))
      expect(await left({ ignore: [at.pattern('p/raw')] })).toEqual(without('raw/b.jpg'))
      expect(await left({ ignore: [at.pattern('**/*.{png,gif}')] })).toEqual(without('d.png'))
      expect(await left({ ignore: [at.pattern('q/**')] })).toEqual(all)
      expect(await left({ skip: [at.ref('p/raw')] })).toEqual(without('raw/b.jpg'))
      expect(await listed(at.ref('p/a.jpg'), { ignore: ['*.jpg'] })).toEqual([])
      expect(await listed(at.ref('p/a.jpg'), { skip: [at.ref('p/')] })).toEqual([])
    })

    it.skipIf(ignoresIfAbsent)('writes over nothing where it must not', async () => {
      const once = { ...BINARY, ifAbsent: true }
      await at.store.write(at.ref('lock'), Buffer.from('first'), once)
      await expect(at.store.write(at.ref('lock'), Buffer.from('second'), once)).rejects.toMatchObject({
        code: 'OUTPUT_COLLISION',
        path: at.ref('lock'),
        retryable: false,
      })
      expect(Buffer.from(await at.store.read(at.ref('lock'))).toString()).toBe('first')
    })

    it('gives what was changed another etag', async () => {
      await at.store.write(at.ref('a'), Buffer.from('one'), BINARY)
      const first = await at.store.stat(at.ref('a'))
      const written = await at.store.write(at.ref('a'), Buffer.from('two'), BINARY)
      const second = await at.store.stat(at.ref('a'))
      const [inList] = await sources(at.store, at.pattern('**'))
      expect(first?.etag).toMatch(/^[^"]+$/)
      expect(second?.etag).not.toBe(first?.etag)
      expect([written.etag, inList?.etag]).toEqual([second?.etag, second?.etag])
    })

    it('refuses what is no URL of its own', async () => {
      for (const pattern of ['', "''", 'photos/a.jpg', 'other://a/b.jpg']) {
        await expect(at.store.locate(pattern)).rejects.toMatchObject({ code: 'INVALID_USAGE' })
      }
    })
  })
}

const BINARY = { contentType: 'application/octet-stream' }

/** All that a store lists, sorted. */
export async function sources(store: Store, pattern: string, options?: ListOptions): Promise<Source[]> {
  const found: Source[] = []
  for await (const source of store.list(pattern, options)) found.push(source)
  return found.toSorted((a, b) => (a.ref < b.ref ? -1 : 1))
}

/** The refs of all that a store lists, sorted; one listed twice is there twice. */
export async function refs(store: Store, pattern: string, options?: ListOptions): Promise<string[]> {
  return (await sources(store, pattern, options)).map((source) => source.ref)
}
