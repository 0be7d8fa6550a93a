import { randomBytes } from 'node:crypto'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { ListOptions, Source, Store } from '../../src/core/types.js'

/** A store over an empty place of its own. */
export interface StoreSetup {
  readonly store: Store
  /** The ref, as the store itself lists it, of a name below the place; the name may hold folders. */
  ref(name: string): string
  /** A glob below the place. */
  pattern(glob: string): string
  cleanup(): Promise<void>
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
