import { asRecord, parseJson } from '../utils/parse-json.js'
import type { ManifestHead } from './types.js'

/** `json`: one document with an entry a line. `ndjson`: the head as the first line, then an entry a line. */
export type Layout = 'json' | 'ndjson'

/** A manifest's bytes, and the positions of its entries in them. */
export interface ManifestLines {
  /** As parsed; not validated. */
  readonly head: ManifestHead
  readonly bytes: Buffer
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

/** Finds the entries in a manifest. Returns undefined if its layout is not the one that imgproc writes. */
export function splitLines(bytes: Buffer, layout: Layout): ManifestLines | undefined {
  const begin = layout === 'json' ? bytes.indexOf(BEGIN) : bytes.indexOf(LINE_FEED)
  if (begin < 0) return undefined
  const headText = bytes.toString('utf8', 0, begin)
  const head = parseHead(layout === 'json' ? `${headText.replace(/,$/, '')}}` : headText)
  if (head === undefined) return undefined
  const lines = layout === 'json' ? splitJson(bytes, begin + BEGIN.length) : splitNdjson(bytes, begin + 1)
  return lines && { head, bytes, ...lines }
}

function parseHead(text: string): ManifestHead | undefined {
  const head = parseJson(text)
  // `openLazyManifest` validates it before anything else.
  return typeof head === 'object' && head !== null ? (head as ManifestHead) : undefined
}

function splitJson(bytes: Buffer, from: number): Pick<ManifestLines, 'starts' | 'ends'> | undefined {
  const [starts, ends]: [number[], number[]] = [[], []]
  if (hasText(bytes, EMPTY_END, from)) return { starts, ends }
  if (bytes[from] !== LINE_FEED) return undefined
  let at = from + 1
  while (hasText(bytes, INDENT, at)) {
    const end = bytes.indexOf(LINE_FEED, at)
    if (end < 0) return undefined
    const isLast = bytes[end - 1] !== COMMA
    starts.push(at + INDENT.length)
    ends.push(isLast ? end : end - 1)
    at = end + 1
    if (isLast) break
  }
  return hasText(bytes, END, at) && at + END.length === bytes.length ? { starts, ends } : undefined
}

function splitNdjson(bytes: Buffer, from: number): Pick<ManifestLines, 'starts' | 'ends'> | undefined {
  const [starts, ends]: [number[], number[]] = [[], []]
  for (let at = from; at < bytes.length;) {
    const end = bytes.indexOf(LINE_FEED, at)
    if (end < 0) return undefined
    starts.push(at)
    ends.push(end)
    at = end + 1
  }
  return { starts, ends }
}

function hasText(bytes: Buffer, text: string, at: number): boolean {
  return bytes.toString('latin1', at, at + text.length) === text
}

/** Parses an entry's line; does not validate it. Throws a SyntaxError if it is not JSON. */
export function parseLine({ bytes, starts, ends }: ManifestLines, index: number): unknown {
  return JSON.parse(bytes.toString('utf8', starts[index], ends[index]))
}

/** Returns the id of an entry. Parses the line only if it is not canonical. */
export function idOf(lines: ManifestLines, index: number): string {
  if (!isCanonicalLine(lines, index)) return String(asRecord(parseLine(lines, index)).id)
  const at = (lines.starts[index] ?? 0) + ID_AT
  return lines.bytes.toString('latin1', at, at + ID_DIGITS)
}

/** Returns the path of an entry's source. Parses the line only if it is not canonical. */
export function pathOf(lines: ManifestLines, index: number): string {
  if (!isCanonicalLine(lines, index)) return String(asRecord(asRecord(parseLine(lines, index)).source).path)
  const { bytes, starts } = lines
  const from = (starts[index] ?? 0) + PATH_AT
  let end = bytes.indexOf('"', from + 1)
  while (isEscaped(bytes, end)) end = bytes.indexOf('"', end + 1)
  return String(JSON.parse(bytes.toString('utf8', from, end + 1)))
}

function isCanonicalLine({ bytes, starts }: ManifestLines, index: number): boolean {
  const at = starts[index] ?? 0
  return CANONICAL.test(bytes.toString('latin1', at, at + PATH_AT + 1))
}

function isEscaped(bytes: Buffer, at: number): boolean {
  let slashes = 0
  while (bytes[at - 1 - slashes] === BACKSLASH) slashes++
  return slashes % 2 === 1
}
