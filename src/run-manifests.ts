import { isDeepStrictEqual } from 'node:util'
import { mergeEntries } from './core/manifest.js'
import { readJournal } from './core/journal.js'
import { writeManifestFile, type ManifestFile } from './core/manifest-file.js'
import type { Manifest, ManifestEntry, ManifestTool } from './core/manifest-types.js'
import { folderOf, isPipe, isRemote, toPlace, wayTo } from './core/refs.js'
import type { Result, Store } from './core/types.js'
import { versions } from './version.js'

/** An output folder and the manifest that tells of it, unless none is wanted. */
export interface Recorded {
  readonly out: string
  readonly manifest: ManifestFile | undefined
  /** Results of a run that was killed before it could write them into the manifest; they are in `manifest` here. */
  readonly left: readonly Result[]
}

/** A folder and its manifest, with what a killed run has left in the journal. */
export async function recover(store: Store, out: string, file: ManifestFile | undefined): Promise<Recorded> {
  if (file === undefined || isRemote(out)) return { out, manifest: file, left: [] }
  const left = await readJournal(store, out)
  if (left.length === 0) return { out, manifest: file, left }
  const moved = left.map((result) => moveOutputs(result, file.ref))
  return { out, manifest: { ...file, manifest: merge(file.manifest, moved) }, left }
}

/** Files that a manifest lists as outputs. */
export function outputsOf(file: ManifestFile | undefined): string[] {
  if (file?.manifest === undefined) return []
  const folder = folderOf(file.ref)
  return file.manifest.entries.flatMap(({ outputs }) => outputs.map(({ path }) => toPlace(path, folder)))
}

/** Folds results into the manifests of their output folders; several folders may share one. */
export async function recordResults(
  store: Store,
  folders: readonly Recorded[],
  results: readonly Result[],
): Promise<Manifest[]> {
  const files = new Map(folders.map(({ manifest }) => [manifest?.ref, manifest]))
  const refs = new Map(folders.map(({ out, manifest }) => [out, manifest?.ref]))
  const merged: Manifest[] = []
  for (const [ref, file] of files) {
    const own = results.filter(({ job }) => refs.get(job.out) === ref)
    const manifest = merge(file?.manifest, ref === undefined ? own : own.map((one) => moveOutputs(one, ref)))
    if (file !== undefined) await writeManifestFile(store, file, manifest)
    merged.push(manifest)
  }
  return merged
}

function merge(before: Manifest | undefined, results: readonly Result[]): Manifest {
  const entries = mergeEntries(before?.entries ?? [], joinResults(results))
  return {
    $schema: 'https://unpkg.com/imgproc/dist/manifest.schema.json',
    ...before,
    version: 1,
    tool: toolOf(before, entries, results),
    entries,
  }
}

/** As long as anything is left of what other versions made they stay: `--refresh` knows by them what to make. */
function toolOf(
  before: Manifest | undefined,
  entries: readonly ManifestEntry[],
  results: readonly Result[],
): ManifestTool {
  if (before === undefined || isDeepStrictEqual(before.tool, versions())) return versions()
  const made = new Set<string>()
  for (const { job, outputs } of results)
    for (const { action, path } of outputs) if (action === 'written') made.add(`${job.id} ${path}`)
  const isAllMade = entries.every(({ id, outputs }) =>
    outputs.every(({ status, path }) => status === 'failed' || made.has(`${id} ${path}`)),
  )
  return isAllMade ? versions() : before.tool
}

/** A source that goes to several folders has a result for each; in one manifest it has one entry. */
function joinResults(results: readonly Result[]): Iterable<Result> {
  const joined = new Map<string, Result>()
  for (const result of results) {
    const { id } = result.job
    const other = joined.get(id)
    const renditions = [...(other?.job.renditions ?? []), ...result.job.renditions]
    const settled = [...(other?.job.settled ?? []), ...(result.job.settled ?? [])]
    const outputs = [...(other?.outputs ?? []), ...result.outputs]
    const analysis = { ...other?.analysis, ...result.analysis }
    const found = Object.keys(analysis).length > 0 && { analysis }
    joined.set(id, { ...other, ...result, job: { ...result.job, renditions, settled }, outputs, ...found })
  }
  return joined.values()
}

/** Output paths in a manifest are relative to it, wherever it lies. */
function moveOutputs(result: Result, manifest: string): Result {
  if (isPipe(result.job.out)) return result
  const prefix = wayTo(result.job.out, folderOf(manifest))
  if (prefix === '') return result
  return {
    ...result,
    outputs: result.outputs.map((output) => ({ ...output, path: `${prefix}/${output.path}` })),
  }
}

/** What all manifests of a run say, as one. */
export function joinManifests(manifests: readonly Manifest[]): Manifest {
  const [first = { version: 1, tool: versions(), entries: [] }, ...others] = manifests
  return { ...first, entries: [...first.entries, ...others.flatMap(({ entries }) => entries)] }
}
