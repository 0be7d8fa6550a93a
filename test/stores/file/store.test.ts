import { execFileSync } from 'node:child_process'
import { appendFile, chmod, readdir, readFile, stat, truncate, utimes, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setImmediate } from 'node:timers/promises'
import { pathToFileURL } from 'node:url'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { Store } from '../../../src/stores/types.js'
import { toReadError, toWriteError } from '../../../src/stores/errors.js'
import { toAbsolutePath } from '../../../src/stores/file/absolute-path.js'
import { createFileStore } from '../../../src/stores/file/store.js'
import { describeStore } from '../contract.js'
import { makeTempFolder, type TempFolder } from '../temp-folder.js'

const BINARY = { contentType: 'application/octet-stream' }
const isRoot = process.getuid?.() === 0

describeStore('file', async () => {
  const own = await makeTempFolder()
  return {
    store: createFileStore({ cwd: own.path }),
    ref: (name) => toAbsolutePath(name, own.path),
    pattern: (glob) => glob,
    cleanup: () => own.remove(),
  }
})

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

describe('writing parts to the file store', () => {
  // Around the size up to which a file is written in one go.
  it.each([0, 3, 200_000, 262_144, 262_145, 900_000])(
    'joins parts of %d bytes that share their memory',
    async (length) => {
      const memory = Buffer.alloc(70_000)
      const whole = Buffer.from(Uint8Array.from({ length }, (_, index) => index % 251))
      function* parts(): Generator<Uint8Array> {
        for (let at = 0; at < length; at += memory.length) yield memory.subarray(0, whole.copy(memory, 0, at))
      }
      await store.writeParts?.('parts.bin', parts(), BINARY)
      expect(Buffer.compare(await readFile(join(root, 'parts.bin')), whole)).toBe(0)
      const again = store.writeParts?.('parts.bin', parts(), { ...BINARY, ifAbsent: true })
      await expect(again).rejects.toMatchObject({ code: 'OUTPUT_COLLISION' })
      expect(await readdir(root)).toEqual(['parts.bin'])
    },
  )
})

describe('reading from the file store', () => {
  it('accepts relative paths, absolute paths and file: URLs', async () => {
    await folder.fill('a #1.jpg')
    const expected = Buffer.from('a #1.jpg')
    for (const ref of ['a #1.jpg', join(root, 'a #1.jpg'), pathToFileURL(join(root, 'a #1.jpg')).href]) {
      expect(Buffer.from(await store.read(ref))).toEqual(expected)
      expect(await store.stat(ref)).toMatchObject({ ref: toAbsolutePath('a #1.jpg', root) })
    }
  })

  it('refuses a pipe, a device and a folder without waiting', async () => {
    execFileSync('mkfifo', [join(root, 'pipe')])
    await expect(store.read('pipe')).rejects.toMatchObject({ code: 'READ_FAILED', retryable: false })
    await expect(store.read('pipe')).rejects.toThrow(/is a pipe, not a file/)
    await expect(store.read('/dev/zero')).rejects.toThrow(/is a device or socket, not a file/)
    await expect(store.read('.')).rejects.toThrow(/is a folder, not a file/)
    expect(await store.stat('.')).toBeUndefined()
  })

  it('reports the size of a source that is too large, the limit, and its option', async () => {
    await writeFile(join(root, 'a.jpg'), Buffer.alloc(2_500_000))
    await expect(store.read('a.jpg', { maxBytes: 1_000_000 })).rejects.toThrow(
      /has 2\.5 MB, more than the limit of (?:1\.0 MB|1000 kB).*limits\.bytes \(--limit-bytes\)/,
    )
    await truncate(join(root, 'a.jpg'), 5e9)
    await expect(store.read('a.jpg', { maxBytes: 1_000_000 })).rejects.toThrow(/has 5\.0 GB/)
    await truncate(join(root, 'a.jpg'), 2_500_000)
    await expect(store.read('a.jpg', { maxBytes: 2_499_999 })).rejects.toThrow(/2500000 bytes.*2499999 bytes/)
  })

  it('reads a file to its end if its size is not known in advance', async () => {
    const data = await store.read('/proc/self/maps')
    expect(Buffer.from(data).toString()).toContain('node')
    await expect(store.read('/proc/self/maps', { maxBytes: 10 })).rejects.toMatchObject({
      code: 'INPUT_TOO_LARGE',
    })
    expect(await store.read('/proc/self/maps', { range: [0, 16] })).toHaveLength(16)
  })

  it('reads large files completely, in several calls', async () => {
    const data = Buffer.alloc(20_000_000, 'imgproc')
    await writeFile(join(root, 'a.bin'), data)
    expect(Buffer.compare(await store.read('a.bin'), data)).toBe(0)
    expect(
      Buffer.compare(await store.read('a.bin', { range: [5, 17_000_000] }), data.subarray(5, 17_000_000)),
    ).toBe(0)
    const controller = new AbortController()
    const reading = store.read('a.bin', { signal: controller.signal })
    controller.abort()
    await expect(reading).rejects.toMatchObject({ code: 'ABORTED' })
  })

  it.each([[1000], [3_000_000]])('reads %i bytes into memory from `allocate`', async (size) => {
    const content = Buffer.alloc(size, 'imgproc')
    await writeFile(join(root, 'a.bin'), content)
    const memory = new ArrayBuffer(size * 2)
    const allocate = (bytes: number) => Buffer.from(memory, 0, bytes)
    const read = await store.read('a.bin', { allocate })
    expect(read.buffer).toBe(memory)
    expect(content.equals(read)).toBe(true)
    const part = await store.read('a.bin', { allocate, range: [3, 30] })
    expect(content.subarray(3, 30).equals(part)).toBe(true)
  })

  it('finds nothing below a file or under an impossible name', async () => {
    await folder.fill('a.jpg')
    for (const ref of ['a.jpg/b.jpg', `${'x'.repeat(300)}.jpg`, 'a\0b.jpg']) {
      await expect(store.read(ref)).rejects.toMatchObject({ code: 'INPUT_NOT_FOUND' })
      expect(await store.stat(ref)).toBeUndefined()
      await store.remove(ref)
    }
  })

  it.skipIf(isRoot)('throws ACCESS_DENIED if permissions are missing', async () => {
    await folder.fill('a.jpg', 'closed/b.jpg')
    await chmod(join(root, 'a.jpg'), 0)
    await chmod(join(root, 'closed'), 0)
    await expect(store.read('a.jpg')).rejects.toMatchObject({ code: 'ACCESS_DENIED' })
    await expect(store.stat('closed/b.jpg')).rejects.toMatchObject({ code: 'ACCESS_DENIED' })
    await expect(store.write('closed/c.jpg', Buffer.from('c'), BINARY)).rejects.toMatchObject({
      code: 'ACCESS_DENIED',
    })
    await chmod(join(root, 'closed'), 0o700)
  })
})

