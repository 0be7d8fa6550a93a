import { mergeEntries } from './core/manifest.js'
import { writeManifestFile, type ManifestFile } from './core/manifest-file.js'
import type { Manifest } from './core/manifest-types.js'
import { folderOf, isPipe, toPlace, wayTo } from './core/refs.js'
import type { Result, Store } from './core/types.js'
import { versions } from './version.js'

/** An output folder and the manifest that tells of it, unless none is wanted. */
export interface Recorded {
  readonly out: string
  readonly manifest: ManifestFile | undefined
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
  return {
    $schema: 'https://unpkg.com/imgproc/dist/manifest.schema.json',
    ...before,
    version: 1,
    tool: versions(),
    entries: mergeEntries(before?.entries ?? [], joinResults(results)),
  }
}

/** A source that goes to several folders has a result for each; in one manifest it has one entry. */
function joinResults(results: readonly Result[]): Iterable<Result> {
  const joined = new Map<string, Result>()
  for (const result of results) {
    const { id } = result.job
    const other = joined.get(id)
    const renditions = [...(other?.job.renditions ?? []), ...result.job.renditions]
    const outputs = [...(other?.outputs ?? []), ...result.outputs]
    const analysis = { ...other?.analysis, ...result.analysis }
    const found = Object.keys(analysis).length > 0 && { analysis }
    joined.set(id, { ...other, ...result, job: { ...result.job, renditions }, outputs, ...found })
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
