import { randomBytes } from 'node:crypto'
import { closeSync, openSync, readSync, unlinkSync, writeSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** Bytes at any place of which can be read. */
export interface Bytes {
  readonly length: () => number
  /**
   * Returns the bytes between two offsets. They may be shared with others, and are not to be changed.
   *
   * @param page memory to read into, which the result may be part of. @default fresh memory
   */
  readonly read: (from: number, to: number, page?: Buffer) => Buffer
}

/** Bytes that are appended, and read again at any place. */
export interface ByteSpool extends Bytes {
  readonly append: (data: string | Uint8Array) => void
}

export interface ByteSpoolOptions {
  /** Bytes that are kept in memory, at most. @default 4 MB */
  readonly memory?: number
  /** The folder of the file. @default the system's folder for temporary files */
  readonly folder?: string
}

const DEFAULT_MEMORY = 4 * 1024 * 1024

/** Bytes of a block in memory. */
const BLOCK = 256 * 1024

/** Closes the files of spools that nobody holds any more. */
const files = new FinalizationRegistry<number>((file) => closeSync(file))

/**
 * Creates a spool. Beyond `memory` the bytes lie in a temporary file that has no name, so that nothing is left of it, however
 * the process ends. If no such file can be written, the bytes stay in memory.
 */
export function createByteSpool(options: ByteSpoolOptions = {}): ByteSpool {
  const { memory = DEFAULT_MEMORY, folder = tmpdir() } = options
  /** The bytes behind those in the file. All blocks but the last are full. */
  let blocks: Buffer[] = []
  let length = 0
  let saved = 0
  let file: number | undefined
  let isFileUsable = true
  const write = (data: Uint8Array) => {
    for (let at = 0; at < data.length;) {
      const used = (length - saved) % BLOCK
      if (used === 0 && length - saved === blocks.length * BLOCK) blocks.push(Buffer.allocUnsafeSlow(BLOCK))
      const copied = Math.min(BLOCK - used, data.length - at)
      blocks.at(-1)?.set(data.subarray(at, at + copied), used)
      at += copied
      length += copied
    }
    if (length - saved >= (file === undefined ? memory : BLOCK) && isFileUsable) spill()
  }
  const spill = () => {
    try {
      file ??= openNameless(folder, spool)
      for (let at = 0; saved + at < length; at += BLOCK) {
        const block = blocks[at / BLOCK]
        if (block !== undefined) writeAll(file, block.subarray(0, length - saved - at), saved + at)
      }
      saved = length
      // The next bytes go where these were.
      blocks = blocks.slice(0, 1)
    } catch {
      // A full disk is no reason to fail while there is memory.
      isFileUsable = false
    }
  }
  const spool: ByteSpool = {
    length: () => length,
    append: (data) => write(typeof data === 'string' ? Buffer.from(data) : data),
    read(from, to, page) {
      const end = Math.min(to, length)
      const target = page !== undefined && page.length >= end - from ? page : undefined
      const isInBlock = from >= saved && blockOf(from - saved) === blockOf(end - 1 - saved)
      if (isInBlock && target === undefined)
        return (blocks[blockOf(from - saved)] ?? EMPTY).subarray(
          (from - saved) % BLOCK,
          ((end - 1 - saved) % BLOCK) + 1,
        )
      const buffer = (target ?? Buffer.allocUnsafeSlow(end - from)).subarray(0, end - from)
      if (file !== undefined && from < saved) readAll(file, buffer.subarray(0, saved - from), from)
      for (let at = Math.max(from, saved); at < end;) {
        const block = blocks[blockOf(at - saved)] ?? EMPTY
        const start = (at - saved) % BLOCK
        at += block.copy(buffer, at - from, start, Math.min(BLOCK, start + end - at))
      }
      return buffer
    },
  }
  return spool
}

const EMPTY = Buffer.alloc(0)

function blockOf(offset: number): number {
  return Math.floor(offset / BLOCK)
}

function openNameless(folder: string, owner: ByteSpool): number {
  const path = join(folder, `imgproc-${randomBytes(8).toString('hex')}`)
  const file = openSync(path, 'wx+', 0o600)
  try {
    unlinkSync(path)
  } catch (error) {
    closeSync(file)
    unlinkSync(path)
    throw error
  }
  files.register(owner, file)
  return file
}

function writeAll(file: number, data: Uint8Array, position: number): void {
  for (let at = 0; at < data.length;) at += writeSync(file, data, at, data.length - at, position + at)
}

function readAll(file: number, buffer: Buffer, position: number): void {
  for (let at = 0; at < buffer.length;) {
    const count = readSync(file, buffer, at, buffer.length - at, position + at)
    if (count === 0) throw new RangeError(`The spool ends at byte ${position + at}.`)
    at += count
  }
}