describe('writing to the file store', () => {
  const names = async () => (await readdir(root)).toSorted()

  it('leaves no file if it fails', async () => {
    await folder.fill('a.jpg/in-the-way', 'file')
    const blocked = store.write('a.jpg', Buffer.from('x'), BINARY)
    await expect(blocked).rejects.toMatchObject({ code: 'WRITE_FAILED', stage: 'write', retryable: false })
    await expect(blocked).rejects.toThrow(
      /it is a folder \(EISDIR\)\. Move the file or folder that is in the way/,
    )
    await expect(store.write('file/b.jpg', Buffer.from('x'), BINARY)).rejects.toThrow(
      /is a file, not a folder/,
    )
    const long = store.write(`${'x'.repeat(300)}.jpg`, Buffer.from('x'), BINARY)
    await expect(long).rejects.toThrow(
      /too long for the disk \(ENAMETOOLONG\)\. Choose shorter names with path \(--path\)/,
    )
    expect(await names()).toEqual(['a.jpg', 'file'])
  })

  it('leaves the existing file unchanged if it fails', async () => {
    await folder.fill('a.jpg')
    // A file size limit of the process simulates a full disk.
    const script = `
      import { createFileStore } from ${JSON.stringify(new URL('../../../src/stores/file/store.ts', import.meta.url).href)}
      process.on('SIGXFSZ', () => {})
      const store = createFileStore({ cwd: ${JSON.stringify(root)} })
      const error = await store.write('a.jpg', Buffer.alloc(1e6), {}).then(() => undefined, (e) => e)
      console.log(error?.code)`
    await writeFile(join(root, 'write.mts'), script)
    const jiti = new URL('../../../node_modules/.bin/jiti', import.meta.url).pathname
    const shell = `ulimit -f 100; exec "${jiti}" write.mts`
    const printed = execFileSync('bash', ['-c', shell], {
      cwd: root,
      env: { ...process.env, JITI_FS_CACHE: 'false' },
    })
    expect(printed.toString().trim()).toBe('WRITE_FAILED')
    expect(await names()).toEqual(['a.jpg', 'write.mts'])
    expect(await readFile(join(root, 'a.jpg'), 'utf8')).toBe('a.jpg')
  })

  it('accepts names of the maximum length', async () => {
    const name = `${'\u00E9'.repeat(125)}.jpg`
    await store.write(name, Buffer.from('x'), BINARY)
    expect(await names()).toEqual([name])
  })

  it('replaces a link, not its target', async () => {
    await folder.fill('original.jpg')
    await folder.link('original.jpg', 'link.jpg')
    await store.write('link.jpg', Buffer.from('new'), BINARY)
    expect(await readFile(join(root, 'original.jpg'), 'utf8')).toBe('original.jpg')
    expect(await readFile(join(root, 'link.jpg'), 'utf8')).toBe('new')
  })

  it('gives files the default permissions', async () => {
    await folder.fill('ordinary')
    await store.write('written', Buffer.from('x'), BINARY)
    expect((await stat(join(root, 'written'))).mode).toBe((await stat(join(root, 'ordinary'))).mode)
  })

  it('returns the same as stat', async () => {
    const written = await store.write('a/b.jpg', Buffer.from('12345'), BINARY)
    // A rename changes the time of the last change.
    expect(await store.stat('a/b.jpg')).toEqual({ ...written, changed: expect.any(Number) as number })
  })

  it('never exposes a partial file to a reader', async () => {
    const contents = [1, 2, 3].map((n) => Buffer.alloc(200_000 * n, n))
    await store.write('a.bin', Buffer.alloc(200_000, 1), BINARY)
    const progress = { isDone: false }
    const write = async () => {
      for (let n = 0; n < 100; n++) await store.write('a.bin', contents[n % 3] ?? Buffer.alloc(0), BINARY)
      progress.isDone = true
    }
    const seen = new Set<number>()
    const read = async () => {
      while (!progress.isDone) {
        const data = await readFile(join(root, 'a.bin'))
        const whole = contents.findIndex((content) => content.equals(data))
        expect(whole).not.toBe(-1)
        seen.add(whole)
      }
    }
    await Promise.all([write(), read()])
    expect(seen.size).toBeGreaterThan(1)
    expect(await names()).toEqual(['a.bin'])
  })

  it('leaves the complete content of one of several concurrent writes', async () => {
    const contents = [...Array(30).keys()].map((n) => Buffer.alloc(50_000, n))
    await Promise.all(contents.map((data) => store.write('deep/a.bin', data, BINARY)))
    const data = await readFile(join(root, 'deep/a.bin'))
    expect(data).toHaveLength(50_000)
    expect(data.every((byte) => byte === data[0])).toBe(true)
    expect(await readdir(join(root, 'deep'))).toEqual(['a.bin'])
  })

  it('removes stale temp files of killed runs, and nothing else', async () => {
    const old = '.a.jpg.0123456789abcdef.imgproc-tmp'
    const fresh = '.a.jpg.fedcba9876543210.imgproc-tmp'
    await folder.fill(old, fresh, '.mine.imgproc-tmp', 'mine.jpg')
    const longAgo = new Date(Date.now() - 2 * 60 * 60 * 1000)
    for (const name of [old, '.mine.imgproc-tmp', 'mine.jpg'])
      await utimes(join(root, name), longAgo, longAgo)
    await store.write('a.jpg', Buffer.from('x'), BINARY)
    expect(await names()).toEqual([fresh, '.mine.imgproc-tmp', 'a.jpg', 'mine.jpg'].toSorted())
  })
})

