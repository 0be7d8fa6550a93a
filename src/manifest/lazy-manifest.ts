import { createTextIndex } from '../utils/spool/text-index.js'
import { idOf, parseLine, pathOf, type ManifestLines } from './line-index.js'
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
  let indexOf: ReturnType<typeof createTextIndex> | undefined
  const find = (id: string) => {
    if (lines === undefined) return undefined
    indexOf ??= createTextIndex(lines.starts.length, (at) => idOf(lines, at))
    const at = indexOf(id)
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

export type Parts = Pick<LazyManifest, 'head' | 'lines' | 'changes'>

/** Yields the entries in order: changed ones, and unchanged ones as the index of their line. */
export function* merge({ lines, changes }: Parts): Generator<number | ManifestEntry> {
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
