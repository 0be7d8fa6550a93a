import { constants, type Stats } from 'node:fs'
import { appendFile, type FileHandle, mkdir, open, rename, rm, unlink } from 'node:fs/promises'
import { dirname, sep } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type { ReadOptions, Source, Store } from '../core/types.js'
import { ImgprocError, throwIfAborted } from '../errors.js'
import { errno, isAbsent, quote, tooLarge, toReadError, toWriteError } from './file-errors.js'
import { listFiles, toSource } from './file-list.js'
import { locate, toRef } from './file-pattern.js'
import { statFile } from './file-stat.js'
import { sweepLeftovers, tempBeside } from './file-temp.js'

/** Bytes asked of the disk at once: an abort is heeded between two such reads. */
const CHUNK = 8 * 1024 * 1024

/** Opening a pipe must not wait for someone to write into it. Windows has no such flag. */
const READ_WITHOUT_WAITING = constants.O_RDONLY | (constants.O_NONBLOCK ?? 0)

/** Milliseconds between attempts to replace a file that Windows holds while somebody reads it. */
const RENAME_PAUSES = sep === '\\' ? [10, 50, 250, 1000] : []

export interface FileStoreOptions {
  /** The folder that relative paths and globs begin in. */
  readonly cwd: string
}

/**
 * The store of the local disk. Its refs are absolute paths with `/` on every platform; it takes relative ones,
 * absolute ones and `file:` URLs.
 *
 * @example
 * ```ts
 * const store = createFileStore({ cwd: '/site' })
 * for await (const { ref, size } of store.list('photos/**')) console.log(ref, size)
 * ```
 */
export function createFileStore({ cwd }: FileStoreOptions): Store {
  const swept = new Set<string>()
  return {
    scheme: 'file',
    async locate(pattern) {
      const { kind, ref, base } = await locate(pattern, cwd)
      return { kind, ref, base }
    },
    list: (pattern, options) => listFiles(pattern, cwd, options),
    stat: async (ref) => ask(toRef(ref, cwd)),
    read: async (ref, options) => readFile(toRef(ref, cwd), options),
    write: async (ref, data) => writeFile(toRef(ref, cwd), data, swept),
    remove: async (ref) => removeFile(toRef(ref, cwd)),
    append: async (ref, data) => appendToFile(toRef(ref, cwd), data),
  }
}

async function ask(ref: string): Promise<Source | undefined> {
  try {
    const stats = await statFile(ref)
    return stats.isDirectory() ? undefined : toSource(ref, stats)
  } catch (error) {
    if (isAbsent(error)) return undefined
    throw toReadError(error, ref)
  }
}

async function readFile(ref: string, options: ReadOptions = {}): Promise<Uint8Array> {
  throwIfAborted(options.signal)
  try {
    const file = await open(ref, READ_WITHOUT_WAITING)
    try {
      return await readFrom(file, ref, options)
    } finally {
      await file.close()
    }
  } catch (error) {
    throw toReadError(error, ref)
  }
}

async function writeFile(ref: string, data: Uint8Array, swept: Set<string>): Promise<Source> {
  const folder = dirname(ref)
  if (!swept.has(folder)) {
    swept.add(folder)
    await sweepLeftovers(folder)
  }
  try {
    return toSource(ref, await replace(ref, folder, data))
  } catch (error) {
    throw toWriteError(error, ref)
  }
}

async function appendToFile(ref: string, data: Uint8Array): Promise<void> {
  try {
    await appendFile(ref, data).catch(async (error: unknown) => {
      if (errno(error) !== 'ENOENT') throw error
      await mkdir(dirname(ref), { recursive: true })
      await appendFile(ref, data)
    })
  } catch (error) {
    throw toWriteError(error, ref)
  }
}

async function removeFile(ref: string): Promise<void> {
  try {
    await unlink(ref)
  } catch (error) {
    if (!isAbsent(error)) throw toWriteError(error, ref)
  }
}

async function readFrom(file: FileHandle, ref: string, options: ReadOptions): Promise<Uint8Array> {
  const { signal, maxBytes = Infinity, range: [from, to] = [0, Infinity] } = options
  const stats = await file.stat()
  if (!stats.isFile()) throw notAFile(ref, stats)
  const expected = Math.max(0, Math.min(to, stats.size) - from)
  if (expected > maxBytes) throw tooLarge(ref, expected, maxBytes)

  // One byte more than expected, where more may come: it shows that the file grew.
  let buffer = Buffer.allocUnsafeSlow(Math.max(0, Math.min(expected + 1, to - from)))
  let length = 0
  while (length < to - from) {
    throwIfAborted(signal)
    if (length === buffer.length) buffer = Buffer.concat([buffer], Math.min(length * 2 + CHUNK, to - from))
    const wanted = Math.min(buffer.length - length, CHUNK)
    const { bytesRead } = await file.read(buffer, length, wanted, from + length)
    if (bytesRead === 0) break
    length += bytesRead
    if (length > maxBytes) throw tooLarge(ref, length, maxBytes)
  }
  return buffer.subarray(0, length)
}

function notAFile(ref: string, stats: Stats): ImgprocError {
  const [kind, advice] = stats.isDirectory()
    ? ['a folder', 'Name a file in it.']
    : stats.isFIFO()
      ? ['a pipe', 'Send its content to stdin and give - as the input.']
      : ['a device or socket', 'Copy its content into a file first.']
  const message = `${quote(ref)} is ${kind}, not a file. ${advice}`
  return new ImgprocError('READ_FAILED', message, { stage: 'read', path: ref, retryable: false })
}

/**
 * Puts a file in place whole: written beside its target, then renamed. Nothing is fsynced, which would cost more
 * than the image: after a power cut a file may be short, and the next run sees by its size that it isn't done.
 */
async function replace(ref: string, folder: string, data: Uint8Array): Promise<Stats> {
  const temp = tempBeside(folder, ref)
  try {
    const stats = await writeNew(temp, folder, data)
    await renameOnto(temp, ref)
    return stats
  } catch (error) {
    await rm(temp, { force: true }).catch(() => {})
    throw error
  }
}

async function writeNew(path: string, folder: string, data: Uint8Array): Promise<Stats> {
  const file = await open(path, 'wx').catch(async (error: unknown) => {
    if (errno(error) !== 'ENOENT') throw error
    await mkdir(folder, { recursive: true })
    return open(path, 'wx')
  })
  try {
    await file.writeFile(data)
    return await file.stat()
  } finally {
    await file.close()
  }
}

async function renameOnto(temp: string, target: string): Promise<void> {
  for (const pause of RENAME_PAUSES) {
    try {
      return await rename(temp, target)
    } catch (error) {
      if (!['EACCES', 'EBUSY', 'EPERM'].includes(errno(error))) throw error
      await sleep(pause)
    }
  }
  await rename(temp, target)
}
