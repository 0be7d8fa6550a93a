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
    'allows %s on every system',
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
  ])('rejects "%s" on every system', (path, message) => {
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
  ])('rejects %j on Windows only', (path) => {
    expect(() => checkTarget(path, win32)).toThrow(outside(/absolute|goes up|Windows/))
    expect(() => checkTarget(path, posix)).not.toThrow()
  })

  it('never allows a path that leaves the root', () => {
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
  ])('is equal for %s and %s', (a, b) => {
    expect(collisionKey(a)).toBe(collisionKey(b))
  })

  it.each([
    ['kır.jpg', 'kir.jpg'],
    ['a.jpg', 'a.png'],
    ['e.jpg', 'é.jpg'],
    ['a/b', 'a-b'],
  ])('differs for %s and %s', (a, b) => {
    expect(collisionKey(a)).not.toBe(collisionKey(b))
  })

  it('is equal for all normalisations and cases of a path', () => {
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
  ])('returns for %j "%s"', (bases, base) => {
    expect(commonBase(bases)).toBe(base)
  })

  it('contains every folder, in any order', () => {
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
  it("equals Node's path.relative, whatever was computed before", () => {
    const paths = fc
      .array(fc.constantFrom('a', 'b', 'A', '..', '.', '', 'c.jpg'), { minLength: 1, maxLength: 5 })
      .map((names) => `/${names.join('/')}`)
    fc.assert(
      fc.property(fc.array(fc.tuple(paths, paths), { minLength: 1 }), (pairs) => {
        for (const [from, to] of pairs) {
          expect(relativePath(from, to, posix)).toBe(posix.relative(from, to))
          const [drive, other] = [`C:${from}`, `C:${to}`]
          expect(relativePath(drive, other, win32)).toBe(win32.relative(drive, other).replaceAll('\\', '/'))
        }
      }),
    )
  })

  it('leads down, up and to the folder itself', () => {
    expect(relativePath('/site', '/site/photos/a.jpg', posix)).toBe('photos/a.jpg')
    expect(relativePath('/site/web', '/site/photos/a.jpg', posix)).toBe('../photos/a.jpg')
    expect(relativePath('/site', '/site', posix)).toBe('')
  })

  it('uses slashes on Windows, and stays absolute for a file on another drive', () => {
    expect(relativePath('C:\\site\\web', 'c:\\site\\photos\\a.jpg', win32)).toBe('../photos/a.jpg')
    expect(relativePath('C:\\site', 'D:\\photos\\a.jpg', win32)).toBe('D:/photos/a.jpg')
  })

  it('keeps a backslash in a name on POSIX', () => {
    expect(relativePath('/site', '/site/a\\b.jpg', posix)).toBe('a\\b.jpg')
  })
})
