import { isDeepStrictEqual } from 'node:util'
import { ImgprocError } from '../errors.js'
import { sortEntries, sortOutputs } from './sort.js'
import type { Manifest, ManifestEntry, ManifestOutput, ManifestSource, ManifestTool } from './types.js'
import { statusOf } from '../jobs/job-status.js'
import { keyOf } from '../paths/location.js'

/** How many conflicts an error lists. */
const LISTED = 10

/**
 * Several manifests as one, whatever their order. A source of several has the presets of all.
 *
 * @throws ImgprocError OUTPUT_COLLISION where they contradict one another: one of them is out of date then.
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
  conflicts.push(...findRivals(entries))
  if (conflicts.length > 0) throw createConflictError(conflicts)
  return entries
}

/** The oldest: what is left of it, `--refresh` makes again. */
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

/** What two entries of one source say differently. */
function findConflicts(a: ManifestEntry, b: ManifestEntry): string[] {
  const isOther = (key: keyof ManifestSource) =>
    a.source[key] !== undefined && b.source[key] !== undefined && a.source[key] !== b.source[key]
  if (isOther('bytes') || isOther('hash')) return [`${a.source.path}: the source has changed in between`]
  const presets = new Set(a.outputs.map(({ preset }) => preset))
  const both = new Set(b.outputs.map(({ preset }) => preset).filter((preset) => presets.has(preset)))
  return [...both]
    .filter((preset) => !isDeepStrictEqual(ofPreset(a, preset), ofPreset(b, preset)))
    .map((preset) => `${a.source.path} (${preset}): its outputs differ`)
}

function ofPreset({ outputs }: ManifestEntry, preset: string): ManifestOutput[] {
  return outputs.filter((output) => output.preset === preset)
}

/** Paths that two sources list: the file is of whoever came last, and nobody knows who that was. */
function findRivals(entries: readonly ManifestEntry[]): string[] {
  const owners = new Map<string, ManifestEntry>()
  const rivals: string[] = []
  for (const entry of entries) {
    for (const { status, path } of entry.outputs) {
      if (status !== 'ready') continue
      const key = keyOf(path)
      const owner = owners.get(key)
      if (owner === undefined) owners.set(key, entry)
      else if (owner !== entry)
        rivals.push(`${path}: made of ${owner.source.path} and of ${entry.source.path}`)
    }
  }
  return rivals
}

function createConflictError(conflicts: readonly string[]): ImgprocError {
  const listed = conflicts.slice(0, LISTED).map((line) => `  ${line}`)
  const more = conflicts.length > LISTED ? `\n  … and ${conflicts.length - LISTED} more` : ''
  const message =
    `The manifests contradict one another, so none was written:\n${listed.join('\n')}${more}\n` +
    'Leave out the one that is out of date, or run all shards again.'
  return new ImgprocError('OUTPUT_COLLISION', message, { stage: 'plan' })
}
