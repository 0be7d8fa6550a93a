import { formatEntry, formatHead, headInOrder } from './serialize.js'
import { idOf, parseLine, pathOf, type Layout, type ManifestLines } from './line-index.js'
import { compareEntries, sortEntries } from './sort.js'
import type { Manifest, ManifestEntry, ManifestHead } from './types.js'

/** Entries that can be looked up by id and iterated in order. */
export interface Entries extends Iterable<ManifestEntry> {
  get(id: string): ManifestEntry | undefined
}

/** New entries by their ids; undefined removes an entry. */
export type Changes = ReadonlyMap<string, ManifestEntry | undefined>

/**
 * A manifest's file, and changes to it. An entry is parsed when it is accessed, and its line is written as it was read
 * unless it changes: a million entries take little more memory than their bytes.
 */
export interface LazyManifest extends Entries {
  readonly head: ManifestHead
  /** The lines of the file; undefined if there is no file, or one in another layout. */
  readonly lines: ManifestLines | undefined
  readonly changes: Changes
}

/** Creates a manifest from lines and changes to them. */
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
  const parts = { head, lines, changes }
  return {
    ...parts,
    get: (id) => (changes.has(id) ? changes.get(id) : find(id)),
    *[Symbol.iterator]() {
      for (const piece of merge(parts)) yield typeof piece === 'number' ? entryAt(lines, piece) : piece
    },
  }
}

/** Returns the manifest with more changes and, if given, another head. */
export function withChanges(manifest: LazyManifest, changes: Changes, head = manifest.head): LazyManifest {
  return createLazyManifest(head, manifest.lines, new Map([...manifest.changes, ...changes]))
}

/** Parses all entries. */
export function toManifest(manifest: LazyManifest): Manifest {
  return { ...manifest.head, entries: [...manifest] }
}

function entryAt(lines: ManifestLines | undefined, index: number): ManifestEntry {
  if (lines === undefined) throw new RangeError(`no line ${index}`)
  // `openLazyManifest` has validated the line, or imgproc wrote it.
  return parseLine(lines, index) as ManifestEntry
}

type Parts = Pick<LazyManifest, 'head' | 'lines' | 'changes'>

/** Yields the entries in order: changed ones, and unchanged ones as the index of their line. */
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

const SEPARATORS: Readonly<Record<Layout, { readonly before: string; readonly between: string }>> = {
  json: { before: '\n    ', between: ',\n    ' },
  ndjson: { before: '\n', between: '\n' },
}

/** Characters that are collected before they are encoded. */
const CHUNK_SIZE = 1 << 20

/** Returns a manifest's bytes. The same content gives the same bytes, in whatever order the changes are. */
export function toBytes(manifest: Parts, layout: Layout): Buffer {
  const { head, lines } = manifest
  const { before, between } = SEPARATORS[layout]
  const chunks: Buffer[] = []
  let text = layout === 'json' ? `${formatHead(head)}\n  "entries": [` : JSON.stringify(headInOrder(head))
  const flush = () => {
    if (text !== '') chunks.push(Buffer.from(text))
    text = ''
  }
  let count = 0
  // Adjacent lines of the file are copied together.
  let from: number | undefined
  let last = -1
  const copy = () => {
    if (lines === undefined || from === undefined) return
    flush()
    chunks.push(lines.bytes.subarray(lines.starts[from], lines.ends[last]))
    from = undefined
  }
  for (const piece of merge(manifest)) {
    if (typeof piece === 'number' && from !== undefined && piece === last + 1) {
      last = piece
      continue
    }
    copy()
    text += count++ === 0 ? before : between
    if (typeof piece === 'number') from = last = piece
    else text += formatEntry(piece)
    if (text.length > CHUNK_SIZE) flush()
  }
  copy()
  text += layout === 'ndjson' ? '\n' : count === 0 ? ']\n}\n' : '\n  ]\n}\n'
  flush()
  return Buffer.concat(chunks)
}
