import { setTimeout as sleep } from 'node:timers/promises'
import { ImgprocError } from '../errors.js'
import type { Job, OutputResult, Result } from '../jobs/types.js'
import type { ManifestEntry } from '../manifest/types.js'
import { folderOf, resolveLocation } from '../paths/location.js'
import type { ConfigRunOptions } from '../run/config-options.js'
import { planFolders } from '../run/plan-folders.js'
import { resolveRun } from '../run/resolve-options.js'
import { run } from '../run/run.js'
import type { FolderState, OutputFolder } from '../run/types.js'
import type { Store } from '../stores/types.js'
import { joinBatches, type createPlacement } from './place-source.js'
import type { MadePicture, Request } from './types.js'
import { readClock } from '../utils/clock.js'

/** Milliseconds between tries while another run holds the output folder, and how long to try. */
const LOCK_RETRY = 200
const LOCK_PATIENCE = 120_000

/** Everything that making pictures needs to know of a project. */
export interface Workshop {
  readonly store: Store
  readonly options: ConfigRunOptions & { readonly out: string }
  readonly place: ReturnType<typeof createPlacement>
}

/** The state of a request: its outputs, or the job that makes them. */
export type Checked =
  | { readonly made: MadePicture }
  | { readonly job: Job; readonly entry: ManifestEntry | undefined }

/** Checks which requests have up-to-date outputs. Opens no picture and writes nothing. */
export async function checkRequests(
  { store, options, place }: Workshop,
  requests: readonly Request[],
): Promise<Checked[]> {
  const batches = await Promise.all(requests.map(place))
  const folders = await planFolders(store, resolveRun({ ...options, batches: joinBatches(batches) }))
  const byOut = new Map(folders.map((folder) => [folder.out, { folder, jobs: jobsByRef(folder) }]))
  return requests.map((request, at) => {
    const out = resolveLocation(batches[at]?.out ?? options.out, options.root)
    const { folder, jobs } = byOut.get(out)!
    return checkRequest(folder, jobs.get(request.file), request)
  })
}

function jobsByRef({ checked }: OutputFolder): ReadonlyMap<string, Job> {
  const jobs = new Map<string, Job>()
  for (const job of checked.jobs) jobs.set(job.source.ref, job)
  return jobs
}

function checkRequest(folder: OutputFolder, job: Job | undefined, { file, preset }: Request): Checked {
  if (job === undefined) throw createOutputError(file)
  const renditions = job.renditions.filter((rendition) => rendition.preset === preset)
  const settled = job.settled?.filter((output) => output.preset === preset) ?? []
  const entry = entryOf(folder, job, preset)
  const isMade = renditions.length === 0 && job.analyze.length === 0 && settled.every(isThere)
  if (!isMade || entry === undefined || entry.error !== undefined)
    return { job: { ...job, renditions, settled }, entry }
  return { made: { entry, folder: folderOf(folder.manifest!.ref) } }
}

function isThere({ action }: OutputResult): boolean {
  return action === 'unchanged' || action === 'skipped'
}

function entryOf({ manifest }: FolderState, { id }: Job, preset: string): ManifestEntry | undefined {
  const entry = manifest?.manifest?.get(id)
  return entry && limitTo(entry, preset)
}

/** Returns an entry with the outputs of one preset. */
function limitTo(entry: ManifestEntry, preset: string): ManifestEntry {
  return { ...entry, outputs: entry.outputs.filter((output) => output.preset === preset) }
}

/**
 * Makes the outputs of requests in one run. Returns an error for a request whose outputs cannot be made.
 *
 * @throws ImgprocError if nothing can be made.
 */
export async function makeRequests(
  shop: Workshop,
  requests: readonly Request[],
): Promise<(MadePicture | Error)[]> {
  const failures = await runAll(shop, requests)
  const checked = await checkRequests(shop, requests)
  return requests.map((request, at) => {
    const one = checked[at]!
    if ('made' in one) return one.made
    return findFailure(failures, request) ?? createChangedError(request)
  })
}

/** Runs the requests, and returns the results of jobs that failed. Waits while another run holds the output folder. */
async function runAll(
  { options, place }: Workshop,
  requests: readonly Request[],
): Promise<readonly Result[]> {
  const batches = joinBatches(await Promise.all(requests.map(place)))
  const end = readClock() + LOCK_PATIENCE
  for (;;) {
    const failures: Result[] = []
    try {
      for await (const result of run({ ...options, batches }))
        if (result.status !== 'ready' || result.analysisErrors !== undefined) failures.push(result)
      return failures
    } catch (error) {
      const isLocked = error instanceof ImgprocError && error.code === 'OUTPUT_LOCKED'
      if (!isLocked || readClock() > end) throw error
      await sleep(LOCK_RETRY)
    }
  }
}

function findFailure(failures: readonly Result[], { file, preset }: Request): ImgprocError | undefined {
  const result = failures.find(({ job }) => job.source.ref === file)
  const failed = result?.outputs.find((output) => output.action === 'failed' && output.preset === preset)
  const ofOutput = failed?.action === 'failed' ? failed.error : undefined
  const record = result?.error ?? ofOutput ?? result?.analysisErrors?.[0]?.error
  return record && new ImgprocError(record.code, record.message, { stage: record.stage, path: file })
}

function createOutputError(file: string): ImgprocError {
  const message = `${file} is an output of an earlier run. Name its source.`
  return new ImgprocError('INVALID_USAGE', message, { stage: 'plan', path: file })
}

/** Returns the error for outputs that are not there right after they were made. */
function createChangedError({ file, preset }: Request): ImgprocError {
  const message = `The outputs of ${file} with the preset "${preset}" have changed while they were made. Try again.`
  return new ImgprocError('READ_FAILED', message, { stage: 'plan', path: file })
}
