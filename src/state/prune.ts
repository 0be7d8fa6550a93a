import pLimit from 'p-limit'
import { ImgprocError } from '../errors.js'
import type { ManifestEntry, ManifestOutput, ReadyOutput } from '../manifest/types.js'
import { statusOf } from '../jobs/job-status.js'
import { folderOf, isPipe, keyOf, resolveLocation } from '../paths/location.js'
import { withChanges, createLazyManifest, type LazyManifest } from '../manifest/lazy-manifest.js'
import type { Store } from '../stores/types.js'
import { isHttpUrl } from '../paths/url.js'

/** Files that are looked up or removed at once. */
const CONCURRENCY = 32

/** Names of stdin and data URLs in a manifest: these cannot be looked up. */
const NO_FILE = /^(?:stdin|data\/[0-9a-f]{12}(?:\.[a-z]+)?)$/

/** A manifest, and the facts that decide which of its outputs may be removed. */
export interface PruneRequest {
  /** The manifest in its file; undefined if there is none. */
  readonly before: LazyManifest | undefined
  /** The manifest in its file, if `before` has more. @default before */
  readonly stored?: LazyManifest | undefined
  /** The manifest that will be written. */
  readonly manifest: LazyManifest
  /** The manifest's folder. */
  readonly folder: string
  /** Output folders of the run. Files elsewhere are kept. */
  readonly outs: readonly string[]
  /** The folder that source paths are relative to. */
  readonly root: string
  /** Sources that this run found, by their ids. */
  readonly found: ReadonlyMap<string, string>
  /** Returns true if a preset of that name exists; undefined if the presets are not known. */
  readonly isPreset?: ((name: string) => boolean) | undefined
  /** Outputs that a planned run would supersede. @default none */
  readonly expected?: readonly Candidate[] | undefined
  /** Keys of files that other manifests list. */
  readonly taken: ReadonlySet<string>
}

/** An output that may have to go. */
export interface Candidate {
  /** The source's id. */
  readonly id: string
  /** The source's path. */
  readonly source: string
  readonly output: ManifestOutput
}

/** An output to remove, and why. */
export interface Removal extends Candidate {
  readonly reason: 'source gone' | 'preset gone' | 'superseded'
  readonly ref: string
}

/** The outputs to remove, and the sources that are gone. */
interface Removals {
  readonly removals: readonly Removal[]
  /** Ids of the sources that are gone. */
  readonly gone: ReadonlySet<string>
  readonly warnings: readonly string[]
}

/** Finds the outputs to remove: only files that this manifest lists, that no other one lists, and that are no source. */
export async function findRemovals(store: Store, request: PruneRequest): Promise<Removals> {
  const { manifest, isPreset, expected = [], folder } = request
  const { gone, warnings } = await findGoneSources(store, request)
  const candidates: Removal[] = []
  const superseded = new Set(expected.map(({ id, output }) => `${id} ${outputKey(output)}`))
  const kept = new Set(request.taken)
  const toRemoval = (candidate: Candidate, reason: Removal['reason']): Removal => {
    return { ...candidate, reason, ref: resolveLocation(candidate.output.path, folder) }
  }
  for (const ref of request.found.values()) kept.add(keyOf(ref))
  for (const { id, source, outputs } of manifest) {
    for (const output of outputs) {
      const candidate = { id, source: source.path, output }
      if (gone.has(id)) candidates.push(toRemoval(candidate, 'source gone'))
      else if (isPreset?.(output.preset) === false) candidates.push(toRemoval(candidate, 'preset gone'))
      else if (superseded.has(`${id} ${outputKey(output)}`))
        candidates.push(toRemoval(candidate, 'superseded'))
      else if (output.status === 'ready') kept.add(keyOf(resolveLocation(output.path, folder)))
    }
    const ref = gone.has(id) ? undefined : sourceRef(source.path, request.root)
    if (ref !== undefined) kept.add(keyOf(ref))
  }
  for (const each of findUnlisted(request)) {
    if (gone.has(each.id)) candidates.push(toRemoval(each, 'source gone'))
    else if (!hasFailed(manifest.get(each.id))) candidates.push(toRemoval(each, 'superseded'))
  }
  const isOurs = (ref: string) => request.outs.some((out) => ref.startsWith(`${out}/`))
  const removals = candidates.filter(({ ref, output }) => {
    return output.status === 'failed' || (isOurs(ref) && !kept.has(keyOf(ref)))
  })
  return { removals, gone, warnings }
}

/** Asks the stores which sources no longer exist. */
async function findGoneSources(
  store: Store,
  { before, manifest, found, root }: PruneRequest,
): Promise<Pick<Removals, 'gone' | 'warnings'>> {
  const warnings: string[] = []
  const limit = pLimit(CONCURRENCY)
  const exists = async ({ id, source: { path } }: ManifestEntry): Promise<boolean> => {
    const ref = sourceRef(path, root)
    if (found.has(id) || ref === undefined) return true
    try {
      return (await store.stat(ref)) !== undefined
    } catch (error) {
      if (!(error instanceof ImgprocError)) throw error
      warnings.push(`The outputs of ${path} are kept: cannot check if it still exists. ${error.message}`)
      return true
    }
  }
  const checked = await limit.map(manifest, async (entry) => ({ ...entry, exists: await exists(entry) }))
  const missing = checked.filter((entry) => !entry.exists)
  const isAnyLeft = () => checked.some((entry) => entry.exists && before?.get(entry.id) !== undefined)
  if (missing.length === 0 || isAnyLeft() || hasFoundNeighbour(missing, found, root))
    return { gone: new Set(missing.map(({ id }) => id)), warnings }
  const message =
    'Nothing is removed: none of the sources in the manifest exists. Is a disk not mounted, or was the manifest made from another folder?'
  return { gone: new Set<string>(), warnings: [...warnings, message] }
}

