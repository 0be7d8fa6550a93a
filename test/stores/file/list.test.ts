import { execFileSync } from 'node:child_process'
import { chmod, link, mkdir, writeFile } from 'node:fs/promises'
import path, { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { ListOptions, Store } from '../../../src/stores/types.js'
import { isGlob } from '../../../src/stores/file/glob.js'
import { cleanPattern, toAbsolutePath } from '../../../src/stores/file/absolute-path.js'
import { createFileStore } from '../../../src/stores/file/store.js'
import { refs, sources } from '../contract.js'
import { makeTempFolder, type TempFolder } from '../temp-folder.js'

const isRoot = process.getuid?.() === 0

let folder: TempFolder
let root: string
let store: Store

beforeEach(async () => {
  folder = await makeTempFolder()
  root = folder.path
  store = createFileStore({ cwd: root })
})

afterEach(async () => {
  await folder.remove()
})

/** Lists refs relative to the temporary folder, sorted. */
async function listed(pattern: string, options?: ListOptions): Promise<string[]> {
  return (await refs(store, pattern, options)).map((ref) =>
    path.posix.relative(toAbsolutePath('.', root), ref),
  )
}

describe('arguments of the file store', () => {
  it('accept files, folders and globs, relative, absolute or as a file: URL', async () => {
    await folder.fill('photos/a.jpg', 'photos/sub/b.jpg')
    expect(await listed('photos/a.jpg')).toEqual(['photos/a.jpg'])
    expect(await listed('./photos/../photos/a.jpg')).toEqual(['photos/a.jpg'])
    expect(await listed('photos')).toEqual(['photos/a.jpg', 'photos/sub/b.jpg'])
    expect(await listed('photos/')).toEqual(['photos/a.jpg', 'photos/sub/b.jpg'])
    expect(await listed(join(root, 'photos/*.jpg'))).toEqual(['photos/a.jpg'])
    expect(await listed(pathToFileURL(join(root, 'photos/a.jpg')).href)).toEqual(['photos/a.jpg'])
    expect(await listed('../*/photos/**/b.jpg')).toContain('photos/sub/b.jpg')
  })

  it('are taken literally if such a path exists, else as a glob', async () => {
    await folder.fill(
      'Trip [Rome]/a (1).jpg',
      'Trip [Rome]/b.jpg',
      'Trip R/c.jpg',
      '*.jpg',
      'd.jpg',
      'e!.jpg',
    )
    expect(await listed('Trip [Rome]')).toEqual(['Trip [Rome]/a (1).jpg', 'Trip [Rome]/b.jpg'])
    expect(await listed('Trip [Rome]/a (1).jpg')).toEqual(['Trip [Rome]/a (1).jpg'])
    expect(await listed('Trip [Rome]/*.jpg')).toEqual(['Trip [Rome]/a (1).jpg', 'Trip [Rome]/b.jpg'])
    expect(await listed('*.jpg')).toEqual(['*.jpg'])
    expect(await listed('Trip [A-Z]/*.jpg')).toEqual(['Trip R/c.jpg'])
  })

  it('may have escaped wildcards', async () => {
    await folder.fill('Trip [Rome]/a (1).jpg', 'Trip [Rome]/b.jpg', 'Trip R/c.jpg')
    expect(await listed('Trip \\[Rome\\]/*.jpg')).toEqual(['Trip [Rome]/a (1).jpg', 'Trip [Rome]/b.jpg'])
    expect(await listed('Trip \\[Rome\\]/a \\(1\\).jpg')).toEqual(['Trip [Rome]/a (1).jpg'])
    expect(await listed('Trip \\[Rome\\]/none.jpg')).toEqual([])
  })

  it('lose the quotes that cmd.exe leaves around them', async () => {
    await folder.fill('photos/a.jpg')
    expect(await listed("'photos/**'")).toEqual(['photos/a.jpg'])
    expect(await listed('"photos/a.jpg"')).toEqual(['photos/a.jpg'])
  })

  it('list nothing if the path does not exist or cannot exist', async () => {
    await folder.fill('a.jpg')
    for (const missing of [
      'b.jpg',
      'A.JPGX',
      'a.jpg/b.jpg',
      'no/*.jpg',
      `${'x'.repeat(300)}.jpg`,
      'a\0.jpg',
    ]) {
      expect(await listed(missing)).toEqual([])
    }
  })

  it('match only the file that they name, not one that differs by case', async () => {
    await folder.fill('a.jpg', 'A.jpg')
    expect(await listed('a.jpg', { ignore: ['other'] })).toEqual(['a.jpg'])
  })

  it('may be in folders whose names contain wildcards', async () => {
    const odd = "a+(b) [c] {d,e} !f @(g) $h ^i 'j' \\k .l"
    await folder.fill(`${odd}/x.jpg`, `${odd}/raw/y.jpg`, `${odd}/sub/z\\1.jpg`)
    const inside = createFileStore({ cwd: join(root, odd) })
    const found = async (...args: [string, ListOptions?]) =>
      (await refs(inside, ...args)).map((ref) => ref.slice(ref.indexOf(odd) + odd.length + 1))
    expect(await found('.')).toEqual(['raw/y.jpg', 'sub/z\\1.jpg', 'x.jpg'])
    expect(await found('**/*.jpg', { ignore: ['raw/**'] })).toEqual(['sub/z\\1.jpg', 'x.jpg'])
    expect(await found(join(root, odd, '*.jpg'), { ignore: ['**/y.jpg'] })).toEqual(['x.jpg'])
  })

  it('may be ignored in folders whose names contain wildcards', async () => {
    const odd = 'a+(b) [c] "d" {e,f} !g @(h) \\i \\(j).k'
    await folder.fill(`in/${odd}/x.jpg`, `in/${odd}/raw/y.jpg`, 'in/z.jpg')
    const inside = createFileStore({ cwd: join(root, 'in', odd) })
    const found = await refs(inside, '..', { ignore: ['raw/*', '*.png'] })
    expect(found).toEqual(
      [toAbsolutePath(`in/${odd}/x.jpg`, root), toAbsolutePath('in/z.jpg', root)].toSorted(),
    )
    expect(await listed('in', { ignore: [`in/${odd}`] })).toEqual(['in/z.jpg'])
    expect(await listed(`in/${odd}/x.jpg`, { ignore: [`in/${odd}/x.jpg`] })).toEqual([])
    expect(await listed('.', { ignore: [`in/${odd}/raw/*.jpg`, 'in/z*'] })).toEqual([`in/${odd}/x.jpg`])
  })

  it.skipIf(process.platform !== 'linux')(
    'report a name that is not valid UTF-8 instead of omitting it',
    async () => {
      const cafe = Buffer.concat([Buffer.from(`${root}/caf`), Buffer.from([0xe9])])
      await folder.fill('good.jpg')
      await writeFile(Buffer.concat([cafe, Buffer.from('.jpg')]), 'x')
      expect(await listed('*.jpg')).toEqual(['caf\uFFFD.jpg', 'good.jpg'])
      await expect(store.read('caf\uFFFD.jpg')).rejects.toThrow(/not valid UTF-8: rename it/)

      await mkdir(cafe)
      const found: string[] = []
      const listAll = async () => {
        for await (const { ref } of store.list('.')) found.push(ref)
      }
      await expect(listAll()).rejects.toThrow(
        /caf\uFFFD".*not valid UTF-8: rename it.*or leave it out with --ignore/i,
      )
      expect(found).toHaveLength(2)
      expect(await listed('.', { ignore: ['caf?'] })).toHaveLength(2)
    },
  )

  it('must not be empty', async () => {
    for (const empty of ['', "''"]) {
      await expect(listed(empty)).rejects.toMatchObject({ code: 'INVALID_USAGE' })
      await expect(store.locate(empty)).rejects.toThrow(/is empty\. Check the shell variable/)
    }
  })

  it('refuse a file: URL that is not a path', async () => {
    await expect(listed('file:///a%2Fb.jpg')).rejects.toMatchObject({ code: 'INVALID_USAGE' })
  })
})

describe('listing of the file store', () => {
  it('leaves out dot folders and node_modules unless they are named', async () => {
    await folder.fill('a.jpg', '.git/b.jpg', 'x/node_modules/p/c.jpg', 'x/.cache/d.jpg', '.hidden.jpg')
    expect(await listed('.')).toEqual(['a.jpg'])
    expect(await listed('**/*.jpg')).toEqual(['a.jpg'])
    expect(await listed('.git')).toEqual(['.git/b.jpg'])
    expect(await listed('.git/*.jpg')).toEqual(['.git/b.jpg'])
    expect(await listed('**/.cache/*.jpg')).toEqual(['x/.cache/d.jpg'])
    expect(await listed('x/node_modules')).toEqual(['x/node_modules/p/c.jpg'])
    expect(await listed('**/node_modules/**/*.jpg')).toEqual(['x/node_modules/p/c.jpg'])
    expect(await listed('.hidden.jpg')).toEqual(['.hidden.jpg'])
  })

  it('includes files if the working directory itself is in a dot folder or node_modules', async () => {
    await folder.fill('.home/node_modules/a.jpg', '.home/node_modules/sub/b.jpg')
    const inside = createFileStore({ cwd: join(root, '.home/node_modules') })
    expect(await refs(inside, '**/*.jpg')).toHaveLength(2)
    expect(await refs(inside, '.')).toHaveLength(2)
  })

  it('leaves out matches of relative and absolute ignore globs, for relative and absolute patterns', async () => {
    await folder.fill('p/a.jpg', 'p/raw/b.jpg', 'p/sub/raw/c.jpg', 'p/d.png')
    for (const pattern of ['p', 'p/**', join(root, 'p/**'), join(root, 'p')]) {
      expect(await listed(pattern, { ignore: ['p/raw/**'] })).toEqual([
        'p/a.jpg',
        'p/d.png',
        'p/sub/raw/c.jpg',
      ])
      expect(await listed(pattern, { ignore: ['p/raw/'] })).toEqual(['p/a.jpg', 'p/d.png', 'p/sub/raw/c.jpg'])
      expect(await listed(pattern, { ignore: ['**/raw'] })).toEqual(['p/a.jpg', 'p/d.png'])
      expect(await listed(pattern, { ignore: ['./p/../**/*.JPG'] })).toEqual(['p/d.png'])
      expect(await listed(pattern, { ignore: [join(root, '**/*.jpg')] })).toEqual(['p/d.png'])
    }
    const below = createFileStore({ cwd: join(root, 'p/sub') })
    expect(await refs(below, '../**/*.jpg', { ignore: ['../raw', 'raw'] })).toEqual([
      toAbsolutePath('p/a.jpg', root),
    ])
  })

  it('leaves out a single file that is ignored', async () => {
    await folder.fill('a.jpg', 'b.jpg', '.c.jpg')
    expect(await listed('a.jpg', { ignore: ['a.*'] })).toEqual([])
    expect(await listed('b.jpg', { ignore: ['a.*'] })).toEqual(['b.jpg'])
    expect(await listed('.c.jpg', { ignore: ['a.*'] })).toEqual(['.c.jpg'])
  })

  it('leaves out files whose real path is in a skipped folder', async () => {
    await folder.fill('in/a.jpg', 'in/out/b.jpg', 'in/out/deep/c.jpg', 'in/outside/d.jpg')
    await folder.link('out', 'in/linked')
    await folder.link('out/b.jpg', 'in/e.jpg')
    await folder.link('in/out', 'elsewhere')
    const skip = [join(root, 'in/out')]
    for (const folder of ['in/out', 'elsewhere']) {
      const options = { skip: [join(root, folder)] }
      expect(await listed('in', options)).toEqual(['in/a.jpg', 'in/outside/d.jpg'])
    }
    expect(await listed('**/*.jpg', { skip })).toEqual(['in/a.jpg', 'in/outside/d.jpg'])
    expect(await listed('elsewhere', { skip })).toEqual([])
    expect(await listed('in/out/b.jpg', { skip })).toEqual([])
    expect(await listed('in', { skip: [join(root, 'not/there')] })).toHaveLength(4)
  })

  it('leaves out pipes, broken links and links in a loop', async () => {
    await folder.fill('a.jpg')
    execFileSync('mkfifo', [join(root, 'pipe.jpg')])
    await folder.link('pipe.jpg', 'pipe-link.jpg')
    await folder.link('nowhere.jpg', 'broken.jpg')
    await folder.link('circle.jpg', 'circle.jpg')
    expect(await listed('*.jpg')).toEqual(['a.jpg'])
    expect(await listed('broken.jpg')).toEqual([])
  })

  it('leaves out temp files', async () => {
    await folder.fill('.a.jpg.0123456789abcdef.imgproc-tmp', '.b.jpg')
    expect(await listed('.*')).toEqual(['.b.jpg'])
  })
})

describe('symbolic links in a listing of the file store', () => {
  it('list each file once if they form a loop', async () => {
    await folder.fill('p/a.jpg', 'p/sub/b.jpg')
    await folder.link('..', 'p/sub/up')
    await folder.link('.', 'p/self')
    expect(await listed('p')).toEqual(['p/a.jpg', 'p/sub/b.jpg'])
    expect(await listed('p/**/*.jpg')).toEqual(['p/a.jpg', 'p/sub/b.jpg'])
  })

  it('terminate if they lead to one another', async () => {
    await folder.fill('x/1.jpg', 'y/2.jpg', 'z/3.jpg')
    for (const [from, to] of ['xy', 'xz', 'yx', 'yz', 'zx', 'zy'])
      await folder.link(`../${to}`, `${from}/to-${to}`)
    expect(await listed('.')).toEqual(['x/1.jpg', 'y/2.jpg', 'z/3.jpg'])
    expect(await listed('x/**')).toEqual(['x/1.jpg', 'x/to-y/2.jpg', 'x/to-z/3.jpg'])
  })

  it('are followed to files and folders elsewhere, always under the same one of several names', async () => {
    await folder.fill('far/a.jpg', 'far/sub/b.jpg', 'p/own.jpg')
    await folder.link('../far', 'p/m')
    await folder.link('../far', 'p/n')
    await folder.link('../far/sub/b.jpg', 'p/z.jpg')
    expect(await listed('p')).toEqual(['p/m/a.jpg', 'p/m/sub/b.jpg', 'p/own.jpg'])
    expect(await listed('p/**/*.jpg')).toEqual(['p/m/a.jpg', 'p/m/sub/b.jpg', 'p/own.jpg'])
    expect(await listed('p/*.jpg')).toEqual(['p/own.jpg', 'p/z.jpg'])
    expect(await listed('p/n/*.jpg')).toEqual(['p/n/a.jpg'])
    expect(await listed('p/{m,n}/*.jpg')).toEqual(['p/m/a.jpg'])
  })

  it('list a file under the first of its names, at any depth', async () => {
    await folder.fill('far/a.jpg')
    await folder.link('../far', 'p/z')
    await folder.link('../../../far', 'p/b/c/link')
    await folder.link('../../far', 'p/y/link')
    expect(await listed('p')).toEqual(['p/b/c/link/a.jpg'])
  })

  it('do not replace the own name of a file', async () => {
    await folder.fill('p/zebra.jpg')
    await folder.link('zebra.jpg', 'p/ant.jpg')
    expect(await listed('p')).toEqual(['p/zebra.jpg'])
    expect(await listed('p/a*.jpg')).toEqual(['p/ant.jpg'])
  })

  it('list a file if the glob only matches the name of the link', async () => {
    await folder.fill('p/2024/a.jpg')
    await folder.link('2024', 'p/thumbs')
    expect(await listed('p/**/thumbs/*.jpg')).toEqual(['p/thumbs/a.jpg'])
  })

  it('may be the argument itself, or a folder above it', async () => {
    await folder.fill('far/a.jpg', 'far/sub/b.jpg')
    await folder.link('far', 'near')
    await folder.link('far/a.jpg', 'one.jpg')
    expect(await listed('near')).toEqual(['near/a.jpg', 'near/sub/b.jpg'])
    expect(await listed('near/**/b.jpg')).toEqual(['near/sub/b.jpg'])
    expect(await listed('one.jpg')).toEqual(['one.jpg'])
  })

  it('are not hard links: two hard links are two files', async () => {
    await folder.fill('a.jpg')
    await link(join(root, 'a.jpg'), join(root, 'b.jpg'))
    expect(await listed('*.jpg')).toEqual(['a.jpg', 'b.jpg'])
  })
})

describe('listing many files', () => {
  it('lists many files with their sizes, and stops on an abort', async () => {
    await Promise.all([...Array(20).keys()].map((n) => mkdir(join(root, `d${n}`))))
    await Promise.all(
      [...Array(1500).keys()].map((n) => writeFile(join(root, `d${n % 20}`, `${n}.jpg`), 'abc')),
    )
    const all = await sources(store, '.')
    expect(all).toHaveLength(1500)
    expect(new Set(all.map(({ ref }) => ref)).size).toBe(1500)
    expect(all.every(({ size, modified }) => size === 3 && modified !== undefined)).toBe(true)

    const controller = new AbortController()
    let received = 0
    const listAndAbort = async () => {
      for await (const _ of store.list('.', { signal: controller.signal })) {
        received += 1
        if (received === 100) controller.abort()
      }
    }
    await expect(listAndAbort()).rejects.toMatchObject({ code: 'ABORTED' })
    expect(received).toBeLessThan(1500)
  })

  it.skipIf(isRoot)('lists all readable files, then reports the folder that cannot be read', async () => {
    await folder.fill('a.jpg', 'private/b.jpg', 'z/c.jpg')
    await chmod(join(root, 'private'), 0)
    const denied = { code: 'ACCESS_DENIED', path: toAbsolutePath('private', root) }
    const found: string[] = []
    const listAll = async () => {
      for await (const { ref } of store.list('.')) found.push(ref)
    }
    await expect(listAll()).rejects.toMatchObject(denied)
    expect(found).toHaveLength(2)
    expect(await listed('.', { ignore: ['private/**'] })).toEqual(['a.jpg', 'z/c.jpg'])
    await expect(listed('private/*.jpg')).rejects.toMatchObject(denied)
    expect(await listed('private/b.jpg')).toEqual(['private/b.jpg'])
    await chmod(join(root, 'private'), 0o700)
  })
})

describe('locating an argument', () => {
  const located = async (pattern: string) => {
    const { kind, ref, base } = await store.locate(pattern)
    const relative = (to: string) => path.posix.relative(toAbsolutePath('.', root), to)
    return [kind, relative(ref), relative(base)]
  }

  it('returns the kind, the ref, and the base of `{dir}`', async () => {
    await folder.fill('p/q/a.jpg', 'p/[x]/b.jpg')
    expect(await located('p/q/a.jpg')).toEqual(['file', 'p/q/a.jpg', 'p/q'])
    expect(await located('p/q')).toEqual(['folder', 'p/q', 'p/q'])
    expect(await located('p/[x]/')).toEqual(['folder', 'p/[x]', 'p/[x]'])
    expect(await located('p/missing.jpg')).toEqual(['nothing', 'p/missing.jpg', 'p'])
    expect(await located('p/\\[y\\].jpg')).toEqual(['nothing', 'p/[y].jpg', 'p'])
    for (const [glob, base] of [
      ['p/q/*.jpg', 'p/q'],
      ['p/**/q/*.jpg', 'p'],
      ['p/{q,r}/*.jpg', 'p'],
      ['{p/q,p/[x]}/*.jpg', ''],
      ['p/[x]/*.jpg', 'p/[x]'],
      ['p/\\[x\\]/*.jpg', 'p/[x]'],
      ['p/none/*.jpg', 'p'],
      [join(root, 'p/q/**'), 'p/q'],
      ["'p/q/**'", 'p/q'],
    ] as const) {
      expect(await located(glob), glob).toEqual(['glob', base, base])
    }
  })

  it('distinguishes globs from names by their wildcards if neither exists', () => {
    for (const glob of ['*.jpg', 'a?.jpg', '**', 'p/{a,b}.jpg', 'p/[ab].jpg', '!(a).jpg', "'p/**'"]) {
      expect(isGlob(glob), glob).toBe(true)
    }
    for (const name of ['', 'a.jpg', 'a (1).jpg', 'a{b}.jpg', 'Trip \\[Rome\\]/a.jpg', 'C++.jpg']) {
      expect(isGlob(name), name).toBe(false)
    }
  })
})

describe('paths on Windows', () => {
  const cwd = 'C:\\site'

  it('always have `/` as the separator', () => {
    expect(toAbsolutePath('photos\\a.jpg', cwd, path.win32)).toBe('C:/site/photos/a.jpg')
    expect(toAbsolutePath('D:\\x\\..\\a.jpg', cwd, path.win32)).toBe('D:/a.jpg')
    expect(toAbsolutePath('\\\\nas\\share\\a.jpg', cwd, path.win32)).toBe('//nas/share/a.jpg')
    expect(toAbsolutePath('file:///C:/my%20photos/a.jpg', cwd, path.win32)).toBe('C:/my photos/a.jpg')
  })

  it('have `/` in globs too, where a backslash is a separator rather than an escape', () => {
    expect(cleanPattern("'photos\\(2024)\\*.jpg'", path.win32)).toBe('photos/(2024)/*.jpg')
    expect(cleanPattern('C:\\photos\\**', path.win32)).toBe('C:/photos/**')
    expect(isGlob('photos\\a.jpg', path.win32)).toBe(false)
    expect(isGlob('photos\\[a]\\*.jpg', path.win32)).toBe(true)
  })

  it('keep a backslash on other platforms, where it is part of a name', () => {
    expect(toAbsolutePath('a\\b.jpg', '/site', path.posix)).toBe('/site/a\\b.jpg')
    expect(cleanPattern('a\\*.jpg', path.posix)).toBe('a\\*.jpg')
  })
})
