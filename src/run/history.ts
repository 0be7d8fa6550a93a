import { modelsInUse } from '../analyzers/vision/models-in-use.js'
import type { ManifestEntry, ManifestTool } from '../manifest/types.js'
import { collectChecks, uncheckedJobs, type CheckedJobs } from '../state/checked-jobs.js'
import type { RunHistory } from '../state/run-history.js'
import { checkUpToDate, toFingerprint } from '../state/up-to-date.js'
import { folderOf, isPipe, isRemote, resolveLocation, relativeLocation } from '../paths/location.js'
import { changeFingerprints, type FingerprintChange } from '../state/fingerprints.js'
import { writeSourceIndex } from '../state/source-index.js'
import { statAll } from '../stores/stat-all.js'
import type { Result } from '../jobs/types.js'
import type { JobList } from '../plan/types.js'
import type { Store } from '../stores/types.js'
import type { FolderState, ResolvedRun } from './types.js'
import { versions } from '../manifest/tool-versions.js'

/** Opens what earlier runs left in an output folder. Returns undefined if no manifest is kept. */
export function openHistory(
  store: Store,
  { out, manifest: file, recovered, sourceIndex }: FolderState,
  { force, refresh, analyzers }: Pick<ResolvedRun, 'force' | 'refresh' | 'analyzers'>,
): RunHistory | undefined {
  // Outputs to stdout are gone.
  if (file === undefined || isPipe(out)) return undefined
  const { manifest, ref } = file
  const folder = folderOf(ref)
  const entryOf = (id: string) => {
    const entry = manifest?.get(id)
    return entry && limitTo(entry, folder, out)
  }
  return {
    entryOf,
    fingerprints: changeFingerprints(sourceIndex.sources, toFingerprints(recovered)),
    sizesOf: isRemote(out) ? sizesByList(store, out) : sizesByStat(store, out),
    read: (job) => store.read(job.source.ref, { maxBytes: job.limits.bytes }),
    force,
    models: modelsInUse(analyzers),
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

/** Checks which renditions of each job are up to date, and says why the others are not. */
export async function checkAllUpToDate(jobs: JobList, history: RunHistory | undefined): Promise<CheckedJobs> {
  return history === undefined ? uncheckedJobs(jobs) : collectChecks(checkUpToDate(jobs, history))
}

/**
 * Writes the fingerprints of sources that have results into the source index.
 *
 * @param manifest hash of the manifest's file as it is now.
 */
export async function saveFingerprints(
  store: Store,
  { state, sourceIndex: before }: FolderState,
  history: RunHistory | undefined,
  results: Iterable<Result>,
  manifest: string | undefined,
): Promise<void> {
  if (history === undefined) return
  const sources = changeFingerprints(history.fingerprints, toFingerprints(results))
  if (sources === history.fingerprints && manifest === before.manifest) return
  await writeSourceIndex(store, state, { sources, manifest })
}

/** Yields the fingerprints of sources that have results. A source whose failure may pass has none. */
function* toFingerprints(results: Iterable<Result>): Generator<FingerprintChange> {
  for (const result of results)
    yield [result.job.id, result.error?.retryable === true ? undefined : toFingerprint(result, tool)]
}

/** Returns an entry with only the outputs below the output folder, and their paths relative to it. */
function limitTo(entry: ManifestEntry, folder: string, out: string): ManifestEntry {
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

/** Lists the folder once, which costs less than a request for each output. */
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
