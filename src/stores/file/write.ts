import {
  closeSync,
  constants,
  copyFileSync,
  fstatSync,
  linkSync,
  openSync,
  renameSync,
  rmSync,
  type Stats,
  unlinkSync,
  writeSync,
} from 'node:fs'
import { copyFile, link, open, rename, rm, unlink } from 'node:fs/promises'
import { dirname, sep } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type { WriteMeta, Source } from '../types.js'
import { createExistsError, errno, toWriteError } from '../errors.js'
import { createLatencyMonitor } from './sync-when-fast.js'
import { makeFolder, makeFolderSync } from './make-folder.js'
import { toSource } from './stat.js'
import { removeStaleTempFiles, tempPathFor } from './temp-files.js'

/** Milliseconds between attempts to replace a file: Windows refuses while another program reads it. */
const RENAME_DELAYS = sep === '\\' ? [10, 50, 250, 1000] : []

/** Bytes up to which a file is written synchronously to a fast disk. */
const MAX_SYNC_BYTES = 256 * 1024

/** The content of a file, or its parts. */
type FileData = Uint8Array | Iterable<Uint8Array>

function isWhole(data: FileData): data is Uint8Array {
  return data instanceof Uint8Array
}

// A write is five calls, and any of them may wait for a core: if all cores decode, a millisecond is common.
const latency = createLatencyMonitor(3)

/**
 * Writes a file atomically; returns the stored entry.
 *
 * @param sweptFolders folders that were already searched for stale temp files; the folder of `ref` is added.
 */
export async function writeFile(
  ref: string,
  data: FileData,
  sweptFolders: Set<string>,
  { ifAbsent = false }: WriteMeta,
): Promise<Source> {
  const folder = dirname(ref)
  if (!sweptFolders.has(folder)) {
    sweptFolders.add(folder)
    await removeStaleTempFiles(folder)
  }
  try {
    const sized = gatherIfSmall(data)
    const isSmall = isWhole(sized) && sized.length <= MAX_SYNC_BYTES && RENAME_DELAYS.length === 0
    if (isSmall && latency.isFast()) {
      const move = ifAbsent ? moveIfAbsentSync : renameSync
      const stats = latency.measure(() => writeAtomicallySync(ref, folder, sized, move))
      return toSource(ref, stats)
    }
    return toSource(ref, await writeAtomically(ref, folder, sized, ifAbsent ? moveIfAbsent : moveOver))
  } catch (error) {
    throw toWriteError(error, ref)
  }
}

/** Returns parts as a whole if they are small. Otherwise it takes no more of them than it has to. */
function gatherIfSmall(data: FileData): FileData {
  if (isWhole(data)) return data
  const rest = data[Symbol.iterator]()
  const taken: Uint8Array[] = []
  for (let bytes = 0; bytes <= MAX_SYNC_BYTES;) {
    const { done, value } = rest.next()
    if (done === true) return Buffer.concat(taken)
    // The next part may lie in the same memory.
    taken.push(Buffer.from(value))
    bytes += value.length
  }
  return join(taken, rest)
}

function* join(taken: readonly Uint8Array[], rest: Iterator<Uint8Array>): Generator<Uint8Array> {
  yield* taken
  for (let next = rest.next(); next.done !== true; next = rest.next()) yield next.value
}

/**
 * Writes a temp file beside the target, then moves it. Does not call fsync, which would take longer than the image:
 * after a power failure a file may be truncated, and the next run notices its size.
 */
async function writeAtomically(
  ref: string,
  folder: string,
  data: FileData,
  move: (temp: string, target: string) => Promise<void>,
): Promise<Stats> {
  const temp = tempPathFor(folder, ref)
  try {
    const stats = await writeNew(temp, folder, data)
    await move(temp, ref)
    return stats
  } catch (error) {
    await rm(temp, { force: true }).catch(() => {})
    throw error
  }
}

function writeAtomicallySync(
  ref: string,
  folder: string,
  data: Uint8Array,
  move: (temp: string, target: string) => void,
): Stats {
  const temp = tempPathFor(folder, ref)
  try {
    const file = openNewSync(temp, folder)
    let stats: Stats
    try {
      for (let at = 0; at < data.length;) at += writeSync(file, data, at)
      stats = fstatSync(file)
    } finally {
      closeSync(file)
    }
    move(temp, ref)
    return stats
  } catch (error) {
    rmSync(temp, { force: true })
    throw error
  }
}

function openNewSync(path: string, folder: string): number {
  try {
    return openSync(path, 'wx')
  } catch (error) {
    if (errno(error) !== 'ENOENT') throw error
    makeFolderSync(folder)
    return openSync(path, 'wx')
  }
}

async function writeNew(path: string, folder: string, data: FileData): Promise<Stats> {
  const file = await open(path, 'wx').catch(async (error: unknown) => {
    if (errno(error) !== 'ENOENT') throw error
    await makeFolder(folder)
    return open(path, 'wx')
  })
  try {
    for (const part of isWhole(data) ? [data] : data) await file.appendFile(part)
    return await file.stat()
  } finally {
    await file.close()
  }
}

/** Moves a temp file, but not over an existing file. Atomic, except on file systems without hard links. */
async function moveIfAbsent(temp: string, target: string): Promise<void> {
  try {
    await link(temp, target).catch(async (error: unknown) => {
      if (errno(error) === 'EEXIST') throw error
      await copyFile(temp, target, constants.COPYFILE_EXCL)
    })
  } catch (error) {
    throw errno(error) === 'EEXIST' ? createExistsError(target, error) : error
  }
  await unlink(temp)
}

/** Does the same synchronously. */
function moveIfAbsentSync(temp: string, target: string): void {
  try {
    linkSync(temp, target)
  } catch (error) {
    if (errno(error) === 'EEXIST') throw createExistsError(target, error)
    copyIfAbsentSync(temp, target)
  }
  unlinkSync(temp)
}

function copyIfAbsentSync(temp: string, target: string): void {
  try {
    copyFileSync(temp, target, constants.COPYFILE_EXCL)
  } catch (error) {
    throw errno(error) === 'EEXIST' ? createExistsError(target, error) : error
  }
}

/** Moves a temp file, and replaces an existing file. */
async function moveOver(temp: string, target: string): Promise<void> {
  for (const delay of RENAME_DELAYS) {
    try {
      return await rename(temp, target)
    } catch (error) {
      if (!['EACCES', 'EBUSY', 'EPERM'].includes(errno(error))) throw error
      await sleep(delay)
    }
  }
  await rename(temp, target)
}
