import type { Bytes } from './byte-spool.js'

/** Bytes that are read at once. */
const PAGE = 64 * 1024
const LINE_FEED = 10

/** Returns the bytes of a buffer. */
export function bytesOf(buffer: Buffer): Bytes {
  return {
    length: () => buffer.length,
    read: (from, to) => buffer.subarray(from, to),
  }
}

/** Returns the same bytes for small reads of adjacent places, which then are one read of a page. */
export function inPages(bytes: Bytes): Bytes {
  let page: Buffer | undefined
  let start = 0
  return {
    length: bytes.length,
    read(from, to) {
      if (page === undefined || from < start || to > start + page.length) {
        page = bytes.read(from, Math.min(Math.max(to, from + PAGE), bytes.length()))
        start = from
      }
      return page.subarray(from - start, to - start)
    },
  }
}

/** Yields the offsets of line feeds, from an offset on. */
export function* findLineFeeds(bytes: Bytes, from: number): Generator<number> {
  for (let start = from; start < bytes.length(); start += PAGE) {
    const page = bytes.read(start, Math.min(start + PAGE, bytes.length()))
    for (let at = page.indexOf(LINE_FEED); at >= 0; at = page.indexOf(LINE_FEED, at + 1)) yield start + at
  }
}

/** Yields the bytes between two offsets in parts. */
export function* inParts(bytes: Bytes, from: number, to: number, size = 1024 * 1024): Generator<Buffer> {
  for (let at = from; at < to; at += size) yield bytes.read(at, Math.min(at + size, to))
}
