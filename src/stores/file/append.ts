import { writeSync } from 'node:fs'
import { mkdir, open, type FileHandle } from 'node:fs/promises'
import { dirname } from 'node:path'
import type { Log } from '../types.js'
import { createPace } from './sync-when-fast.js'
import { errno, toWriteError } from '../errors.js'

/** Milliseconds after which what was added is on the disk itself: a power cut takes no more. */
const SYNC_AFTER = 1000

const pace = createPace(0.5)

/** Opens a file to add to its end, and makes it where there is none. */
export async function openLog(ref: string): Promise<Log> {
  try {
    const file = await open(ref, 'a').catch(async (error: unknown) => {
      if (errno(error) !== 'ENOENT') throw error
      await mkdir(dirname(ref), { recursive: true })
      return open(ref, 'a')
    })
    return createLog(file, ref)
  } catch (error) {
    throw toWriteError(error, ref)
  }
}

function createLog(file: FileHandle, ref: string): Log {
  let waiting: Uint8Array[] = []
  let writing: Promise<void> | undefined
  let next: Promise<void> | undefined
  let timer: NodeJS.Timeout | undefined
  const syncLater = () => {
    // In the background: results don't wait for the disk. One that can't flush does so in its own time.
    timer ??= setTimeout(() => {
      timer = undefined
      file.datasync().catch(() => {})
    }, SYNC_AFTER).unref()
  }
  const flush = async () => {
    // What comes until the write under way is through goes with this one.
    await writing?.catch(() => {})
    const data = Buffer.concat(waiting)
    waiting = []
    writing = next
    next = undefined
    try {
      if (pace.isQuick()) pace.time(() => write(file.fd, data))
      else await file.appendFile(data)
    } catch (error) {
      throw toWriteError(error, ref)
    }
    syncLater()
  }
  return {
    append(data) {
      waiting.push(data)
      return (next ??= flush())
    },
    async close() {
      await (next ?? writing)?.catch(() => {})
      clearTimeout(timer)
      await file.close()
    },
  }
}

function write(file: number, data: Uint8Array): void {
  for (let at = 0; at < data.length;) at += writeSync(file, data, at)
}
