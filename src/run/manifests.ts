import { isDeepStrictEqual } from 'node:util'
import { applyResults } from '../manifest/apply-results.js'
import type { RecoveredResults } from '../state/journal.js'
import { writeManifestFile, type ManifestFile } from '../manifest/manifest-file.js'
import type { Manifest, ManifestHead, ManifestTool } from '../manifest/types.js'
import { folderOf, isPipe, resolveLocation, relativeLocation } from '../paths/location.js'
import { withChanges, createLazyManifest, toManifest, type LazyManifest } from '../manifest/lazy-manifest.js'
import type { Job, Result } from '../jobs/types.js'
import type { Store } from '../stores/types.js'
import { versions } from '../manifest/tool-versions.js'
import type { FolderState } from './types.js'

/** A folder and its manifest, with what a killed run has left in the journal. */
export function recover(
  place: Omit<FolderState, 'left' | 'journal'>,
  journal: RecoveredResults,
): FolderState {
  const { manifest: file } = place
  const { results: left, refs } = journal
  if (file === undefined || left.length === 0) return { ...place, left, journal: refs }
  const moved = left.map((result) => moveOutputs(result, file.ref))
  return { ...place, manifest: { ...file, manifest: merge(file.manifest, moved) }, left, journal: refs }
}

/** Whether a manifest lists a file as an output. */
export function listsOutput(file: ManifestFile | undefined): (ref: string) => boolean {
  if (file?.manifest === undefined) return () => false
  const { ref, manifest } = file
  const folder = folderOf(ref)
  const hasOthers = manifest.changes.size > 0 || listsOutside(manifest)
  let outputs: Set<string> | undefined
  return (source) => {
    // As a rule all outputs are below the manifest, and no source is: then nobody has to know them.
    if (!hasOthers && !source.startsWith(`${folder}/`)) return false
    const list = () =>
      [...manifest].flatMap((entry) => entry.outputs.map(({ path }) => resolveLocation(path, folder)))
    return (outputs ??= new Set(list())).has(source)
  }
}

/** Whether a manifest as it was read may list an output outside its folder. */
function listsOutside({ lines }: LazyManifest): boolean {
  if (lines === undefined) return true
  const { bytes } = lines
  const [outside, source] = ['"path":"../', '"source":{']
  for (let at = bytes.indexOf(outside); at >= 0; at = bytes.indexOf(outside, at + outside.length)) {
    // As we write it; of one that somebody has written in another order all are looked at.
    if (bytes.toString('latin1', at - source.length, at) !== source) return true
  }
  return false
}

/** A manifest that a run has written or would have written, and where it lies. */
export interface WrittenManifest {
  readonly manifest: LazyManifest
  /** Undefined where none is kept. */
  readonly ref: string | undefined
  /** Of the file's bytes. */
  readonly hash: string | undefined
}

/** Has the last word on what a manifest's file is to say. */
export type BeforeWrite = (file: ManifestFile, manifest: LazyManifest) => Promise<LazyManifest>

/**
 * Folds results into the manifests of their output folders; several folders may share one.
 *
 * @param isKnown whether the manifest says already what became of a job.
 */
export async function recordResults(
  store: Store,
  folders: readonly FolderState[],
  results: readonly Result[],
  isKnown: (job: Job) => boolean,
  tidy: BeforeWrite = async (_, same) => same,
): Promise<WrittenManifest[]> {
  const files = new Map(folders.map(({ manifest }) => [manifest?.ref, manifest]))
  const refs = new Map(folders.map(({ out, manifest }) => [out, manifest?.ref]))
  const news = results.filter(({ job }) => !isKnown(job))
  const merged: WrittenManifest[] = []
  for (const [ref, file] of files) {
    const own = news.filter(({ job }) => refs.get(job.out) === ref)
    const result = merge(file?.manifest, ref === undefined ? own : own.map((one) => moveOutputs(one, ref)))
    const manifest = file === undefined ? result : await tidy(file, result)
    const hash = file === undefined ? undefined : await writeManifestFile(store, file, manifest)
    merged.push({ manifest, ref, hash })
  }
  return merged
}

function merge(before: LazyManifest | undefined, results: readonly Result[]): LazyManifest {
  if (before !== undefined && results.length === 0) return before
  const old = before ?? createLazyManifest(newHead(), undefined)
  const merged = withChanges(old, applyResults(old, joinResults(results)))
  const tool = before === undefined ? versions() : toolOf(before.head.tool, merged, results)
  return tool === old.head.tool ? merged : withChanges(merged, new Map(), { ...old.head, tool })
}

function newHead(): ManifestHead {
  return {
    $schema: 'https://unpkg.com/imgproc/dist/manifest.schema.json',
    version: 1,
    tool: versions(),
  }
}

/** As long as anything is left of what other versions made they stay: `--refresh` knows by them what to make. */
function toolOf(before: ManifestTool, merged: LazyManifest, results: readonly Result[]): ManifestTool {
  if (isDeepStrictEqual(before, versions())) return before
  const made = new Set<string>()
  for (const { job, outputs } of results)
    for (const { action, path } of outputs) if (action === 'written') made.add(`${job.id} ${path}`)
  for (const { id, outputs } of merged) {
    if (outputs.some(({ status, path }) => status === 'ready' && !made.has(`${id} ${path}`))) return before
  }
  return versions()
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
  const prefix = relativeLocation(result.job.out, folderOf(manifest))
  if (prefix === '') return result
  return {
    ...result,
    outputs: result.outputs.map((output) => ({ ...output, path: `${prefix}/${output.path}` })),
  }
}

/** What all manifests of a run say, as one. */
export function joinManifests(manifests: readonly WrittenManifest[]): Manifest {
  const [first = { version: 1, tool: versions(), entries: [] }, ...others] = manifests.map(({ manifest }) =>
    toManifest(manifest),
  )
  return { ...first, entries: [...first.entries, ...others.flatMap(({ entries }) => entries)] }
}
