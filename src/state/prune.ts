import pLimit from 'p-limit'
import { ImgprocError } from '../errors.js'
import type { ManifestEntry, ManifestOutput, ReadyOutput } from '../manifest/types.js'
import { statusOf } from '../jobs/job-status.js'
import { folderOf, isPipe, keyOf, resolveLocation } from '../paths/location.js'
import { withChanges, createLazyManifest, type LazyManifest } from '../manifest/lazy-manifest.js'
import type { Store } from '../stores/types.js'
import { isHttpUrl } from '../paths/url.js'

/** Files that are asked after or removed at once. */
const AT_ONCE = 32

/** What stdin and data URLs are called in a manifest: nobody can look whether they are there. */
const NO_FILE = /^(?:stdin|data\/[0-9a-f]{12}(?:\.[a-z]+)?)$/

/** A manifest, and what there is to know of its sources before anything of it may go. */
export interface PruneRequest {
  /** As its file has it; undefined where there is none. */
  readonly before: LazyManifest | undefined
  /** As it is to be written. */
  readonly manifest: LazyManifest
  /** The manifest's folder. */
  readonly folder: string
  /** Output folders of the run: what lies elsewhere stays. */
  readonly outs: readonly string[]
  /** The folder that source paths are relative to. */
  readonly root: string
  /** Sources that were found, by their ids. */
  readonly found: ReadonlyMap<string, string>
  /** Whether there is a preset of that name; undefined where nobody knows. */
  readonly isPreset?: ((name: string) => boolean) | undefined
  /** Outputs that a run would supersede, where it hasn't been made yet. */
  readonly expected?: readonly Candidate[] | undefined
  /** Files that other manifests list, by their keys. */
  readonly taken: ReadonlySet<string>
}

export interface Candidate {
  /** The source's. */
  readonly id: string
  /** The source's path. */
  readonly source: string
  readonly output: ManifestOutput
}

/** An output that has no place any more, and why. */
export interface Removal extends Candidate {
  readonly reason: 'source gone' | 'preset gone' | 'superseded'
  readonly ref: string
}

/** What is to go. */
interface Removals {
  readonly removals: readonly Removal[]
  /** Sources that are gone, by their ids. */
  readonly gone: ReadonlySet<string>
  readonly warnings: readonly string[]
}

/** Finds the outputs that may go: only files that the manifest lists, that nobody else lists, and that are no source. */
export async function findRemovals(store: Store, request: PruneRequest): Promise<Removals> {
  const { manifest, isPreset, expected = [], folder } = request
  const { gone, warnings } = await findGone(store, request)
  const candidates: Removal[] = []
  const leaving = new Set(expected.map(({ id, output }) => `${id} ${keyWithin(output)}`))
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
      else if (leaving.has(`${id} ${keyWithin(output)}`)) candidates.push(toRemoval(candidate, 'superseded'))
      else if (output.status === 'ready') kept.add(keyOf(resolveLocation(output.path, folder)))
    }
    const ref = gone.has(id) ? undefined : refOf(source.path, request.root)
    if (ref !== undefined) kept.add(keyOf(ref))
  }
  for (const each of findLost(request)) {
    if (gone.has(each.id)) candidates.push(toRemoval(each, 'source gone'))
    else if (!hasFailed(manifest.get(each.id))) candidates.push(toRemoval(each, 'superseded'))
  }
  const isOurs = (ref: string) => request.outs.some((out) => ref.startsWith(`${out}/`))
  const removals = candidates.filter(({ ref, output }) => {
    return output.status === 'failed' || (isOurs(ref) && !kept.has(keyOf(ref)))
  })
  return { removals, gone, warnings }
}

/** Asks the stores which sources are there no more. */
async function findGone(
  store: Store,
  { before, manifest, found, root }: PruneRequest,
): Promise<Pick<Removals, 'gone' | 'warnings'>> {
  const warnings: string[] = []
  const limit = pLimit(AT_ONCE)
  const isThere = async ({ id, source: { path } }: ManifestEntry): Promise<boolean> => {
    const ref = refOf(path, root)
    if (found.has(id) || ref === undefined) return true
    try {
      return (await store.stat(ref)) !== undefined
    } catch (error) {
      if (!(error instanceof ImgprocError)) throw error
      warnings.push(`The outputs of ${path} stay: whether it is gone can't be told. ${error.message}`)
      return true
    }
  }
  const asked = await limit.map(manifest, async (entry) => ({ ...entry, isThere: await isThere(entry) }))
  const missing = asked.filter((entry) => !entry.isThere)
  const isAnyLeft = () => asked.some((entry) => entry.isThere && before?.get(entry.id) !== undefined)
  if (missing.length === 0 || isAnyLeft() || isBeside(missing, found, root))
    return { gone: new Set(missing.map(({ id }) => id)), warnings }
  const message =
    'Nothing is removed: not one of the sources that the manifest names is there. Is a disk not mounted, or was it made from another folder?'
  return { gone: new Set<string>(), warnings: [...warnings, message] }
}