/** Returns true if a source was found in the folder of a missing one. This proves that the folder is the right one. */
function hasFoundNeighbour(
  missing: readonly ManifestEntry[],
  found: PruneRequest['found'],
  root: string,
): boolean {
  const folders = new Set([...found.values()].map(folderOf))
  return missing.some(({ source }) => folders.has(folderOf(resolveLocation(source.path, root))))
}

/**
 * Resolves a source's path. Returns undefined if the source must not count as gone: it is no file, or on a web server,
 * whose 404 may be temporary.
 */
function sourceRef(path: string, root: string): string | undefined {
  return isHttpUrl(path) || isPipe(path) || NO_FILE.test(path) ? undefined : resolveLocation(path, root)
}

/** The result of a removal. */
interface RemovedOutputs {
  /** Files that were removed. */
  readonly count: number
  /** The manifest without the removed outputs. */
  readonly manifest: LazyManifest
  /** Files that were kept, and why. */
  readonly warnings: readonly string[]
}

/** Removes outputs. Keeps a file whose size differs from the manifest's: somebody else has changed it. */
export async function removeOutputs(
  store: Store,
  manifest: LazyManifest,
  { removals, gone }: Removals,
): Promise<RemovedOutputs> {
  const warnings: string[] = []
  const dropped = new Map([...gone].map((id) => [id, new Set<string>()]))
  let count = 0
  await pLimit(CONCURRENCY).map(removals, async ({ id, ref, output }) => {
    try {
      if (output.status === 'ready' && (await removeFile(store, ref, output))) count++
      const keys = dropped.get(id) ?? new Set()
      dropped.set(id, keys.add(outputKey(output)))
    } catch (error) {
      if (!(error instanceof ImgprocError)) throw error
      warnings.push(error.message)
    }
  })
  const changes = new Map<string, ManifestEntry | undefined>()
  for (const [id, keys] of dropped) {
    const entry = manifest.get(id)
    const outputs = entry?.outputs.filter((output) => !keys.has(outputKey(output))) ?? []
    // Superseded outputs are no longer in the entry.
    const isSame = outputs.length === entry?.outputs.length && !gone.has(id)
    if (entry !== undefined && !isSame) changes.set(id, withOutputs(entry, outputs, gone.has(id)))
  }
  return { count, manifest: changes.size === 0 ? manifest : withChanges(manifest, changes), warnings }
}

/** Identifies an output within its entry. Entries are parsed on each access, so objects cannot be compared by identity. */
function outputKey({ preset, path, recipe }: ManifestOutput): string {
  return `${preset} ${recipe} ${path}`
}

/** Removes a file. Returns false if it does not exist. Throws WRITE_FAILED if it has another size. */
async function removeFile(store: Store, ref: string, { bytes }: ReadyOutput): Promise<boolean> {
  const found = await store.stat(ref)
  if (found === undefined) return false
  if (found.size !== bytes) {
    const message = `${ref} is kept: it has ${found.size} bytes, but imgproc wrote ${bytes}. Delete it yourself if it is not needed.`
    throw new ImgprocError('WRITE_FAILED', message, { stage: 'write', path: ref })
  }
  await store.remove(ref)
  return true
}

/** Returns an entry with fewer outputs; undefined if no information is left in it. */
function withOutputs(
  entry: ManifestEntry,
  outputs: readonly ManifestOutput[],
  isGone: boolean,
): ManifestEntry | undefined {
  if (outputs.length === 0 && (isGone || (!entry.error && !entry.reason))) return undefined
  return { ...entry, outputs, status: statusOf(outputs, entry.error) }
}

/** Finds outputs that the manifest's file lists and the new manifest does not. */
function findUnlisted({ before, stored = before, manifest }: PruneRequest): Candidate[] {
  if (stored === undefined) return []
  // Results of a killed run may be among the changes of `before`. The lines of the file do not have them.
  const file = stored.lines === undefined ? stored : createLazyManifest(stored.head, stored.lines)
  const candidates: Candidate[] = []
  for (const { id, source, outputs } of file) {
    const listed = new Set(manifest.get(id)?.outputs.map(({ path }) => path))
    for (const output of outputs)
      if (output.status === 'ready' && !listed.has(output.path))
        candidates.push({ id, source: source.path, output })
  }
  return candidates
}

/** Returns true if a source has failed. Its old outputs are kept, since the next run may succeed. */
function hasFailed(entry: ManifestEntry | undefined): boolean {
  return entry?.status === 'failed' || entry?.status === 'partial'
}
