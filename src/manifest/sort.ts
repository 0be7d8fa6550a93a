import type { ManifestEntry, ManifestOutput } from './types.js'

/** Sorts entries by their source's path, in UTF-16 code units, so that the locale does not matter. */
export function sortEntries(entries: Iterable<ManifestEntry>): ManifestEntry[] {
  return [...entries].toSorted(compareEntries)
}

/** The parts of an entry that decide its place. */
export type SortKeys = Pick<ManifestEntry, 'id'> & { readonly source: Pick<ManifestEntry['source'], 'path'> }

/** Compares entries by their source's path and then by their id. */
export function compareEntries(a: SortKeys, b: SortKeys): number {
  return compare(a.source.path, b.source.path) || compare(a.id, b.id)
}

/** Sorts outputs by preset, width, format and path. Failed outputs, which have no width, come first. */
export function sortOutputs(outputs: Iterable<ManifestOutput>): ManifestOutput[] {
  return [...outputs].toSorted(compareOutputs)
}

function compareOutputs(a: ManifestOutput, b: ManifestOutput): number {
  const [left, right] = [widthAndFormat(a), widthAndFormat(b)]
  return (
    compare(a.preset, b.preset) ||
    left.width - right.width ||
    compare(left.format, right.format) ||
    compare(a.path, b.path) ||
    // Failed outputs may share a path in which {width} is not filled in.
    compare(a.recipe, b.recipe)
  )
}

function widthAndFormat(output: ManifestOutput): { width: number; format: string } {
  return output.status === 'ready' ? output : { width: 0, format: '' }
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}
