import { formatEntry, formatHead, headInOrder } from './serialize.js'
import { idOf, parseLine, pathOf, type Layout, type ManifestLines } from './line-index.js'
import { compareEntries, sortEntries } from './sort.js'
import type { Manifest, ManifestEntry, ManifestHead } from './types.js'

/** Entries that can be asked after by their id, and gone through. */
export interface Entries extends Iterable<ManifestEntry> {
  get(id: string): ManifestEntry | undefined
}

/** Entries by their ids; undefined is one that goes. */
export type Changes = ReadonlyMap<string, ManifestEntry | undefined>

/**
 * A manifest as it lies on the disk, and what is to become of it. An entry is parsed when it is asked for, and its line
 * is written as it was read unless it changes: a million of them take little more than their bytes.
 */
export interface LazyManifest extends Entries {
  readonly head: ManifestHead
  /** Undefined where nothing lies there yet. */
  readonly lines: ManifestLines | undefined
  readonly changes: Changes
}

/** A manifest of these lines, with these changes. */
export function createLazyManifest(
  head: ManifestHead,
  lines: ManifestLines | undefined,
  changes: Changes = new Map(),
): LazyManifest {
  let index: Map<string, number> | undefined
  const find = (id: string) => {
    if (lines === undefined) return undefined
    index ??= new Map(lines.starts.map((_, at) => [idOf(lines, at), at]))
    const at = index.get(id)
    return at === undefined ? undefined : entryAt(lines, at)
  }
  const stored = { head, lines, changes }
  return {
    ...stored,
    get: (id) => (changes.has(id) ? changes.get(id) : find(id)),
    *[Symbol.iterator]() {
      for (const piece of merge(stored)) yield typeof piece === 'number' ? entryAt(lines, piece) : piece
    },
  }
}

/** The manifest with more changes, and perhaps another head. */
export function withChanges(stored: LazyManifest, changes: Changes, head = stored.head): LazyManifest {
  return createLazyManifest(head, stored.lines, new Map([...stored.changes, ...changes]))
}

/** All of it, parsed. */
export function toManifest(stored: LazyManifest): Manifest {
  return { ...stored.head, entries: [...stored] }
}

function entryAt(lines: ManifestLines | undefined, index: number): ManifestEntry {
  if (lines === undefined) throw new RangeError(`no line ${index}`)
  // Lines are validated, or were written by us, before they are taken.
  return parseLine(lines, index) as ManifestEntry
}

type Parts = Pick<LazyManifest, 'head' | 'lines' | 'changes'>

/** The entries in their order: those whose lines stay by their place there. */
function* merge({ lines, changes }: Parts): Generator<number | ManifestEntry> {
  const added = sortEntries([...changes.values()].filter((entry) => entry !== undefined))
  let next = 0
  for (let at = 0; at < (lines?.starts.length ?? 0); at++) {
    if (lines === undefined || (changes.size > 0 && changes.has(idOf(lines, at)))) continue
    if (next < added.length) {
      const here = { id: idOf(lines, at), source: { path: pathOf(lines, at) } }
      for (
        let entry = added[next];
        entry !== undefined && compareEntries(entry, here) < 0;
        entry = added[++next]
      )
        yield entry
    }
    yield at
  }
  yield* added.slice(next)
}

const FRAMES: Readonly<Record<Layout, { readonly before: string; readonly between: string }>> = {
  json: { before: '\n    ', between: ',\n    ' },
  ndjson: { before: '\n', between: '\n' },
}

/** Characters that are gathered before they become bytes. */
const CHUNK = 1 << 20

/** A manifest's bytes: the same for the same content, in whatever order it comes. */
export function toBytes(stored: Parts, layout: Layout): Buffer {
  const { head, lines } = stored
  const { before, between } = FRAMES[layout]
  const chunks: Buffer[] = []
  let text = layout === 'json' ? `${formatHead(head)}\n  "entries": [` : JSON.stringify(headInOrder(head))
  const flush = () => {
    if (text !== '') chunks.push(Buffer.from(text))
    text = ''
  }
  let count = 0
  // Lines that follow one another in the file are taken as one piece.
  let from: number | undefined
  let last = -1
  const copy = () => {
    if (lines === undefined || from === undefined) return
    flush()
    chunks.push(lines.bytes.subarray(lines.starts[from], lines.ends[last]))
    from = undefined
  }
  for (const piece of merge(stored)) {
    if (typeof piece === 'number' && from !== undefined && piece === last + 1) {
      last = piece
      continue
    }
    copy()
    text += count++ === 0 ? before : between
    if (typeof piece === 'number') from = last = piece
    else text += formatEntry(piece)
    if (text.length > CHUNK) flush()
  }
  copy()
  text += layout === 'ndjson' ? '\n' : count === 0 ? ']\n}\n' : '\n  ]\n}\n'
  flush()
  return Buffer.concat(chunks)
}
