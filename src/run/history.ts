import type { ManifestEntry, ManifestTool } from '../manifest/types.js'
import { checkUpToDate, toFingerprint, type RunHistory, type UpToDateCheck } from '../state/up-to-date.js'
import { folderOf, isPipe, isRemote, resolveLocation, relativeLocation } from '../paths/location.js'
import { writeSourceIndex, type SourceFingerprint, type SourceFingerprints } from '../state/source-index.js'
import { statAll } from '../stores/stat-all.js'
import type { Job, Result } from '../jobs/types.js'
import type { Store } from '../stores/types.js'
import type { FolderState } from './types.js'
import type { RunOptions } from './options.js'
import { versions } from '../manifest/tool-versions.js'

/** What earlier runs have left in an output folder; undefined where no manifest is kept. */
export function openHistory(
  store: Store,
  { out, manifest: file, left, seen }: FolderState,
  { force = false, refresh = false }: RunOptions,
): RunHistory | undefined {
  // What went to stdout is gone.
  if (file === undefined || isPipe(out)) return undefined
  const { manifest, ref } = file
  const folder = folderOf(ref)
  const entryOf = (id: string) => {
    const entry = manifest?.get(id)
    return entry && below(entry, folder, out)
  }
  return {
    entryOf,
    seen: update(seen.sources, left),
    sizesOf: isRemote(out) ? sizesByList(store, out) : sizesByStat(store, out),
    read: (job) => store.read(job.source.ref, { maxBytes: job.limits.bytes }),
    force,
    outdated: refresh && isOutdated(manifest?.head.tool),
    tool,
  }
}

function tool(): string {
  const { version, sharp, libvips } = versions()
  return `${version} ${sharp} ${libvips}`
}

function isOutdated(before: ManifestTool | undefined): boolean {
  const { sharp, libvips } = versions()
  return before?.sharp !== sharp || before.libvips !== libvips
}

/** What is to be made of each job, and why. */
export async function checkAllUpToDate(
  jobs: readonly Job[],
  memory: RunHistory | undefined,
): Promise<UpToDateCheck[]> {
  return memory === undefined ? jobs.map((job) => ({ job })) : checkUpToDate(jobs, memory)
}

/**
 * Writes down what the sources were like of which there are results.
 *
 * @param manifest the hash of the manifest's file as it is now.
 */
export async function saveFingerprints(
  store: Store,
  { state, seen: before }: FolderState,
  memory: RunHistory | undefined,
  results: readonly Result[],
  manifest: string | undefined,
): Promise<void> {
  if (memory === undefined) return
  const sources = update(memory.seen, results)
  if (sources === memory.seen && manifest === before.manifest) return
  await writeSourceIndex(store, state, { sources, manifest })
}

function update(before: SourceFingerprints, results: readonly Result[]): SourceFingerprints {
  if (results.length === 0) return before
  const seen = new Map<string, SourceFingerprint>(before)
  for (const result of results) {
    const { id } = result.job
    if (result.error?.retryable === true) seen.delete(id)
    else seen.set(id, toFingerprint(result, tool))
  }
  return seen
}

/** An entry whose outputs' paths are below the output folder; those elsewhere are another folder's. */
function below(entry: ManifestEntry, folder: string, out: string): ManifestEntry {
  if (folder === out) return entry
  const outputs = entry.outputs.flatMap((output) => {
    const ref = resolveLocation(output.path, folder)
    return ref.startsWith(`${out}/`) ? [{ ...output, path: relativeLocation(ref, out) }] : []
  })
  return { ...entry, outputs }
}

function sizesByStat(store: Store, out: string): RunHistory['sizesOf'] {
  return async (paths) => {
    const sources = await statAll(
      store,
      paths.map((path) => `${out}/${path}`),
    )
    return sources.map((source) => source?.size)
  }
}

/** One listing costs less than a request for each. */
function sizesByList(store: Store, out: string): RunHistory['sizesOf'] {
  const list = async () => {
    const sizes = new Map<string, number>()
    for await (const { ref, size } of store.list(`${out}/`)) sizes.set(ref, size)
    return sizes
  }
  let sizes: Promise<Map<string, number>> | undefined
  return async (paths) => {
    if (paths.length === 0) return []
    const known = await (sizes ??= list())
    return paths.map((path) => known.get(`${out}/${path}`))
  }
}
