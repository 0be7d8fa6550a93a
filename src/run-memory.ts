import pLimit from 'p-limit'
import type { ManifestEntry } from './core/manifest-types.js'
import { recall, remember, type Memory, type Recalled } from './core/recall.js'
import { folderOf, isPipe, isRemote, toPlace, wayTo } from './core/refs.js'
import { writeSeen, type Seen, type SeenSources } from './core/seen.js'
import type { Job, Result, Store } from './core/types.js'
import type { Recorded } from './run-manifests.js'
import type { RunOptions } from './run-options.js'
import { versions } from './version.js'

/** Files that are asked after at once. */
const ASKED_AT_ONCE = 32

/** What earlier runs have left in an output folder; undefined where no manifest is kept. */
export function openMemory(
  store: Store,
  { out, manifest: file, left, seen }: Recorded,
  { force = false, refresh = false }: RunOptions,
): Memory | undefined {
  // What went to stdout is gone.
  if (file === undefined || isPipe(out)) return undefined
  const { manifest, ref } = file
  const folder = folderOf(ref)
  const entryOf = (id: string) => {
    const entry = manifest?.get(id)
    return entry && below(entry, folder, out)
  }
  const { version, sharp, libvips } = versions()
  const tool = `${version} ${sharp} ${libvips}`
  const before = manifest?.head.tool
  const isSameVersion = before?.sharp === sharp && before.libvips === libvips
  return {
    entryOf,
    seen: update(seen.sources, left, tool),
    sizeOf: isRemote(out) ? sizesByList(store, out) : sizesByStat(store, out),
    read: (job) => store.read(job.source.ref, { maxBytes: job.limits.bytes }),
    force,
    outdated: refresh && !isSameVersion,
    tool,
  }
}

/** What is to be made of each job, and why. */
export async function recallAll(jobs: readonly Job[], memory: Memory | undefined): Promise<Recalled[]> {
  if (memory === undefined) return jobs.map((job) => ({ job }))
  const limit = pLimit(ASKED_AT_ONCE)
  return Promise.all(jobs.map((job) => limit(recall, job, memory)))
}

/**
 * Writes down what the sources were like of which there are results.
 *
 * @param manifest the hash of the manifest's file as it is now.
 */
export async function rememberAll(
  store: Store,
  { state, seen: before }: Recorded,
  memory: Memory | undefined,
  results: readonly Result[],
  manifest: string | undefined,
): Promise<void> {
  if (memory === undefined) return
  const sources = update(memory.seen, results, memory.tool)
  if (sources === memory.seen && manifest === before.manifest) return
  await writeSeen(store, state, { sources, manifest })
}

function update(before: SeenSources, results: readonly Result[], tool: string): SeenSources {
  if (results.length === 0) return before
  const seen = new Map<string, Seen>(before)
  for (const result of results) {
    const { id } = result.job
    if (result.error?.retryable === true) seen.delete(id)
    else seen.set(id, remember(result, tool))
  }
  return seen
}

/** An entry whose outputs' paths are below the output folder; those elsewhere are another folder's. */
function below(entry: ManifestEntry, folder: string, out: string): ManifestEntry {
  if (folder === out) return entry
  const outputs = entry.outputs.flatMap((output) => {
    const ref = toPlace(output.path, folder)
    return ref.startsWith(`${out}/`) ? [{ ...output, path: wayTo(ref, out) }] : []
  })
  return { ...entry, outputs }
}

function sizesByStat(store: Store, out: string): Memory['sizeOf'] {
  return async (path) => (await store.stat(`${out}/${path}`))?.size
}

/** One listing costs less than a request for each. */
function sizesByList(store: Store, out: string): Memory['sizeOf'] {
  const list = async () => {
    const sizes = new Map<string, number>()
    for await (const { ref, size } of store.list(`${out}/`)) sizes.set(ref, size)
    return sizes
  }
  let sizes: Promise<Map<string, number>> | undefined
  return async (path) => (await (sizes ??= list())).get(`${out}/${path}`)
}
