import type { ManifestEntry, ManifestOutput } from './types.js'

/** Entries by their source's path, in code units: the same on every machine, whatever its language. */
export function sortEntries(entries: Iterable<ManifestEntry>): ManifestEntry[] {
  return [...entries].toSorted(compareEntries)
}

/** What decides an entry's place. */
export type Placed = Pick<ManifestEntry, 'id'> & { readonly source: Pick<ManifestEntry['source'], 'path'> }

export function compareEntries(a: Placed, b: Placed): number {
  return compare(a.source.path, b.source.path) || compare(a.id, b.id)
}

/** Outputs by preset, width, format and path; those that failed, and so have no width, before others. */
export function sortOutputs(outputs: Iterable<ManifestOutput>): ManifestOutput[] {
  return [...outputs].toSorted(compareOutputs)
}

function compareOutputs(a: ManifestOutput, b: ManifestOutput): number {
  const [left, right] = [measure(a), measure(b)]
  return (
    compare(a.preset, b.preset) ||
    left.width - right.width ||
    compare(left.format, right.format) ||
    compare(a.path, b.path) ||
    // Failures may share a path whose width stayed open.
    compare(a.recipe, b.recipe)
  )
}

function measure(output: ManifestOutput): { width: number; format: string } {
  return output.status === 'ready' ? output : { width: 0, format: '' }
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}
