import type { Result } from '../jobs/types.js'
import { createLinesBuilder } from './lines-builder.js'
import { idOf, lineText, parseLine, pathOf, type ManifestLines } from './line-index.js'
import { createLazyManifest, merge, type LazyManifest } from './lazy-manifest.js'
import { formatEntry } from './serialize.js'
import { compareEntries, type SortKeys } from './sort.js'
import type { ManifestEntry, ManifestOutput } from './types.js'
import { isLost, toOutput, unlessEmpty, updateEntry, withoutLost, type Owners } from './update-entry.js'

/** A result, and its place in the order in which results came. */
export interface OrderedResult {
  readonly result: Result
  readonly order: number
}

/** Results sorted by `compareResults`, those of one source in their order. May be read more than once. */
export type SortedResults = Iterable<OrderedResult>

/** Compares results by the places of their entries in a manifest. */
export function compareResults({ result: a }: OrderedResult, { result: b }: OrderedResult): number {
  return compareEntries(placeOf(a), placeOf(b))
}

/** Returns the parts of a result that decide the place of its entry. */
export function placeOf({ job: { id, path } }: Result): SortKeys {
  return { id, source: { path } }
}

export interface MergeOptions {
  /** The paths that several sources or presets list. @default none */
  readonly owners?: Owners | undefined
  /** Ids of entries in the old manifest that are in another place than their results. @default none */
  readonly moved?: ReadonlySet<string> | undefined
  /** Called with each entry that a result updates. */
  readonly look?: (entry: ManifestEntry) => void
}

/** Old entries that have results in a manifest, merged. */
export interface MergedResults {
  readonly manifest: LazyManifest
  /** True if a result lists an output that its old entry does not. */
  readonly hasNewOwner: boolean
  /** Entries without results. */
  readonly kept: number
  readonly moved: ReadonlySet<string>
}

/** Merges results into the entries of a manifest, in one trip through both. */
export function mergeResults(
  old: LazyManifest,
  results: SortedResults,
  options: MergeOptions,
): MergedResults {
  const { owners = new Map(), moved = new Set(), look } = options
  const builder = createLinesBuilder(old.head)
  const nowMoved = new Set<string>()
  let [hasNewOwner, kept] = [false, 0]
  const add = (rounds: readonly Result[], before: ManifestEntry | undefined) => {
    let entry = before
    for (const result of rounds) {
      if (saysNothing(result, entry)) continue
      const old = entry
      hasNewOwner ||= result.outputs.flatMap(toOutput).some((output) => isNew(output, old))
      entry = isMissing(result) ? undefined : updateEntry(old, result)
    }
    entry = entry && unlessEmpty(withoutLost(entry, owners))
    if (entry === undefined) return
    look?.(entry)
    builder.add(formatEntry(entry))
  }
  const keep = (piece: Piece) => {
    kept++
    const line = formatPiece(piece, old.lines, owners)
    if (line !== undefined) builder.add(line)
  }
  const addElsewhere = ([first, ...others]: Rounds) => {
    const before = old.get(first.job.id)
    if ([first, ...others].every((result) => saysNothing(result, before))) return
    if (before !== undefined) nowMoved.add(before.id)
    add([first, ...others], before)
  }
  const updates = joinResults(results)
  let next = updates.next()
  for (const piece of merge(old)) {
    const place = placeOfPiece(piece, old.lines)
    while (next.done !== true && compareEntries(placeOf(next.value[0]), place) < 0) {
      addElsewhere(next.value)
      next = updates.next()
    }
    const rounds = next.done !== true && compareEntries(placeOf(next.value[0]), place) === 0 && next.value
    if (rounds === false) {
      if (!moved.has(place.id)) keep(piece)
      continue
    }
    const before = toOldEntry(piece, old.lines)
    if (rounds.every((result) => saysNothing(result, before))) keep(piece)
    else add(rounds, before)
    next = updates.next()
  }
  for (; next.done !== true; next = updates.next()) addElsewhere(next.value)
  return { manifest: createLazyManifest(old.head, builder.finish()), hasNewOwner, kept, moved: nowMoved }
}

/** Results of one source, in their order: that of a run, and those of runs before it that were killed. */
type Rounds = readonly [Result, ...Result[]]

/** Yields the results of each source. Those that go to several folders are one, since a source has one entry. */
export function* joinResults(results: SortedResults): Generator<Rounds, undefined> {
  let rounds: [Result, ...Result[]] | undefined
  let outs = new Set<string>()
  for (const { result } of results) {
    const { id, out } = result.job
    const last = rounds?.at(-1)
    if (rounds === undefined || last === undefined || last.job.id !== id) {
      if (rounds !== undefined) yield rounds
      rounds = [result]
      outs = new Set()
    } else if (outs.has(out)) {
      rounds.push(result)
      outs = new Set()
    } else rounds[rounds.length - 1] = joinTwo(last, result)
    outs.add(out)
  }
  if (rounds !== undefined) yield rounds
}

function joinTwo(other: Result, result: Result): Result {
  const renditions = [...other.job.renditions, ...result.job.renditions]
  const settled = [...(other.job.settled ?? []), ...(result.job.settled ?? [])]
  const outputs = [...other.outputs, ...result.outputs]
  const analysis = { ...other.analysis, ...result.analysis }
  const found = Object.keys(analysis).length > 0 && { analysis }
  return { ...other, ...result, job: { ...result.job, renditions, settled }, outputs, ...found }
}

/** True if the old entry of a source still holds. */
function saysNothing({ error }: Result, before: ManifestEntry | undefined): boolean {
  // An aborted job says nothing about its outputs. A source that does not exist is listed only if it has left some.
  if (error?.code === 'ABORTED') return true
  return error?.code === 'INPUT_NOT_FOUND' && before?.outputs.some(isReady) !== false
}

function isMissing({ error }: Result): boolean {
  return error?.code === 'INPUT_NOT_FOUND'
}

function isReady({ status }: ManifestOutput): boolean {
  return status === 'ready'
}

function isNew({ status, path, preset }: ManifestOutput, before: ManifestEntry | undefined): boolean {
  // A failed output does not own its path: it may have failed because another source owns it.
  if (status !== 'ready') return false
  const isSame = (output: ManifestOutput) =>
    output.status === 'ready' && output.path === path && output.preset === preset
  return before?.outputs.some(isSame) !== true
}

/** An entry, or the index of its line. */
type Piece = ManifestEntry | number

function placeOfPiece(piece: Piece, lines: ManifestLines | undefined): SortKeys {
  if (typeof piece !== 'number' || lines === undefined) return piece as ManifestEntry // an index has lines
  return { id: idOf(lines, piece), source: { path: pathOf(lines, piece) } }
}

function toOldEntry(piece: Piece, lines: ManifestLines | undefined): ManifestEntry {
  // The line was validated when the file was opened, or imgproc wrote it.
  return (typeof piece === 'number' && lines !== undefined ? parseLine(lines, piece) : piece) as ManifestEntry
}

/** Formats an old entry; returns undefined if nothing is left of it. */
function formatPiece(piece: Piece, lines: ManifestLines | undefined, owners: Owners): string | undefined {
  if (owners.size === 0 && typeof piece === 'number' && lines !== undefined) return lineText(lines, piece)
  const entry = toOldEntry(piece, lines)
  if (!entry.outputs.some((output) => isLost(output, entry.id, owners))) return formatEntry(entry)
  const rest = unlessEmpty(withoutLost(entry, owners))
  return rest === undefined ? undefined : formatEntry(rest)
}
