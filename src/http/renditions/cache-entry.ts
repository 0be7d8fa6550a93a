import { sha256 } from '../../utils/sha256.js'
import type { Rendition } from './types.js'

/** First line of a stored result. */
interface Head {
  readonly type: string
  readonly width: number
  readonly height: number
  /** Hash of the bytes after the line. A power failure or a full disk may cut a file off. */
  readonly sha256: string
}

const NEWLINE = 0x0a
/** Bytes of the first line, at most. */
const MAX_HEAD = 512

/** Returns a result as it is stored: a line of JSON, then its bytes. */
export function encodeEntry({ type, width, height, data }: Rendition): Buffer<ArrayBuffer> {
  const head: Head = { type, width, height, sha256: sha256(data) }
  return Buffer.concat([Buffer.from(`${JSON.stringify(head)}\n`), data])
}

/** Returns a stored result; undefined if it is damaged. */
export function decodeEntry(stored: Uint8Array): Rendition | undefined {
  const bytes = Buffer.from(stored.buffer as ArrayBuffer, stored.byteOffset, stored.byteLength) // stores allocate no shared memory
  const end = bytes.subarray(0, MAX_HEAD).indexOf(NEWLINE)
  const head = end < 0 ? undefined : parseHead(bytes.toString('utf8', 0, end))
  const data = bytes.subarray(end + 1)
  if (head === undefined || sha256(data) !== head.sha256) return undefined
  return { type: head.type, width: head.width, height: head.height, data }
}

function parseHead(line: string): Head | undefined {
  try {
    const { type, width, height, sha256: hash } = JSON.parse(line) as Partial<Head>
    if (type === undefined || width === undefined || height === undefined || hash === undefined)
      return undefined
    return { type, width, height, sha256: hash }
  } catch {
    return undefined
  }
}
