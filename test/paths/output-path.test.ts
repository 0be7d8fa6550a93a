import { posix, win32 } from 'node:path'
import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { checkTarget, collisionKey, commonBase, relativePath } from '../../src/paths/output-path.js'

const outside = (message: RegExp) =>
  expect.objectContaining({
    code: 'OUTPUT_OUTSIDE_ROOT',
    stage: 'plan',
    message: expect.stringMatching(message),
  })

describe('checkTarget', () => {
  it.each(['a.png', '2024/may/a.thumb.png', 'a..b/..c/d...png', 'a{{b}}.{hash:8}.{ext}', '.hidden/a.png'])(
    'allows %s everywhere',
    (path) => {
      expect(() => checkTarget(path, posix)).not.toThrow()
      expect(() => checkTarget(path, win32)).not.toThrow()
    },
  )

  it.each([
    ['', /"" is empty/],
    ['  ', /is empty/],
    ['/etc/a.png', /"\/etc\/a\.png" is absolute/],
    ['//server/share/a.png', /is absolute/],
    ['..', /goes up a folder/],
    ['../a.png', /goes up a folder.*--path.*--out/],
    ['a/../b.png', /goes up a folder/],
    ['a/..', /goes up a folder/],
    ['C:/a.png', /is on a drive/],
    ['c:\\a.png', /is on a drive/],
    ['\\\\server\\share\\a.png', /is absolute|is on a drive or network share/],
  ])('refuses "%s" everywhere', (path, message) => {
    expect(() => checkTarget(path, posix)).toThrow(outside(message))
    expect(() => checkTarget(path, win32)).toThrow(outside(message))
  })

  it.each([
    '\\a.png',
    '..\\a.png',
    'a\\..\\..\\b.png',
    'a/..\\b.png',
    'C:a.png',
    'a:b.png',
    'x/a:b.png',
    '.. /a.png',
    '.../a.png',
    'a./b.png',
    'a.png ',
    'CON',
    'x/con.thumb.png',
    'COM1.png',
    'what?.png',
    'a\n.png',
  ])('refuses %j on Windows, where it means something else', (path) => {
    expect(() => checkTarget(path, win32)).toThrow(outside(/absolute|goes up|Windows/))
    expect(() => checkTarget(path, posix)).not.toThrow()
  })

  it('lets nothing through that leaves the root', () => {
    const path = fc.string({ unit: fc.constantFrom('.', '..', '/', '\\', 'a', 'C:', ' ', '{ext}', ':') })
    fc.assert(
      fc.property(path, fc.constantFrom(posix, win32), (target, platform) => {
        let allowed = true
        try {
          checkTarget(target, platform)
        } catch {
          allowed = false
        }
        const root = platform === win32 ? 'D:\\out\\' : '/out/'
        fc.pre(allowed)
        expect(platform.resolve(root, target).startsWith(root.slice(0, -1))).toBe(true)
      }),
    )
  })
})

describe('collisionKey', () => {
  it.each([
    ['A/B.JPG', 'a/b.jpg'],
    ['caf\u00e9.png', 'CAFE\u0301.png'],
    ['stra\u00dfe', 'STRASSE'],
    ['stra\u1e9ee', 'strasse'],
    ['ΟΔΟΣ', 'οδος'],
    ['οδοσ', 'οδος'],
    ['İ.png', 'i\u0307.png'],
    ['\u212b', '\u00e5'],
    ['ﬁ.png', 'FI.png'],
  ])('is one for %s and %s', (a, b) => {
    expect(collisionKey(a)).toBe(collisionKey(b))
  })

  it.each([
    ['kır.jpg', 'kir.jpg'],
    ['a.jpg', 'a.png'],
    ['e.jpg', 'é.jpg'],
    ['a/b', 'a-b'],
  ])('tells %s from %s', (a, b) => {
    expect(collisionKey(a)).not.toBe(collisionKey(b))
  })

  it('is the same for every normalisation and case of a path', () => {
    const paths = fc.string({ unit: 'grapheme' }).filter((path) => !path.includes('ı'))
    fc.assert(
      fc.property(paths, (path) => {
        const key = collisionKey(path)
        expect(collisionKey(key)).toBe(key)
        expect(collisionKey(path.normalize('NFD'))).toBe(key)
        expect(collisionKey(path.toUpperCase())).toBe(key)
      }),
    )
  })
})

describe('commonBase', () => {
  it.each([
    [[], ''],
    [['/'], '/'],
    [['/a/b'], '/a/b'],
    [['/a/b/'], '/a/b'],
    [['/a/b', '/a/c/d'], '/a'],
    [['/a/b', '/a/b/c'], '/a/b'],
    [['/a/b/c', '/a/b'], '/a/b'],
    [['/a/b', '/a/bc'], '/a'],
    [['/a', '/b'], '/'],
    [['/', '/b'], '/'],
    [['C:/a/b', 'c:/a/c'], 'C:/a'],
    [['C:/a', 'C:/b'], 'C:/'],
    [['C:/a', 'D:/a'], ''],
    [['//nas/photos/a', '//nas/photos/b'], '//nas/photos'],
    [['//nas/photos', '//nas/videos'], ''],
    [['C:/a', '//nas/photos'], ''],
    [['photos/a', 'photos/b'], 'photos'],
    [['photos', 'videos'], ''],
  ])('of %j is "%s"', (bases, base) => {
    expect(commonBase(bases)).toBe(base)
  })

  it('holds every folder, in whatever order they come', () => {
    const folder = fc
      .array(fc.constantFrom('a', 'b', 'ab'), { maxLength: 4 })
      .map((parts) => `/${parts.join('/')}`)
    fc.assert(
      fc.property(fc.array(folder, { minLength: 1 }), (folders) => {
        const base = commonBase(folders)
        expect(commonBase(folders.toReversed())).toBe(base)
        for (const one of folders) expect(posix.relative(base, one)).not.toMatch(/^\.\./)
      }),
    )
  })
})

describe('relativePath', () => {
  it('is what Node says, whatever was asked before', () => {
    const paths = fc
      .array(fc.constantFrom('a', 'b', 'A', '..', '.', '', 'c.jpg'), { minLength: 1, maxLength: 5 })
      .map((names) => `/${names.join('/')}`)
    fc.assert(
      fc.property(fc.array(fc.tuple(paths, paths), { minLength: 1 }), (asked) => {
        for (const [from, to] of asked) {
          expect(relativePath(from, to, posix)).toBe(posix.relative(from, to))
          const [drive, other] = [`C:${from}`, `C:${to}`]
          expect(relativePath(drive, other, win32)).toBe(win32.relative(drive, other).replaceAll('\\', '/'))
        }
      }),
    )
  })

  it('goes down, up and nowhere', () => {
    expect(relativePath('/site', '/site/photos/a.jpg', posix)).toBe('photos/a.jpg')
    expect(relativePath('/site/web', '/site/photos/a.jpg', posix)).toBe('../photos/a.jpg')
    expect(relativePath('/site', '/site', posix)).toBe('')
  })

  it('writes slashes on Windows, and keeps the drive of a file on another', () => {
    expect(relativePath('C:\\site\\web', 'c:\\site\\photos\\a.jpg', win32)).toBe('../photos/a.jpg')
    expect(relativePath('C:\\site', 'D:\\photos\\a.jpg', win32)).toBe('D:/photos/a.jpg')
  })

  it('keeps a backslash where it is a letter', () => {
    expect(relativePath('/site', '/site/a\\b.jpg', posix)).toBe('a\\b.jpg')
  })
})
