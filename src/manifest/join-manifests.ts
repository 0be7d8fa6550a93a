import { isDeepStrictEqual } from 'node:util'
import { ImgprocError } from '../errors.js'
import { sortEntries, sortOutputs } from './sort.js'
import type { Manifest, ManifestEntry, ManifestOutput, ManifestSource, ManifestTool } from './types.js'
import { statusOf } from '../jobs/job-status.js'
import { keyOf } from '../paths/location.js'

/** Conflicts that an error lists, at most. */
const MAX_LISTED = 10

/**
 * Joins the entries of several manifests, whatever their order. An entry of a source that is in several of them has the
 * presets of all.
 *
 * @throws ImgprocError OUTPUT_COLLISION if the manifests contradict each other, which means that one is out of date.
 */
export function joinEntries(manifests: readonly Manifest[]): readonly ManifestEntry[] {
  const joined = new Map<string, ManifestEntry>()
  const conflicts: string[] = []
  for (const entry of manifests.flatMap(({ entries }) => entries)) {
    const other = joined.get(entry.id)
    if (other === undefined) joined.set(entry.id, entry)
    else {
      conflicts.push(...findConflicts(other, entry))
      joined.set(entry.id, joinTwo(other, entry))
    }
  }
  const entries = sortEntries(joined.values())
  conflicts.push(...findSharedPaths(entries))
  if (conflicts.length > 0) throw createConflictError(conflicts)
  return entries
}

/** Returns the oldest versions, so that `--refresh` makes again all outputs that may be of those. */
export function oldestTool(tools: readonly ManifestTool[]): ManifestTool | undefined {
  return tools.toSorted(compareTools)[0]
}

function compareTools(a: ManifestTool, b: ManifestTool): number {
  return (
    compareVersions(a.sharp, b.sharp) ||
    compareVersions(a.libvips, b.libvips) ||
    compareVersions(a.version, b.version)
  )
}

function compareVersions(a: string, b: string): number {
  return a.localeCompare(b, 'en', { numeric: true })
}

function joinTwo(a: ManifestEntry, b: ManifestEntry): ManifestEntry {
  const more = b.outputs.filter((output) => !a.outputs.some(({ preset }) => preset === output.preset))
  const analysis = { ...a.analysis, ...b.analysis }
  const status = statusOf([a, b])
  const { reason = b.reason, ...both } = { ...b, ...a }
  return {
    ...both,
    source: { ...b.source, ...a.source },
    status,
    outputs: sortOutputs([...a.outputs, ...more]),
    ...(Object.keys(analysis).length > 0 && { analysis }),
    ...(status === 'skipped' && reason !== undefined && { reason }),
  }
}

/** Describes the contradictions between two entries of one source. */
function findConflicts(a: ManifestEntry, b: ManifestEntry): string[] {
  const differs = (key: keyof ManifestSource) =>
    a.source[key] !== undefined && b.source[key] !== undefined && a.source[key] !== b.source[key]
  if (differs('bytes') || differs('hash')) return [`${a.source.path}: the source changed between the runs`]
  const presets = new Set(a.outputs.map(({ preset }) => preset))
  const both = new Set(b.outputs.map(({ preset }) => preset).filter((preset) => presets.has(preset)))
  return [...both]
    .filter((preset) => !isDeepStrictEqual(outputsOf(a, preset), outputsOf(b, preset)))
    .map((preset) => `${a.source.path} (${preset}): its outputs differ`)
}

function outputsOf({ outputs }: ManifestEntry, preset: string): ManifestOutput[] {
  return outputs.filter((output) => output.preset === preset)
}

/** Describes the paths that two sources list. The manifests do not tell which of them wrote the file last. */
function findSharedPaths(entries: readonly ManifestEntry[]): string[] {
  const owners = new Map<string, ManifestEntry>()
  const shared: string[] = []
  for (const entry of entries) {
    for (const { status, path } of entry.outputs) {
      if (status !== 'ready') continue
      const key = keyOf(path)
      const owner = owners.get(key)
      if (owner === undefined) owners.set(key, entry)
      else if (owner !== entry)
        shared.push(`${path}: made from ${owner.source.path} and from ${entry.source.path}`)
    }
  }
  return shared
}

function createConflictError(conflicts: readonly string[]): ImgprocError {
  const listed = conflicts.slice(0, MAX_LISTED).map((line) => `  ${line}`)
  const more = conflicts.length > MAX_LISTED ? `\n  … and ${conflicts.length - MAX_LISTED} more` : ''
  const message =
    `The manifests contradict each other, so none was written:\n${listed.join('\n')}${more}\n` +
    'Leave out the manifest that is out of date, or run all shards again.'
  return new ImgprocError('OUTPUT_COLLISION', message, { stage: 'plan' })
}
