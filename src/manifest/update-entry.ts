import { sortOutputs } from './sort.js'
import type { ManifestEntry, ManifestOutput, ManifestSource } from './types.js'
import { statusOf } from '../jobs/job-status.js'
import { collisionKey } from '../paths/output-path.js'
import type { OutputResult, Result } from '../jobs/types.js'

/** Keys of an entry that each result replaces. */
const REPLACED = new Set(['id', 'source', 'status', 'reason', 'outputs', 'error'])

/** Converts a result to a manifest entry. */
export function toEntry(result: Result): ManifestEntry {
  return withoutLost(updateEntry(undefined, result), new Map())
}

/** Returns undefined for an entry without information. */
export function unlessEmpty(entry: ManifestEntry): ManifestEntry | undefined {
  return entry.outputs.length > 0 || entry.error || entry.reason ? entry : undefined
}

/** The source and preset that wrote a path in this run, by the path's key. */
export type Owners = ReadonlyMap<string, { readonly id: string; readonly preset: string }>

/** Merges a result into an entry. Outputs that other sources overwrote are removed later, by `withoutLost`. */
export function updateEntry(old: ManifestEntry | undefined, result: Result): ManifestEntry {
  const read: ManifestSource = { path: result.job.path, ...result.source }
  const changed = old !== undefined && !hasSameBytes(old.source, read, result.job.isSame)
  // If only the header was read, an earlier run may have hashed the whole source.
  const hash = read.hash ?? (changed || result.source === undefined ? undefined : old?.source.hash)
  const source: ManifestSource = { ...read, ...(hash !== undefined && { hash }) }
  const planned = new Set(
    [...result.job.renditions, ...(result.job.settled ?? []), ...result.outputs].map(({ preset }) => preset),
  )
  const kept = old?.outputs.filter(({ preset }) => !planned.has(preset)) ?? []
  const reason = reasonOf(result.outputs)
  return {
    // Findings about changed pixels are dropped.
    ...(old === undefined || changed ? {} : findingsOf(old)),
    ...(result.analysis !== undefined && {
      analysis: { ...(changed ? {} : old?.analysis), ...result.analysis },
    }),
    id: result.job.id,
    source,
    status: result.status,
    outputs: sortOutputs([...result.outputs.flatMap(toOutput), ...(changed ? kept.map(markStale) : kept)]),
    ...(reason === undefined ? {} : { reason }),
    ...(result.error === undefined ? {} : { error: result.error }),
  }
}

/** Removes outputs that others overwrote, and updates the status. */
export function withoutLost(entry: ManifestEntry, owners: Owners): ManifestEntry {
  const outputs = entry.outputs.filter((output) => !isLost(output, entry.id, owners))
  const status = statusOf(outputs, entry.error)
  const { reason, ...rest } = entry
  return { ...rest, status, outputs, ...(status === 'skipped' && reason !== undefined ? { reason } : {}) }
}

/** Returns true if another source or preset overwrote an output. */
export function isLost({ status, path, preset }: ManifestOutput, id: string, owners: Owners): boolean {
  const owner = status === 'ready' ? owners.get(collisionKey(path)) : undefined
  return owner !== undefined && (owner.id !== id || owner.preset !== preset)
}

/** Converts to a manifest's output. Returns an empty list for a skipped one, which the manifest does not list. */
export function toOutput(result: OutputResult): ManifestOutput[] {
  if (result.action === 'skipped') return []
  const { action: _action, ...output } = result
  return 'error' in output ? [{ status: 'failed', ...output }] : [{ status: 'ready', ...output }]
}

/**
 * Compares two versions of a source by size and hash. An unknown size, after a failure, counts as changed.
 *
 * @param isSame decides if a hash is unknown because only the header was read.
 */
function hasSameBytes(a: ManifestSource, b: ManifestSource, isSame = false): boolean {
  if (a.bytes !== b.bytes) return false
  return a.hash === undefined || b.hash === undefined ? isSame : a.hash === b.hash
}

/** Marks an output as made from an older version of the source, so that the next run of its preset makes it again. */
function markStale(output: ManifestOutput): ManifestOutput {
  return output.status === 'ready' ? { ...output, stale: true } : output
}

/** Returns the keys of an entry that a run does not replace: the analysis and unknown keys. */
function findingsOf(entry: ManifestEntry): Pick<ManifestEntry, 'analysis'> {
  const others = Object.entries(entry).filter(([key]) => !REPLACED.has(key))
  // `analysis` is the only one of them that the type declares.
  return Object.fromEntries(others) as Pick<ManifestEntry, 'analysis'>
}

function reasonOf(outputs: readonly OutputResult[]): string | undefined {
  const reasons = new Set(outputs.flatMap((output) => (output.action === 'skipped' ? [output.reason] : [])))
  return reasons.size === 0 ? undefined : [...reasons].toSorted().join('; ')
}
