import { sortOutputs } from './sort.js'
import type { ManifestEntry, ManifestOutput, ManifestSource } from './types.js'
import { statusOf } from '../jobs/job-status.js'
import { collisionKey } from '../paths/output-path.js'
import type { Changes, Entries } from './lazy-manifest.js'
import type { OutputResult, Result } from '../jobs/types.js'

// What a result says of its source, and so replaces.
const DECIDED = new Set(['id', 'source', 'status', 'reason', 'outputs', 'error'])

/** A result as the manifest keeps it. */
export function toEntry(result: Result): ManifestEntry {
  return settle(updateEntry(undefined, result), new Map())
}

/**
 * What a run changes in a manifest's entries: each result replaces its source's outputs of the presets that the run
 * planned; all else stays. A result names every output that its presets have now, made in this run or not.
 *
 * Results of different sources come in any order; of two for one source the later counts. An output path
 * belongs to who wrote it last: others no longer list it, and an entry that has nothing left goes.
 */
export function applyResults(old: Entries, results: Iterable<Result>): Changes {
  const updated = new Map<string, ManifestEntry>()
  const owners: Owners = new Map()
  let isMoved = false
  for (const result of results) {
    // A job that was broken off has nothing to say: what was there before still stands.
    if (result.error?.code === 'ABORTED') continue
    const { id } = result.job
    const before = updated.get(id) ?? old.get(id)
    updated.set(id, updateEntry(before, result))
    for (const { status, path, preset } of result.outputs.flatMap(toOutput)) {
      // A failure owns nothing: it may have failed because another has the path.
      if (status !== 'ready') continue
      owners.set(collisionKey(path), { id, preset })
      const had = (output: ManifestOutput) =>
        output.status === 'ready' && output.path === path && output.preset === preset
      isMoved ||= before?.outputs.some(had) !== true
    }
  }
  const changes = new Map<string, ManifestEntry | undefined>()
  for (const [id, entry] of updated) changes.set(id, unlessEmpty(settle(entry, owners)))
  // Where everybody has the paths that they had, nobody loses one.
  if (!isMoved) return changes
  for (const entry of old) {
    if (updated.has(entry.id) || !entry.outputs.some((output) => isLost(output, entry.id, owners))) continue
    changes.set(entry.id, unlessEmpty(settle(entry, owners)))
  }
  return changes
}

function unlessEmpty(entry: ManifestEntry): ManifestEntry | undefined {
  return entry.outputs.length > 0 || entry.error || entry.reason ? entry : undefined
}

/** Who has written a path in this run. */
type Owners = Map<string, { readonly id: string; readonly preset: string }>

/** The entry with this result in it; whether its outputs are still its own is settled when all are known. */
function updateEntry(old: ManifestEntry | undefined, result: Result): ManifestEntry {
  const read: ManifestSource = { path: result.job.path, ...result.source }
  const changed = old !== undefined && !sameBytes(old.source, read, result.job.isSame)
  // Where only the head was read, an earlier run may have read the whole.
  const hash = read.hash ?? (changed || result.source === undefined ? undefined : old?.source.hash)
  const source: ManifestSource = { ...read, ...(hash !== undefined && { hash }) }
  const planned = new Set(
    [...result.job.renditions, ...(result.job.settled ?? []), ...result.outputs].map(({ preset }) => preset),
  )
  const kept = old?.outputs.filter(({ preset }) => !planned.has(preset)) ?? []
  const reason = reasonOf(result.outputs)
  return {
    // What was found in pixels that are gone goes too.
    ...(old === undefined || changed ? {} : findings(old)),
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

/** Takes away what others have written over, and says what that leaves. */
function settle(entry: ManifestEntry, owners: Owners): ManifestEntry {
  const outputs = entry.outputs.filter((output) => !isLost(output, entry.id, owners))
  const status = statusOf(outputs, entry.error)
  const { reason, ...rest } = entry
  return { ...rest, status, outputs, ...(status === 'skipped' && reason !== undefined ? { reason } : {}) }
}

/** Whether another has written over an output. */
function isLost({ status, path, preset }: ManifestOutput, id: string, owners: Owners): boolean {
  const owner = status === 'ready' ? owners.get(collisionKey(path)) : undefined
  return owner !== undefined && (owner.id !== id || owner.preset !== preset)
}

/** Skipped outputs have no place in the manifest. */
function toOutput(result: OutputResult): ManifestOutput[] {
  if (result.action === 'skipped') return []
  const { action: _action, ...output } = result
  return 'error' in output ? [{ status: 'failed', ...output }] : [{ status: 'ready', ...output }]
}

/** Where a failure left the bytes unknown they count as others; where only the head was read, others may know. */
function sameBytes(a: ManifestSource, b: ManifestSource, isSame = false): boolean {
  if (a.bytes !== b.bytes) return false
  return a.hash === undefined || b.hash === undefined ? isSame : a.hash === b.hash
}

/** Without the mark, the next run would take an output of the old picture for one of the new. */
function markStale(output: ManifestOutput): ManifestOutput {
  return output.status === 'ready' ? { ...output, stale: true } : output
}

/** The analysis, and whatever else an entry holds that a run doesn't decide. */
function findings(entry: ManifestEntry): Pick<ManifestEntry, 'analysis'> {
  const others = Object.entries(entry).filter(([key]) => !DECIDED.has(key))
  // Of the keys that the type knows only the analysis is left.
  return Object.fromEntries(others) as Pick<ManifestEntry, 'analysis'>
}

function reasonOf(outputs: readonly OutputResult[]): string | undefined {
  const reasons = new Set(outputs.flatMap((output) => (output.action === 'skipped' ? [output.reason] : [])))
  return reasons.size === 0 ? undefined : [...reasons].toSorted().join('; ')
}
