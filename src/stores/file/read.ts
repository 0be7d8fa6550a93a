import { closeSync, constants, fstatSync, openSync, readSync, type Stats } from 'node:fs'
import { type FileHandle, open } from 'node:fs/promises'
import type { ReadOptions } from '../types.js'
import { ImgprocError, throwIfAborted } from '../../errors.js'
import { createLatencyMonitor } from './sync-when-fast.js'
import { createTooLargeError, quote, toReadError } from '../errors.js'

/** Bytes per read call. An abort is checked between two calls. */
const CHUNK = 8 * 1024 * 1024

/** Opening a named pipe must not wait for a writer. Windows has no such flag. */
const OPEN_WITHOUT_WAITING = constants.O_RDONLY | (constants.O_NONBLOCK ?? 0)

/** Bytes up to which a file on a fast disk is read synchronously: copying them is faster than a thread switch. */
const MAX_SYNC_BYTES = 1024 * 1024

const latency = createLatencyMonitor(1)

const allocateFresh = (bytes: number) => Buffer.allocUnsafeSlow(bytes)

/** Reads a file, or a range of it. */
export async function readFile(ref: string, options: ReadOptions = {}): Promise<Uint8Array> {
  throwIfAborted(options.signal)
  try {
    const small = latency.isFast() ? latency.measure(() => readSmallSync(ref, options)) : undefined
    if (small !== undefined) return small
    return (await readLarge(ref, options)) ?? (await readLarge(ref, options)) ?? throwChanged(ref)
  } catch (error) {
    throw toReadError(error, ref)
  }
}

/** Returns undefined if the file is not small, not regular, or changed while it was read. */
function readSmallSync(ref: string, options: ReadOptions) {
  const { maxBytes = Infinity, range: [from, to] = [0, Infinity], allocate = allocateFresh } = options
  const file = openSync(ref, OPEN_WITHOUT_WAITING)
  try {
    const stats = fstatSync(file)
    const expected = Math.max(0, Math.min(to, stats.size) - from)
    if (!stats.isFile() || expected > Math.min(MAX_SYNC_BYTES, maxBytes)) return undefined
    const buffer = allocate(expected + 1)
    // One byte more than expected shows that the file grew.
    const wanted = Math.min(expected + 1, to - from)
    let length = 0
    while (length < wanted) {
      const count = readSync(file, buffer, length, wanted - length, from + length)
      if (count === 0) break
      length += count
    }
    if (length > expected && from + length < to) return undefined
    return options.range === undefined && hasChanged(stats, fstatSync(file))
      ? undefined
      : buffer.subarray(0, length)
  } finally {
    closeSync(file)
  }
}

/** Returns undefined if the file changed while it was read. */
async function readLarge(ref: string, options: ReadOptions): Promise<Uint8Array | undefined> {
  const file = await open(ref, OPEN_WITHOUT_WAITING)
  try {
    return await readFrom(file, ref, options)
  } finally {
    await file.close()
  }
}

/** True if a file was written while it was read. Files of the system, which have no size, change all the time. */
function hasChanged(before: Stats, after: Stats): boolean {
  return before.size > 0 && (before.size !== after.size || before.mtimeMs !== after.mtimeMs)
}

function throwChanged(ref: string): never {
  const message = `${quote(ref)} can't be read: another program is writing to it. Try again when that has finished.`
  throw new ImgprocError('READ_FAILED', message, { stage: 'read', path: ref, retryable: true })
}

async function readFrom(
  file: FileHandle,
  ref: string,
  options: ReadOptions,
): Promise<Uint8Array | undefined> {
  const { signal, maxBytes = Infinity, range: [from, to] = [0, Infinity] } = options
  const { allocate = allocateFresh } = options
  const stats = await file.stat()
  if (!stats.isFile()) throw createNotAFileError(ref, stats)
  const expected = Math.max(0, Math.min(to, stats.size) - from)
  if (expected > maxBytes) throw createTooLargeError(ref, expected, maxBytes)

  // One byte more than expected shows that the file grew.
  let buffer = allocate(Math.max(0, Math.min(expected + 1, to - from)))
  let length = 0
  while (length < to - from) {
    throwIfAborted(signal)
    if (length === buffer.length) buffer = Buffer.concat([buffer], Math.min(length * 2 + CHUNK, to - from))
    const wanted = Math.min(buffer.length - length, CHUNK)
    const { bytesRead } = await file.read(buffer, length, wanted, from + length)
    if (bytesRead === 0) break
    length += bytesRead
    if (length > maxBytes) throw createTooLargeError(ref, length, maxBytes)
  }
  // Only the head of a file may be read while the rest of it is written.
  const isWhole = options.range === undefined
  return isWhole && hasChanged(stats, await file.stat()) ? undefined : buffer.subarray(0, length)
}

function createNotAFileError(ref: string, stats: Stats): ImgprocError {
  const [kind, advice] = stats.isDirectory()
    ? ['a folder', 'Name a file in it.']
    : stats.isFIFO()
      ? ['a pipe', 'Send its content to stdin and give - as the input.']
      : ['a device or socket', 'Copy its content into a file first.']
  const message = `${quote(ref)} is ${kind}, not a file. ${advice}`
  return new ImgprocError('READ_FAILED', message, { stage: 'read', path: ref, retryable: false })
}
