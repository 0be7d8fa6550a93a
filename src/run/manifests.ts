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
import type { FolderState, OutputFolder } from './types.js'

/** Merges the results that a killed run left in the journal into a folder's manifest. */
export function recover(
  folder: Omit<FolderState, 'recovered' | 'journal'>,
  journal: RecoveredResults,
): FolderState {
  const { manifest: file } = folder
  const { results: recovered, refs } = journal
  if (file === undefined || recovered.length === 0) return { ...folder, recovered, journal: refs }
  const moved = recovered.map((result) => moveOutputs(result, file.ref))
  const manifest = merge(file.manifest, moved)
  return { ...folder, manifest: { ...file, manifest }, recovered, journal: refs }
}

/** Returns a function that is true for the files that a manifest lists as outputs. */
export function listsOutput(file: ManifestFile | undefined): (ref: string) => boolean {
  if (file?.manifest === undefined) return () => false
  const { ref, manifest } = file
  const folder = folderOf(ref)
  const hasOthers = manifest.changes.size > 0 || listsOutside(manifest)
  let outputs: Set<string> | undefined
  return (source) => {
    // Most manifests list outputs below them only, and no source lies there: then the outputs need not be collected.
    if (!hasOthers && !source.startsWith(`${folder}/`)) return false
    const list = () =>
      [...manifest].flatMap((entry) => entry.outputs.map(({ path }) => resolveLocation(path, folder)))
    return (outputs ??= new Set(list())).has(source)
  }
}

/** True if a manifest may list an output outside its folder. Looks at the bytes, since parsing all entries takes longer. */
function listsOutside({ lines }: LazyManifest): boolean {
  if (lines === undefined) return true
  const { bytes } = lines
  const [outside, source] = ['"path":"../', '"source":{']
  for (let at = bytes.indexOf(outside); at >= 0; at = bytes.indexOf(outside, at + outside.length)) {
    // Our own manifests write a source's path right after the key. In any other order, the path counts as an output's.
    if (bytes.toString('latin1', at - source.length, at) !== source) return true
  }
  return false
}

/** Returns true if a manifest lists the result of a job already, so that it changes nothing. */
export function isListed(folders: readonly Pick<OutputFolder, 'known'>[], job: Job): boolean {
  return folders.some(({ known }) => known.has(job))
}

/** A manifest that a run wrote, or would have written, and its location. */
export interface WrittenManifest {
  readonly manifest: LazyManifest
  /** Undefined if none is kept. */
  readonly ref: string | undefined
  /** Hash of the file's bytes. */
  readonly hash: string | undefined
}

/** Changes a manifest right before it is written. */
export type BeforeWrite = (file: ManifestFile, manifest: LazyManifest) => Promise<LazyManifest>

/** Applies results to the manifests of their output folders. Several folders may share one. */
export async function recordResults(
  store: Store,
  folders: readonly FolderState[],
  results: readonly Result[],
  beforeWrite: BeforeWrite = async (_, same) => same,
): Promise<WrittenManifest[]> {
  const files = new Map(folders.map(({ manifest }) => [manifest?.ref, manifest]))
  const refs = new Map(folders.map(({ out, manifest }) => [out, manifest?.ref]))
  const merged: WrittenManifest[] = []
  for (const [ref, file] of files) {
    const own = results.filter(({ job }) => refs.get(job.out) === ref)
    const result = merge(file?.manifest, ref === undefined ? own : own.map((one) => moveOutputs(one, ref)))
    const manifest = file === undefined ? result : await beforeWrite(file, result)
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

/** Keeps the versions of the last run while any output of theirs is left, since `--refresh` compares with them. */
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

/** Joins the results of a source that goes to several folders, since a manifest has one entry a source. */
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

/** Makes output paths relative to the manifest. */
function moveOutputs(result: Result, manifest: string): Result {
  if (isPipe(result.job.out)) return result
  const prefix = relativeLocation(result.job.out, folderOf(manifest))
  if (prefix === '') return result
  return {
    ...result,
    outputs: result.outputs.map((output) => ({ ...output, path: `${prefix}/${output.path}` })),
  }
}

/** Joins all manifests of a run into one. */
export function joinManifests(manifests: readonly WrittenManifest[]): Manifest {
  const [first = { version: 1, tool: versions(), entries: [] }, ...others] = manifests.map(({ manifest }) =>
    toManifest(manifest),
  )
  return { ...first, entries: [...first.entries, ...others.flatMap(({ entries }) => entries)] }
}
