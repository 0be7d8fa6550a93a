import type { Bytes, ByteSpool } from './byte-spool.js'

/** Converts values to text without line breaks, and back. */
export interface Codec<T> {
  readonly encode: (value: T) => string
  readonly decode: (text: string) => T
}

/** Adds lines to a spool. */
export interface LineWriter {
  readonly add: (line: string) => void
  /** Writes the lines that wait. Returns the offset behind them. */
  readonly flush: () => number
}

/** Characters that are encoded and appended together. */
const BLOCK = 64 * 1024
/** Bytes that are read at once. */
const PAGE = 64 * 1024
const LINE_FEED = 10

export function createLineWriter(bytes: ByteSpool): LineWriter {
  let waiting = ''
  const flush = () => {
    if (waiting !== '') bytes.append(waiting)
    waiting = ''
    return bytes.length()
  }
  return {
    add(line) {
      waiting += `${line}\n`
      if (waiting.length > BLOCK) flush()
    },
    flush,
  }
}

/** Yields the lines between two offsets. The last one need not end with a line feed. */
export function* readLines(bytes: Bytes, from: number, to: number): Generator<string> {
  let page = Buffer.allocUnsafe(Math.max(0, Math.min(PAGE, to - from)))
  for (let at = from; at < to;) {
    const read = bytes.read(at, Math.min(at + page.length, to), page)
    let start = 0
    for (let end = read.indexOf(LINE_FEED); end >= 0; end = read.indexOf(LINE_FEED, start)) {
      yield read.toString('utf8', start, end)
      start = end + 1
    }
    if (at + read.length >= to) {
      if (start < read.length) yield read.toString('utf8', start)
      return
    }
    at += start
    // A line that is longer than a page.
    if (start === 0) page = Buffer.allocUnsafe(page.length * 2)
  }
}
