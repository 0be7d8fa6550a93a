import { isDeepStrictEqual } from 'node:util'
import { isRemote } from '../paths/location.js'
import { createByteSpool, type Bytes } from '../utils/spool/byte-spool.js'
import { bytesOf } from '../utils/spool/bytes.js'
import type { Source, Store } from './types.js'

/** Bytes that are read at once. */
const PART = 4 * 1024 * 1024

/**
 * Reads a file. A large one on the disk is read in parts, and need not fit into memory.
 *
 * @param found the file as `stat` found it.
 */
export async function readParts(store: Store, found: Source): Promise<Bytes> {
  const { ref, size } = found
  if (size > PART && !isRemote(ref)) {
    const spool = createByteSpool()
    for (let from = 0; from < size; from += PART)
      spool.append(await store.read(ref, { range: [from, Math.min(from + PART, size)] }))
    // Else another program writes to it: then reading it whole tells.
    if (spool.length() === size && isDeepStrictEqual(await store.stat(ref), found)) return spool
  }
  const { buffer, byteOffset, byteLength } = await store.read(ref)
  return bytesOf(Buffer.from(buffer, byteOffset, byteLength))
}

/**
 * Returns true if a file has this content. Never rejects.
 *
 * @param list yields the parts of the content.
 */
export async function hasContent(
  store: Store,
  ref: string,
  list: () => Iterable<Uint8Array>,
): Promise<boolean> {
  try {
    const found = await store.stat(ref)
    if (found === undefined) return false
    const bytes = await readParts(store, found)
    let at = 0
    for (const part of list()) {
      if (!bytes.read(at, Math.min(at + part.length, bytes.length())).equals(part)) return false
      at += part.length
    }
    return at === bytes.length()
  } catch {
    return false
  }
}
