import { constants, writeSync } from 'node:fs'
import { open, type FileHandle } from 'node:fs/promises'
import { dirname } from 'node:path'
import type { Log } from '../types.js'
import { makeFolder } from './make-folder.js'
import { createLatencyMonitor } from './sync-when-fast.js'
import { errno, toWriteError } from '../errors.js'

/** Milliseconds after a write until it is flushed to the disk, so that a power failure does not lose it. */
const FLUSH_DELAY = 1000

/** Bytes in which file systems give out their space. */
const PAGE = 4096
const LINE_FEED = 10

const latency = createLatencyMonitor(0.5)

/** Linux would ignore the position of a write with `a`. */
const FLAGS = constants.O_RDWR | constants.O_CREAT

/**
 * Opens a file of lines to append to, and creates it and its folder if necessary. Until it is closed, a page or two of line
 * feeds follow its lines: space that other files cannot take from the next lines when they fill the disk.
 */
export async function openLog(ref: string): Promise<Log> {
  try {
    const file = await open(ref, FLAGS).catch(async (error: unknown) => {
      if (errno(error) !== 'ENOENT') throw error
      await makeFolder(dirname(ref))
      return open(ref, FLAGS)
    })
    const { size } = await file.stat()
    const log = createLog(file, ref, size)
    await log.reserve()
    return log
  } catch (error) {
    throw toWriteError(error, ref)
  }
}

function createLog(file: FileHandle, ref: string, size: number): Log & { reserve: () => Promise<void> } {
  /** Offset behind the lines, and behind the space that is reserved for more. */
  let [end, reserved] = [size, size]
  let pending: Uint8Array[] = []
  let currentWrite: Promise<void> | undefined
  let nextWrite: Promise<void> | undefined
  let timer: NodeJS.Timeout | undefined
  const flushLater = () => {
    // In the background, because results should not wait for the disk. Errors are ignored: the data is written.
    timer ??= setTimeout(() => {
      timer = undefined
      file.datasync().catch(() => {})
    }, FLUSH_DELAY).unref()
  }
  const write = async (data: Uint8Array, position: number) => {
    if (latency.isFast()) latency.measure(() => writeAllSync(file.fd, data, position))
    else await writeAll(file, data, position)
  }
  const reserve = async () => {
    if (reserved - end >= PAGE) return
    const from = Math.max(end, reserved)
    const to = (Math.floor(end / PAGE) + 2) * PAGE
    try {
      await write(Buffer.alloc(to - from, LINE_FEED), from)
      reserved = to
    } catch {
      // The disk is full. There may be room for a line later.
    }
  }
  const writePending = async () => {
    // Everything appended until the current write ends is written with this one.
    await currentWrite?.catch(() => {})
    const data = Buffer.concat(pending)
    pending = []
    currentWrite = nextWrite
    nextWrite = undefined
    try {
      // If it fails, the next one begins at the same place.
      await write(data, end)
    } catch (error) {
      throw toWriteError(error, ref)
    }
    end += data.length
    await reserve()
    flushLater()
  }
  return {
    reserve,
    append(data) {
      pending.push(data)
      return (nextWrite ??= writePending())
    },
    async close() {
      await (nextWrite ?? currentWrite)?.catch(() => {})
      clearTimeout(timer)
      if (reserved > end) await file.truncate(end).catch(() => {})
      await file.close()
    },
  }
}

function writeAllSync(file: number, data: Uint8Array, position: number): void {
  for (let at = 0; at < data.length;) at += writeSync(file, data, at, data.length - at, position + at)
}

async function writeAll(file: FileHandle, data: Uint8Array, position: number): Promise<void> {
  for (let at = 0; at < data.length;) {
    const { bytesWritten } = await file.write(data, at, data.length - at, position + at)
    at += bytesWritten
  }
}
