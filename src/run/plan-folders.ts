import { modelsInUse } from '../analyzers/vision/models-in-use.js'
import { listBatches, type ListedBatch } from '../plan/list-batches.js'
import { planJobs } from '../plan/plan-jobs.js'
import { concatJobs, toPlan } from '../plan/job-list.js'
import type { JobList, Plan } from '../plan/types.js'
import { checkOverwrites } from '../plan/output-collisions.js'
import type { Store } from '../stores/types.js'
import { readManifestFile } from '../manifest/manifest-file.js'
import { isRemote, resolveLocation } from '../paths/location.js'
import { listsOutput } from './manifests.js'
import type { FolderState, OutputFolder, ResolvedRun } from './types.js'
import { openHistory, checkAllUpToDate } from './history.js'
import { openFolder } from './open-folder.js'
import { identify } from './snapshot/identify-run.js'

interface PlanFoldersOptions {
  readonly listed?: readonly ListedBatch[] | undefined
  readonly takesSnapshot?: boolean
}

/**
 * Plans the jobs of all output folders, before any image is decoded.
 *
 * @param options.listed the files of all batches, if there is only one output folder and they are listed already.
 * @param options.takesSnapshot identifies the plan for a snapshot.
 */
export async function planFolders(
  store: Store,
  run: ResolvedRun,
  { listed, takesSnapshot = false }: PlanFoldersOptions = {},
): Promise<OutputFolder[]> {
  const opened: FolderState[] = []
  for (const out of new Set(run.batches.map((batch) => batch.out)))
    opened.push(await openFolder(store, out, run))
  const areOutputs = opened.map(({ manifest }) => listsOutput(manifest))
  const otherOuts = opened.map(({ out }) => out)
  const isOutput = (ref: string) => areOutputs.some((isListed) => isListed(ref))
  const listOutputsIn = createOutputLister(store, run)
  const folders: OutputFolder[] = []
  for (const folder of opened) {
    const { out } = folder
    const batches = run.batches.filter((batch) => batch.out === out)
    const models = modelsInUse(run.analyzers)
    const request = { ...run, models, out, batches, otherOuts, isOutput, listOutputsIn }
    const found = listed ?? (await listBatches(store, request))
    // Before the plan: a file that an operation uses and that changes now makes the snapshot false, not the outputs.
    const seen = takesSnapshot ? await identify(store, run, out, found) : undefined
    const plan = await planJobs(store, request, found)
    const { ignored, sniffed } = plan
    folders.push({ ...(await leaveOutUpToDate(store, folder, plan, run)), ignored, sniffed, seen })
  }
  // An output of one folder may be an input of another's jobs.
  if (folders.length > 1) checkOverwrites(allJobs(folders))
  return folders
}

/** Returns a function that reads the manifest in a folder on the disk, if there is one. Over a network that takes too long. */
function createOutputLister(store: Store, { root, batches }: ResolvedRun) {
  // Those of the run's own output folders are known already.
  const outs = new Set(batches.map(({ out }) => out))
  return async (folder: string): Promise<ReadonlyMap<string, string>> => {
    const outputs = new Map<string, string>()
    if (isRemote(folder) || outs.has(folder)) return outputs
    const file = await readManifestFile(store, `${folder}/manifest.json`).catch(
      // A file of this name may belong to another program.
      () => undefined,
    )
    for (const entry of file?.manifest ?? [])
      for (const { path } of entry.outputs)
        outputs.set(resolveLocation(path, folder), resolveLocation(entry.source.path, root))
    return outputs
  }
}

/** Reduces the jobs of a folder to the renditions that have to be made. */
async function leaveOutUpToDate(
  store: Store,
  folder: FolderState,
  jobs: JobList,
  run: ResolvedRun,
): Promise<Omit<OutputFolder, 'ignored' | 'sniffed' | 'seen'>> {
  const history = openHistory(store, folder, run)
  return { ...folder, checked: await checkAllUpToDate(jobs, history), history }
}

/** Returns the jobs of all folders. */
export function allJobs(folders: readonly OutputFolder[]): JobList {
  return concatJobs(folders.map(({ checked }) => checked.jobs))
}

/** Joins the plans of all folders into one. */
export function joinPlans(folders: readonly OutputFolder[]): Plan {
  const ignored = new Map<string, number>()
  for (const [kind, count] of folders.flatMap((folder) => [...folder.ignored]))
    ignored.set(kind, (ignored.get(kind) ?? 0) + count)
  const sniffed = folders.reduce((sum, folder) => sum + folder.sniffed, 0)
  return toPlan(allJobs(folders), { ignored, sniffed })
}
