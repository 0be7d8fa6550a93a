import {
  closeSync,
  constants,
  fstatSync,
  mkdirSync,
  openSync,
  renameSync,
  rmSync,
  type Stats,
  writeSync,
} from 'node:fs'
import { copyFile, link, mkdir, open, rename, rm, unlink } from 'node:fs/promises'
import { dirname, sep } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type { WriteMeta, Source } from '../types.js'
import { ImgprocError } from '../../errors.js'
import { createPace } from './sync-when-fast.js'
import { errno, quote, toWriteError } from '../errors.js'
import { toSource } from './list.js'
import { sweepLeftovers, tempBeside } from './temp-files.js'

/** Milliseconds between attempts to replace a file that Windows holds while somebody reads it. */
const RENAME_PAUSES = sep === '\\' ? [10, 50, 250, 1000] : []

/** Bytes up to which a file goes to a quick disk without a thread. */
const SMALL = 256 * 1024

// Five questions to the disk, and a core may be taken away at each: where all cores decode, a millisecond is usual.
const pace = createPace(3)

/**
 * Writes a file, whole or not at all; what is there now.
 *
 * @param swept folders that were looked through for leftovers.
 */
export async function writeFile(
  ref: string,
  data: Uint8Array,
  swept: Set<string>,
  { ifAbsent = false }: WriteMeta,
): Promise<Source> {
  const folder = dirname(ref)
  if (!swept.has(folder)) {
    swept.add(folder)
    await sweepLeftovers(folder)
  }
  try {
    const isSmall = data.length <= SMALL && !ifAbsent && RENAME_PAUSES.length === 0
    if (isSmall && pace.isQuick())
      return toSource(
        ref,
        pace.time(() => putSmall(ref, folder, data)),
      )
    return toSource(ref, await put(ref, folder, data, ifAbsent ? linkInto : renameOnto))
  } catch (error) {
    throw toWriteError(error, ref)
  }
}

/**
 * Puts a file in place whole: written beside its target, then renamed. Nothing is fsynced, which would cost more
 * than the image: after a power cut a file may be short, and the next run sees by its size that it isn't done.
 */
async function put(
  ref: string,
  folder: string,
  data: Uint8Array,
  move: (temp: string, target: string) => Promise<void>,
): Promise<Stats> {
  const temp = tempBeside(folder, ref)
  try {
    const stats = await writeNew(temp, folder, data)
    await move(temp, ref)
    return stats
  } catch (error) {
    await rm(temp, { force: true }).catch(() => {})
    throw error
  }
}

/** The same without a thread. */
function putSmall(ref: string, folder: string, data: Uint8Array): Stats {
  const temp = tempBeside(folder, ref)
  try {
    const file = openNew(temp, folder)
    let stats: Stats
    try {
      for (let at = 0; at < data.length;) at += writeSync(file, data, at)
      stats = fstatSync(file)
    } finally {
      closeSync(file)
    }
    renameSync(temp, ref)
    return stats
  } catch (error) {
    rmSync(temp, { force: true })
    throw error
  }
}

function openNew(path: string, folder: string): number {
  try {
    return openSync(path, 'wx')
  } catch (error) {
    if (errno(error) !== 'ENOENT') throw error
    mkdirSync(folder, { recursive: true })
    return openSync(path, 'wx')
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

/** Leaves what is there. What others see is whole, but on the few disks that have no links. */
async function linkInto(temp: string, target: string): Promise<void> {
  try {
    await link(temp, target).catch(async (error: unknown) => {
      if (errno(error) === 'EEXIST') throw error
      await copyFile(temp, target, constants.COPYFILE_EXCL)
    })
  } catch (error) {
    throw errno(error) === 'EEXIST' ? taken(target, error) : error
  }
  await unlink(temp)
}

function taken(ref: string, cause: unknown): ImgprocError {
  const message = `${quote(ref)} is there already, and was left as it is.`
  return new ImgprocError('OUTPUT_COLLISION', message, { stage: 'write', path: ref, cause })
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
