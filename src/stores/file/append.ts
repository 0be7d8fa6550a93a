import { writeSync } from 'node:fs'
import { open, type FileHandle } from 'node:fs/promises'
import { dirname } from 'node:path'
import type { Log } from '../types.js'
import { makeFolder } from './make-folder.js'
import { createLatencyMonitor } from './sync-when-fast.js'
import { errno, toWriteError } from '../errors.js'

/** Milliseconds after a write until it is flushed to the disk, so that a power failure does not lose it. */
const FLUSH_DELAY = 1000

const latency = createLatencyMonitor(0.5)

/** Opens a file to append to, and creates it and its folder if necessary. */
export async function openLog(ref: string): Promise<Log> {
  try {
    const file = await open(ref, 'a').catch(async (error: unknown) => {
      if (errno(error) !== 'ENOENT') throw error
      await makeFolder(dirname(ref))
      return open(ref, 'a')
    })
    return createLog(file, ref)
  } catch (error) {
    throw toWriteError(error, ref)
  }
}

function createLog(file: FileHandle, ref: string): Log {
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
  const writePending = async () => {
    // Everything appended until the current write ends is written with this one.
    await currentWrite?.catch(() => {})
    const data = Buffer.concat(pending)
    pending = []
    currentWrite = nextWrite
    nextWrite = undefined
    try {
      if (latency.isFast()) latency.measure(() => writeAllSync(file.fd, data))
      else await file.appendFile(data)
    } catch (error) {
      throw toWriteError(error, ref)
    }
    flushLater()
  }
  return {
    append(data) {
      pending.push(data)
      return (nextWrite ??= writePending())
    },
    async close() {
      await (nextWrite ?? currentWrite)?.catch(() => {})
      clearTimeout(timer)
      await file.close()
    },
  }
}

function writeAllSync(file: number, data: Uint8Array): void {
  for (let at = 0; at < data.length;) at += writeSync(file, data, at)
}