describe('a file that another program is writing', () => {
  it('is reported as a retryable READ_FAILED, and its head can be read', async () => {
    await writeFile(join(root, 'half.jpg'), Buffer.alloc(40_000_000))
    const progress = { isDone: false }
    const writing = (async () => {
      while (!progress.isDone) {
        await appendFile(join(root, 'half.jpg'), 'x')
        await setImmediate()
      }
    })()
    const reading = store.read('half.jpg')
    await expect(reading).rejects.toMatchObject({ code: 'READ_FAILED', retryable: true })
    await expect(reading).rejects.toThrow('another program is writing to it')
    expect(await store.read('half.jpg', { range: [0, 10] })).toHaveLength(10)
    progress.isDone = true
    await writing
    expect((await store.read('half.jpg')).length).toBeGreaterThan(40_000_000)
  })
})

describe('file errors', () => {
  const errnoError = (code: string) => Object.assign(new Error(`${code}: oh no`), { code })

  it('are retryable on a full disk, and say so', () => {
    for (const code of ['ENOSPC', 'EDQUOT']) {
      const error = toWriteError(errnoError(code), '/out/a.jpg')
      expect(error).toMatchObject({
        code: 'WRITE_FAILED',
        retryable: true,
        path: '/out/a.jpg',
        stage: 'write',
      })
      expect(error.message).toContain('Free some space')
    }
    expect(toWriteError(errnoError('ENOSPC'), '/out/a.jpg').message).toContain('the disk is full (ENOSPC)')
  })

  it('are ACCESS_DENIED for missing permissions and read-only disks', () => {
    for (const code of ['EACCES', 'EPERM', 'EROFS']) {
      expect(toWriteError(errnoError(code), '/out/a.jpg')).toMatchObject({
        code: 'ACCESS_DENIED',
        retryable: false,
      })
      expect(toReadError(errnoError(code), '/in/a.jpg')).toMatchObject({
        code: 'ACCESS_DENIED',
        retryable: false,
      })
    }
  })

  it('keep the cause and give advice', () => {
    const cause = errnoError('EIO')
    const error = toReadError(cause, '/in/a.jpg')
    expect(error).toMatchObject({ code: 'READ_FAILED', cause, retryable: true })
    expect(error.message).toBe(
      '"/in/a.jpg" can\'t be read: the disk or network drive reported an error (EIO). Check the disk, then try again.',
    )
    expect(toReadError(errnoError('EMFILE'), '/in/a.jpg').message).toContain('ulimit -n')
  })
})
