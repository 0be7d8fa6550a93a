import { sortEntries, sortOutputs } from './manifest-order.js'
import type { ManifestEntry, ManifestOutput, ManifestSource } from './manifest-types.js'
import { collisionKey } from './paths.js'
import type { OutputResult, Result } from './types.js'

// What a result says of its source, and so replaces.
const DECIDED = new Set(['id', 'source', 'status', 'reason', 'outputs', 'error'])

/** A result as the manifest keeps it. */
export function toEntry(result: Result): ManifestEntry {
  return settle(updateEntry(undefined, result), new Map())
}

/**
 * The entries after a run: each result replaces its source's outputs of the presets that the run planned;
 * all else stays. A result names every output that its presets have now, made in this run or not.
 *
 * Results of different sources come in any order; of two for one source the later counts. An output path
 * belongs to who wrote it last: others no longer list it, and an entry that has nothing left goes.
 */
export function mergeEntries(old: Iterable<ManifestEntry>, results: Iterable<Result>): ManifestEntry[] {
  const entries = new Map<string, ManifestEntry>()
  for (const entry of old) entries.set(entry.id, entry)
  const owners: Owners = new Map()
  for (const result of results) {
    // A job that was broken off has nothing to say: what was there before still stands.
    if (result.error?.code === 'ABORTED') continue
    const { id } = result.job
    entries.set(id, updateEntry(entries.get(id), result))
    for (const { status, path, preset } of result.outputs.flatMap(toOutput)) {
      // A failure owns nothing: it may have failed because another has the path.
      if (status === 'ready') owners.set(collisionKey(path), { id, preset })
    }
  }
  const settled = [...entries.values()].map((entry) => settle(entry, owners))
  return sortEntries(settled.filter(({ outputs, error, reason }) => outputs.length > 0 || error || reason))
}

/** Who has written a path in this run. */
type Owners = Map<string, { readonly id: string; readonly preset: string }>

/** The entry with this result in it; whether its outputs are still its own is settled when all are known. */
function updateEntry(old: ManifestEntry | undefined, result: Result): ManifestEntry {
  const source: ManifestSource = { path: result.job.path, ...result.source }
  const changed = old !== undefined && !sameBytes(old.source, source)
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
  const outputs = entry.outputs.filter(({ status, path, preset }) => {
    const owner = status === 'ready' ? owners.get(collisionKey(path)) : undefined
    return owner === undefined || (owner.id === entry.id && owner.preset === preset)
  })
  const status = statusOf(outputs, entry.error !== undefined)
  const { reason, ...rest } = entry
  return { ...rest, status, outputs, ...(status === 'skipped' && reason !== undefined ? { reason } : {}) }
}

/** Skipped outputs have no place in the manifest. */
function toOutput(result: OutputResult): ManifestOutput[] {
  if (result.action === 'skipped') return []
  const { action: _action, ...output } = result
  return 'error' in output ? [{ status: 'failed', ...output }] : [{ status: 'ready', ...output }]
}

/** Where a failure left the bytes unknown, they count as others. */
function sameBytes(a: ManifestSource, b: ManifestSource): boolean {
  return a.hash === b.hash && a.bytes === b.bytes
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

function statusOf(outputs: readonly ManifestOutput[], sourceFailed: boolean): ManifestEntry['status'] {
  const failed = sourceFailed || outputs.some(({ status }) => status === 'failed')
  const ready = outputs.some(({ status }) => status === 'ready')
  if (failed) return ready ? 'partial' : 'failed'
  return ready ? 'ready' : 'skipped'
}

function reasonOf(outputs: readonly OutputResult[]): string | undefined {
  const reasons = new Set(outputs.flatMap((output) => (output.action === 'skipped' ? [output.reason] : [])))
  return reasons.size === 0 ? undefined : [...reasons].toSorted().join('; ')
}
