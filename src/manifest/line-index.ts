import { asRecord, parseJson } from '../utils/parse-json.js'
import type { Bytes } from '../utils/spool/byte-spool.js'
import { findLineFeeds, inPages } from '../utils/spool/bytes.js'
import type { ManifestHead } from './types.js'

/** `json`: one document with an entry a line. `ndjson`: the head as the first line, then an entry a line. */
export type Layout = 'json' | 'ndjson'

/** A manifest's bytes, and the positions of its entries in them. */
export interface ManifestLines {
  /** As parsed; not validated. */
  readonly head: ManifestHead
  readonly bytes: Bytes
  /** True for the lines of a manifest's file. */
  readonly isFile: boolean
  /** Offset of each entry's first byte. */
  readonly starts: readonly number[]
  /** Offset behind each entry's last byte. */
  readonly ends: readonly number[]
}

const LINE_FEED = 10
const COMMA = 44
const BACKSLASH = 92
const BEGIN = '\n  "entries": ['
const INDENT = '    '
const END = '  ]\n}\n'
const EMPTY_END = ']\n}\n'

/** The beginning of an entry's line as imgproc writes it. */
const CANONICAL = /^\{"id":"[0-9a-f]{16}","source":\{"path":"$/
const ID_AT = '{"id":"'.length
const ID_DIGITS = 16
const PATH_AT = ID_AT + ID_DIGITS + '","source":{"path":'.length

/** Returns the layout of a manifest's file by its name. */
export function layoutOf(ref: string): Layout {
  return /\.(?:ndjson|jsonl)$/i.test(ref) ? 'ndjson' : 'json'
}

/** Bytes of the head, at most: it has a few short keys. */
const MAX_HEAD = 1024 * 1024

/** Finds the entries in a manifest. Returns undefined if its layout is not the one that imgproc writes. */
export function splitLines(bytes: Bytes, layout: Layout): ManifestLines | undefined {
  const beginning = bytes.read(0, Math.min(MAX_HEAD, bytes.length()))
  const begin = layout === 'json' ? beginning.indexOf(BEGIN) : beginning.indexOf(LINE_FEED)
  if (begin < 0) return undefined
  const headText = beginning.toString('utf8', 0, begin)
  const head = parseHead(layout === 'json' ? `${headText.replace(/,$/, '')}}` : headText)
  if (head === undefined) return undefined
  const lines = layout === 'json' ? splitJson(bytes, begin + BEGIN.length) : splitNdjson(bytes, begin + 1)
  return lines && { head, bytes: inPages(bytes), isFile: true, ...lines }
}

function parseHead(text: string): ManifestHead | undefined {
  const head = parseJson(text)
  // `openLazyManifest` validates it before anything else.
  return typeof head === 'object' && head !== null ? (head as ManifestHead) : undefined
}

function splitJson(bytes: Bytes, from: number): Pick<ManifestLines, 'starts' | 'ends'> | undefined {
  const [starts, ends]: [number[], number[]] = [[], []]
  if (hasText(bytes, EMPTY_END, from)) return { starts, ends }
  const small = inPages(bytes)
  let at = from
  for (const end of findLineFeeds(bytes, from)) {
    // The first one ends the line of the key.
    const isFirst = at === from
    if (isFirst && end !== from) return undefined
    if (!isFirst) {
      if (!hasText(small, INDENT, at)) return undefined
      const isLast = small.read(end - 1, end)[0] !== COMMA
      starts.push(at + INDENT.length)
      ends.push(isLast ? end : end - 1)
      if (isLast) {
        const isWhole = hasText(bytes, END, end + 1) && end + 1 + END.length === bytes.length()
        return isWhole ? { starts, ends } : undefined
      }
    }
    at = end + 1
  }
  return undefined
}

function splitNdjson(bytes: Bytes, from: number): Pick<ManifestLines, 'starts' | 'ends'> | undefined {
  const [starts, ends]: [number[], number[]] = [[], []]
  let at = from
  for (const end of findLineFeeds(bytes, from)) {
    starts.push(at)
    ends.push(end)
    at = end + 1
  }
  return at === bytes.length() ? { starts, ends } : undefined
}

function hasText(bytes: Bytes, text: string, at: number): boolean {
  return bytes.read(at, Math.min(at + text.length, bytes.length())).toString('latin1') === text
}

/** Returns the text of an entry's line. */
export function lineText({ bytes, starts, ends }: ManifestLines, index: number): string {
  return bytes.read(starts[index] ?? 0, ends[index] ?? 0).toString('utf8')
}

/** Parses an entry's line; does not validate it. Throws a SyntaxError if it is not JSON. */
export function parseLine(lines: ManifestLines, index: number): unknown {
  return JSON.parse(lineText(lines, index))
}

/** Returns the id of an entry. Parses the line only if it is not canonical. */
export function idOf(lines: ManifestLines, index: number): string {
  const start = canonicalStart(lines, index)
  if (start === undefined) return String(asRecord(parseLine(lines, index)).id)
  return start.slice(ID_AT, ID_AT + ID_DIGITS)
}

/** Returns the path of an entry's source. Parses the line only if it is not canonical. */
export function pathOf(lines: ManifestLines, index: number): string {
  if (canonicalStart(lines, index) === undefined)
    return String(asRecord(asRecord(parseLine(lines, index)).source).path)
  const { bytes, starts, ends } = lines
  const line = bytes.read((starts[index] ?? 0) + PATH_AT, ends[index] ?? 0)
  let end = line.indexOf('"', 1)
  while (isEscaped(line, end)) end = line.indexOf('"', end + 1)
  return String(JSON.parse(line.toString('utf8', 0, end + 1)))
}

/** Returns the part of a line before the path, if it is canonical. */
function canonicalStart({ bytes, starts, ends }: ManifestLines, index: number): string | undefined {
  const [at, end] = [starts[index] ?? 0, ends[index] ?? 0]
  const start = bytes.read(at, Math.min(at + PATH_AT + 1, end)).toString('latin1')
  return CANONICAL.test(start) ? start : undefined
}

function isEscaped(bytes: Buffer, at: number): boolean {
  let slashes = 0
  while (bytes[at - 1 - slashes] === BACKSLASH) slashes++
  return slashes % 2 === 1
}