/** Whether a source that was found lies in the folder of one that is missing: then that folder is the right one. */
function isBeside(missing: readonly ManifestEntry[], found: PruneRequest['found'], root: string): boolean {
  const folders = new Set([...found.values()].map(folderOf))
  return missing.some(({ source }) => folders.has(folderOf(resolveLocation(source.path, root))))
}

/** What a source's path stands for; undefined where nobody can say that it is gone: a web server's 404 may pass. */
function refOf(path: string, root: string): string | undefined {
  return isHttpUrl(path) || isPipe(path) || NO_FILE.test(path) ? undefined : resolveLocation(path, root)
}

/** What was removed, and what had to stay. */
interface Removed {
  readonly count: number
  /** The manifest without what is gone. */
  readonly manifest: LazyManifest
  readonly warnings: readonly string[]
}

/** Removes files. One of another size than the manifest says is somebody else's by now, and stays. */
export async function removeOutputs(
  store: Store,
  manifest: LazyManifest,
  { removals, gone }: Removals,
): Promise<Removed> {
  const warnings: string[] = []
  const dropped = new Map([...gone].map((id) => [id, new Set<string>()]))
  let count = 0
  await pLimit(AT_ONCE).map(removals, async ({ id, ref, output }) => {
    try {
      if (output.status === 'ready' && (await removeOne(store, ref, output))) count++
      const paths = dropped.get(id) ?? new Set()
      dropped.set(id, paths.add(keyWithin(output)))
    } catch (error) {
      if (!(error instanceof ImgprocError)) throw error
      warnings.push(error.message)
    }
  })
  const changes = new Map<string, ManifestEntry | undefined>()
  for (const [id, paths] of dropped) {
    const entry = manifest.get(id)
    const outputs = entry?.outputs.filter((output) => !paths.has(keyWithin(output))) ?? []
    // What was superseded stands in there no more.
    const isSame = outputs.length === entry?.outputs.length && !gone.has(id)
    if (entry !== undefined && !isSame) changes.set(id, withOutputs(entry, outputs, gone.has(id)))
  }
  return { count, manifest: changes.size === 0 ? manifest : withChanges(manifest, changes), warnings }
}

/** An entry is parsed anew each time it is asked for: its outputs are told apart by what they say. */
function keyWithin({ preset, path, recipe }: ManifestOutput): string {
  return `${preset} ${recipe} ${path}`
}

/** Whether there was something to remove. Throws where it has to stay. */
async function removeOne(store: Store, ref: string, { bytes }: ReadyOutput): Promise<boolean> {
  const there = await store.stat(ref)
  if (there === undefined) return false
  if (there.size !== bytes) {
    const message = `${ref} stays: it has ${there.size} bytes, not the ${bytes} that were written. Remove it by hand if nobody needs it.`
    throw new ImgprocError('WRITE_FAILED', message, { stage: 'write', path: ref })
  }
  await store.remove(ref)
  return true
}

/** An entry with fewer outputs; undefined where it has nothing more to say. */
function withOutputs(
  entry: ManifestEntry,
  outputs: readonly ManifestOutput[],
  isGone: boolean,
): ManifestEntry | undefined {
  if (outputs.length === 0 && (isGone || (!entry.error && !entry.reason))) return undefined
  return { ...entry, outputs, status: statusOf(outputs, entry.error) }
}

/** Outputs that the manifest's file lists, and its new content doesn't. */
function findLost({ before, manifest }: PruneRequest): Candidate[] {
  if (before === undefined) return []
  // What a killed run has left is in there already: the file itself tells what was before.
  const file = before.lines === undefined ? before : createLazyManifest(before.head, before.lines)
  return [...manifest.changes.keys()].flatMap((id) => {
    const old = file.get(id)
    if (old === undefined) return []
    const listed = new Set(manifest.get(id)?.outputs.map(({ path }) => path))
    const lost = old.outputs.filter(({ path, status }) => status === 'ready' && !listed.has(path))
    return lost.map((output) => ({ id, source: old.source.path, output }))
  })
}

/** What failed may succeed the next time: until then its old outputs are better than none. */
function hasFailed(entry: ManifestEntry | undefined): boolean {
  return entry?.status === 'failed' || entry?.status === 'partial'
}
