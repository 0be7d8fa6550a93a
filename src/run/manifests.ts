import { isDeepStrictEqual } from 'node:util'
import { applyResults } from '../manifest/apply-results.js'
import type { RecoveredResults } from '../state/journal.js'
import { writeManifestFile, type ManifestFile } from '../manifest/manifest-file.js'
import type { Manifest, ManifestHead, ManifestTool } from '../manifest/types.js'
import { folderOf, isPipe, resolveLocation, relativeLocation } from '../paths/location.js'
import { withChanges, createLazyManifest, toManifest, type LazyManifest } from '../manifest/lazy-manifest.js'
import type { Result } from '../jobs/types.js'
import { joinResults, placeOf, type SortedResults } from '../manifest/merge-results.js'
import { compareEntries } from '../manifest/sort.js'
import { isEmpty } from '../utils/is-empty.js'
import { createResultCollector } from '../manifest/result-collector.js'
import type { Store } from '../stores/types.js'
import { versions } from '../manifest/tool-versions.js'
import type { FolderState } from './types.js'

/** Merges the results that a killed run left in the journal into a folder's manifest. */
export function recover(
  folder: Omit<FolderState, 'recovered' | 'journal'>,
  journal: RecoveredResults,
): FolderState {
  const { manifest: file } = folder
  const { results: recovered, refs } = journal
  if (file === undefined || recovered.length === 0) return { ...folder, recovered, journal: refs }
  const moved = createResultCollector()
  for (const result of recovered) moved.add(moveOutputs(result, file.ref))
  const manifest = mergeInto(file.manifest, moved)
  return { ...folder, manifest: { ...file, manifest, stored: file.manifest }, recovered, journal: refs }
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
  // The parts overlap, since each of them may end within such a text.
  const overlap = outside.length + source.length
  for (let from = 0; from < bytes.length(); from += PART) {
    const part = bytes.read(Math.max(0, from - overlap), Math.min(from + PART, bytes.length()))
    for (let at = part.indexOf(outside); at >= 0; at = part.indexOf(outside, at + outside.length)) {
      // Our own manifests write a source's path right after the key. In any other order, the path counts as an output's.
      const isCutOff = at < source.length && from > 0
      if (!isCutOff && part.toString('latin1', Math.max(0, at - source.length), at) !== source) return true
    }
  }
  return false
}

/** Bytes that are looked at together. */
const PART = 1024 * 1024

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
  results: SortedResults,
  beforeWrite: BeforeWrite = async (_, same) => same,
): Promise<WrittenManifest[]> {
  const files = new Map(folders.map(({ manifest }) => [manifest?.ref, manifest]))
  const refs = new Map(folders.map(({ out, manifest }) => [out, manifest?.ref]))
  const merged: WrittenManifest[] = []
  for (const [ref, file] of files) {
    const own: SortedResults = {
      *[Symbol.iterator]() {
        for (const { result, order } of results)
          if (refs.get(result.job.out) === ref)
            yield { result: ref === undefined ? result : moveOutputs(result, ref), order }
      },
    }
    const result = mergeInto(file?.manifest, own)
    const manifest = file === undefined ? result : await beforeWrite(file, result)
    const hash = file === undefined ? undefined : await writeManifestFile(store, file, manifest)
    merged.push({ manifest, ref, hash })
  }
  return merged
}

function mergeInto(before: LazyManifest | undefined, results: SortedResults): LazyManifest {
  if (before !== undefined && isEmpty(results)) return before
  const old = before ?? createLazyManifest(newHead(), undefined)
  const merged = applyResults(old, results)
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
function toolOf(before: ManifestTool, merged: LazyManifest, results: SortedResults): ManifestTool {
  if (isDeepStrictEqual(before, versions())) return before
  const joined = joinResults(results)
  let next = joined.next()
  // Both are in the order of the sources.
  for (const entry of merged) {
    while (next.done !== true && compareEntries(placeOf(next.value[0]), entry) < 0) next = joined.next()
    const own = next.done !== true && next.value[0].job.id === entry.id ? next.value : []
    const outputs = own.flatMap((result) => result.outputs)
    const made = new Set(outputs.flatMap(({ action, path }) => (action === 'written' ? [path] : [])))
    if (entry.outputs.some(({ status, path }) => status === 'ready' && !made.has(path))) return before
  }
  return versions()
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
