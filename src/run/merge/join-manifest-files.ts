import { readManifestFile, writeManifestFile, type ManifestFile } from '../../manifest/manifest-file.js'
import { joinEntries, oldestTool } from '../../manifest/join-manifests.js'
import type { Manifest, ManifestEntry } from '../../manifest/types.js'
import { folderOf, resolveLocation, relativeLocation } from '../../paths/location.js'
import type { SourceFingerprint } from '../../state/fingerprints.js'
import { readSourceIndex, writeSourceIndex } from '../../state/source-index.js'
import { readShardFile, toShardFile } from '../../plan/shard.js'
import { stateFolder } from '../../state/state-folder.js'
import { createLazyManifest, toManifest } from '../../manifest/lazy-manifest.js'
import type { Store } from '../../stores/types.js'
import { ImgprocError } from '../../errors.js'
import type { Merged, MergeOptions } from '../types.js'
import { openStores } from '../open-stores.js'
import { resolveStores } from '../resolve-options.js'

/** Joins manifests: see `mergeManifests`. */
export async function joinManifestFiles(
  manifests: readonly string[],
  options: MergeOptions,
): Promise<Merged> {
  const stores = resolveStores(options)
  const { cwd } = stores
  const store = await openStores(stores)
  const target = options.out === undefined ? undefined : resolveLocation(options.out, cwd)
  const refs = await findFiles(store, manifests, target)
  const read = await Promise.all(refs.map((ref) => readOne(store, ref)))
  const folder = target === undefined ? cwd : folderOf(target)
  const moved = read.map((manifest, index) => move(manifest, folderOf(refs[index] ?? ''), folder))
  const entries = joinEntries(moved)
  const [first] = read
  const tool = oldestTool(read.map((manifest) => manifest.tool))
  if (first === undefined || tool === undefined) throw createNoManifestError()
  const manifest: Manifest = { ...first, tool, entries }
  if (target !== undefined) await write(store, target, manifest, refs)
  const show = (ref: string) => relativeLocation(ref, cwd)
  return { manifest, files: refs.map(show), missing: findMissing(refs).map(show) }
}

/** Returns the manifests that the patterns match, each once. */
async function findFiles(
  store: Store,
  patterns: readonly string[],
  target: string | undefined,
): Promise<string[]> {
  const found = new Set<string>()
  for (const pattern of patterns) {
    const { kind, ref } = await store.locate(pattern)
    if (kind === 'file') found.add(ref)
    else if (kind === 'glob') {
      const before = found.size
      // The result of an earlier merge is none of the parts.
      for await (const { ref: each } of store.list(pattern)) if (each !== target) found.add(each)
      if (found.size === before)
        throw createNotFoundError(
          `"${pattern}" matches no manifest. Check the path, and quote globs.`,
          pattern,
        )
    } else if (kind === 'nothing')
      throw createNotFoundError(`There is no manifest at ${pattern}. Check the path.`, pattern)
    else {
      const message = `${pattern} is a folder. Name its manifests: "${pattern.replace(/\/$/, '')}/manifest-*.json"`
      throw new ImgprocError('INVALID_USAGE', message, { stage: 'usage', path: pattern })
    }
  }
  if (found.size === 0) throw createNoManifestError()
  return [...found].toSorted()
}

async function readOne(store: Store, ref: string): Promise<Manifest> {
  const { manifest } = await readManifestFile(store, ref)
  if (manifest === undefined)
    throw createNotFoundError(`There is no manifest at ${ref}. Check the path.`, ref)
  return toManifest(manifest)
}

/** Makes output paths relative to another folder. */
function move(manifest: Manifest, from: string, to: string): Manifest {
  if (from === to) return manifest
  const moveEntry = (entry: ManifestEntry): ManifestEntry => ({
    ...entry,
    outputs: entry.outputs.map((output) => ({
      ...output,
      path: relativeLocation(resolveLocation(output.path, from), to),
    })),
  })
  return { ...manifest, entries: manifest.entries.map(moveEntry) }
}

async function write(
  store: Store,
  ref: string,
  { entries, ...head }: Manifest,
  refs: readonly string[],
): Promise<void> {
  // Throws if the file there is no manifest of ours.
  const { hash: before }: ManifestFile = await readManifestFile(store, ref)
  const changes = new Map(entries.map((entry) => [entry.id, entry]))
  const hash = await writeManifestFile(
    store,
    { ref, hash: before },
    createLazyManifest(head, undefined, changes),
  )
  await joinSourceIndexes(store, ref, refs, hash)
}

/** Joins the source indexes of shards, so that a later run without shards need not read their sources again. */
async function joinSourceIndexes(
  store: Store,
  target: string,
  refs: readonly string[],
  hash: string,
): Promise<void> {
  const sources = new Map<string, SourceFingerprint>()
  const out = folderOf(target)
  for (const ref of refs) {
    const shard = readShardFile(ref)
    if (shard === undefined || shard.whole !== target) continue
    for (const [id, fingerprint] of (await readSourceIndex(store, stateFolder(out, shard))).sources)
      sources.set(id, fingerprint)
  }
  if (sources.size > 0)
    await writeSourceIndex(store, stateFolder(out, undefined), { sources, manifest: hash })
}

/** Returns the files of shards that are missing beside the others. */
function findMissing(refs: readonly string[]): string[] {
  const shards = refs.flatMap((ref) => readShardFile(ref) ?? [])
  const wanted = shards.flatMap(({ whole, count }) =>
    Array.from({ length: count }, (_, at) => toShardFile(whole, { index: at + 1, count })),
  )
  return [...new Set(wanted)].filter((ref) => !refs.includes(ref))
}

function createNotFoundError(message: string, path: string): ImgprocError {
  return new ImgprocError('INPUT_NOT_FOUND', message, { stage: 'read', path })
}

function createNoManifestError(): ImgprocError {
  const message = 'Name the manifests to join, such as "out/manifest-*-of-3.json".'
  return new ImgprocError('INVALID_USAGE', message, { stage: 'usage' })
}
