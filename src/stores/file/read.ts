import { closeSync, constants, fstatSync, openSync, readSync, type Stats } from 'node:fs'
import { type FileHandle, open } from 'node:fs/promises'
import type { ReadOptions } from '../types.js'
import { ImgprocError, throwIfAborted } from '../../errors.js'
import { createPace } from './sync-when-fast.js'
import { quote, tooLarge, toReadError } from '../errors.js'

/** Bytes asked of the disk at once: an abort is heeded between two such reads. */
const CHUNK = 8 * 1024 * 1024

/** Opening a pipe must not wait for someone to write into it. Windows has no such flag. */
const READ_WITHOUT_WAITING = constants.O_RDONLY | (constants.O_NONBLOCK ?? 0)

/** Bytes up to which a file of a quick disk is read without a thread: copying them takes less than the way there. */
const SMALL = 1024 * 1024

const pace = createPace(1)

const allocateFresh = (bytes: number) => Buffer.allocUnsafeSlow(bytes)

/** The bytes of a file, or a range of them. */
export async function readFile(ref: string, options: ReadOptions = {}): Promise<Uint8Array> {
  throwIfAborted(options.signal)
  try {
    const small = pace.isQuick() ? pace.time(() => readSmall(ref, options)) : undefined
    if (small !== undefined) return small
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

/** Undefined where it isn't small, or grows: that is for the other way. */
function readSmall(ref: string, options: ReadOptions) {
  const { maxBytes = Infinity, range: [from, to] = [0, Infinity], allocate = allocateFresh } = options
  const file = openSync(ref, READ_WITHOUT_WAITING)
  try {
    const stats = fstatSync(file)
    const expected = Math.max(0, Math.min(to, stats.size) - from)
    if (!stats.isFile() || expected > Math.min(SMALL, maxBytes)) return undefined
    const buffer = allocate(expected + 1)
    // One byte more than expected, where more may come.
    const wanted = Math.min(expected + 1, to - from)
    let length = 0
    while (length < wanted) {
      const count = readSync(file, buffer, length, wanted - length, from + length)
      if (count === 0) break
      length += count
    }
    return length > expected && from + length < to ? undefined : buffer.subarray(0, length)
  } finally {
    closeSync(file)
  }
}

async function readFrom(file: FileHandle, ref: string, options: ReadOptions): Promise<Uint8Array> {
  const { signal, maxBytes = Infinity, range: [from, to] = [0, Infinity] } = options
  const { allocate = allocateFresh } = options
  const stats = await file.stat()
  if (!stats.isFile()) throw notAFile(ref, stats)
  const expected = Math.max(0, Math.min(to, stats.size) - from)
  if (expected > maxBytes) throw tooLarge(ref, expected, maxBytes)

  // One byte more than expected, where more may come: it shows that the file grew.
  let buffer = allocate(Math.max(0, Math.min(expected + 1, to - from)))
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
