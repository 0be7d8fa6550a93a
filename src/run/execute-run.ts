import { createTally, type Summary } from '../jobs/summary.js'
import type { Result } from '../jobs/types.js'
import type { SortedResults } from '../manifest/merge-results.js'
import type { Manifest } from '../manifest/types.js'
import { folderOf, relativeLocation } from '../paths/location.js'
import { executeJobs } from './execute-jobs.js'
import { createFailureLimit } from './failure-limit.js'
import { saveFingerprints } from './history.js'
import { openJournals, type Journals } from './journals.js'
import { joinManifests, recordResults, type BeforeWrite, type WrittenManifest } from './manifests.js'
import type { PreparedRun } from './prepare.js'
import { createPruner } from './prune.js'
import { createResultCollector } from '../manifest/result-collector.js'
import { createSnapshotRecorder } from './snapshot/record-snapshot.js'

/** A finished run. */
export interface FinishedRun {
  /** Parses all entries, which takes time. */
  readonly joinManifests: () => Manifest
  readonly summarize: (seconds: number) => Summary
}

/** Executes the jobs of a run and writes the manifests; closes the journals and releases the locks in any case. */
export async function executeRun(
  prepared: PreparedRun,
  onResult: (result: Result) => void,
): Promise<FinishedRun> {
  const journals = openJournals(prepared.store, prepared.folders)
  try {
    return await executeAll(prepared, journals, onResult)
  } finally {
    try {
      await journals.close()
    } finally {
      await removeLeftovers(prepared)
      await prepared.release()
    }
  }
}

/** Removes temp files of a killed run. Its worker processes have ended by now too, so none of the files is in use. */
async function removeLeftovers({ store, folders, followsKill }: PreparedRun): Promise<void> {
  if (!followsKill) return
  for (const { out, manifest } of folders) {
    await store.sweep?.(out)
    if (manifest !== undefined) await store.sweep?.(folderOf(manifest.ref), { shallow: true })
  }
}

async function executeAll(
  { run, store, folders, plan, analyzers }: PreparedRun,
  journals: Journals,
  onResult: (result: Result) => void,
): Promise<FinishedRun> {
  const tally = createTally()
  const { length, ignored, sniffed } = plan
  const failureLimit = createFailureLimit(run, length)
  const recorders = folders.map(createSnapshotRecorder)
  const news = createResultCollector()
  const add = (result: Result, isListed = false) => {
    failureLimit.record(result)
    for (const recorder of recorders) recorder.add(result)
    if (!isListed) news.add(result)
    journals.add(result, isListed, () => {
      tally.add(result)
      onResult(result)
    })
  }
  for (const { checked } of folders)
    for (const { result, isKnown } of checked) if (result !== undefined) add(result, isKnown)
  await journals.reserve()
  for await (const result of executeJobs(folders, store, analyzers, run, failureLimit.signal)) add(result)
  await journals.flushed()
  const { pruned, beforeWrite } = createPruner(store, folders, run)
  // A run that was stopped does not know all outputs.
  const isWhole = run.signal?.aborted !== true && !failureLimit.signal.aborted
  const manifests = await writeManifests(
    store,
    folders,
    news,
    journals,
    run.prune && isWhole ? beforeWrite : undefined,
  )
  if (isWhole) for (const recorder of recorders) await recorder.save(store, plan)
  const [file] = folders.flatMap(({ manifest }) => manifest?.ref ?? [])
  const summarize = (seconds: number): Summary => ({
    ...tally.total(),
    seconds,
    ignored: Object.fromEntries(ignored),
    ...(sniffed > 0 && { sniffed }),
    ...(run.prune && { pruned: pruned.count }),
    ...failureLimit.summary(length - tally.total().sources.total),
    ...withWarnings([...tally.warnings(), ...pruned.warnings]),
    ...(file !== undefined && { manifest: relativeLocation(file, run.cwd) }),
  })
  return { joinManifests: () => joinManifests(manifests), summarize }
}

function withWarnings(warnings: readonly string[]): Pick<Summary, 'warnings'> {
  return warnings.length > 0 ? { warnings } : {}
}

/** Applies results that the manifests do not list, and removes the journals that kept them until then. */
async function writeManifests(
  store: PreparedRun['store'],
  folders: PreparedRun['folders'],
  results: SortedResults,
  journals: Journals,
  beforeWrite: BeforeWrite | undefined,
): Promise<WrittenManifest[]> {
  const manifests = await recordResults(store, folders, results, beforeWrite)
  for (const folder of folders) {
    const { out, history, manifest } = folder
    const written = manifests.find(({ ref }) => ref !== undefined && ref === manifest?.ref)
    await saveFingerprints(store, folder, history, ownResults(results, out), written?.hash)
    await journals.remove(out)
  }
  return manifests
}

function* ownResults(results: SortedResults, out: string): Generator<Result> {
  for (const { result } of results) if (result.job.out === out) yield result
}
