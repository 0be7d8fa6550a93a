import pLimit from 'p-limit'
import { ImgprocError } from '../../errors.js'
import { contentHash } from '../../jobs/job-source.js'
import { readManifestFile } from '../../manifest/manifest-file.js'
import type { ManifestEntry } from '../../manifest/types.js'
import { folderOf, isPipe, relativeLocation, resolveLocation } from '../../paths/location.js'
import { isDataUrl, isHttpUrl } from '../../paths/url.js'
import { findSources } from '../../plan/find-sources.js'
import { matchesFingerprint, readSourceIndex, type SourceIndex } from '../../state/source-index.js'
import { stateFolder } from '../../state/state-folder.js'
import { statAll } from '../../stores/stat-all.js'
import type { Source, Store } from '../../stores/types.js'
import { openStores } from '../open-stores.js'
import type { StoreOptions } from '../options.js'
import { resolveStores } from '../resolve-options.js'

/** An output that is missing or stale, by the manifest of its run. */
export interface ManifestProblem {
  readonly source: string
  readonly preset?: string
  readonly path?: string
  readonly reason: string
}

/** Manifests, compared with the files. */
export interface ManifestCheck {
  readonly problems: readonly ManifestProblem[]
  readonly sources: number
  /** Outputs that are as the manifest lists them. */
  readonly unchanged: number
  /** Manifests that were read, relative to `cwd`. */
  readonly files: readonly string[]
}

export interface ManifestCheckOptions extends StoreOptions {
  /** Manifests, or folders that may have one. */
  readonly places: readonly string[]
  /** Files, folders and globs whose images have to be listed. @default only the listed sources are checked */
  readonly inputs: readonly string[]
}

const CONCURRENCY = 32

/**
 * Compares the outputs of earlier runs with their manifests: each output exists with its size, and its source is
 * unchanged. Presets are not needed, so that a change of one is not noticed.
 *
 * @throws ImgprocError INVALID_USAGE if none of the places has a manifest.
 */
export async function checkManifests(options: ManifestCheckOptions): Promise<ManifestCheck> {
  const stores = resolveStores(options)
  const { cwd, root } = stores
  const store = await openStores(stores)
  const refs = options.places.map((place) => resolveLocation(place, cwd))
  const files = await findManifests(store, refs)
  if (files.length === 0) throw createNoManifestError([...options.inputs, ...options.places])
  const found = options.inputs.length === 0 ? undefined : await findInputs(store, options.inputs, refs)
  const checks = { problems: [] as ManifestProblem[], sources: 0, unchanged: 0 }
  const listed = new Set<string>()
  for (const { ref, entries, index } of files) {
    const folder = folderOf(ref)
    const chosen = entries.filter((entry) => {
      const source = resolveLocation(entry.source.path, root)
      listed.add(source)
      for (const { path } of entry.outputs) listed.add(resolveLocation(path, folder))
      return (
        found === undefined || found.refs.has(source) || found.folders.some((each) => isBelow(source, each))
      )
    })
    checks.sources += chosen.length
    const results = await pLimit(CONCURRENCY).map(chosen, (entry) =>
      checkEntry(store, entry, { folder, root, index }),
    )
    for (const { problems, unchanged } of results) {
      checks.problems.push(...problems)
      checks.unchanged += unchanged
    }
  }
  const fresh = [...(found?.refs ?? [])].filter((ref) => !listed.has(ref))
  checks.problems.push(...fresh.map((ref) => ({ source: relativeLocation(ref, root), reason: 'new' })))
  return {
    ...checks,
    sources: checks.sources + fresh.length,
    files: files.map(({ ref }) => relativeLocation(ref, cwd)),
  }
}

interface ReadManifest {
  readonly ref: string
  readonly entries: readonly ManifestEntry[]
  readonly index: SourceIndex
}

async function findManifests(store: Store, places: readonly string[]): Promise<ReadManifest[]> {
  const files: ReadManifest[] = []
  for (const place of places) {
    const ref = /\.(?:nd)?json$/.test(place) ? place : `${place}/manifest.json`
    const { manifest } = await readManifestFile(store, ref)
    if (manifest === undefined || files.some((file) => file.ref === ref)) continue
    const index = await readSourceIndex(store, stateFolder(folderOf(ref), undefined))
    files.push({ ref, entries: [...manifest], index })
  }
  return files
}

/** The sources of inputs, and the folders to which listed sources belong that no longer exist. */
interface FoundInputs {
  readonly refs: ReadonlySet<string>
  readonly folders: readonly string[]
}

async function findInputs(
  store: Store,
  inputs: readonly string[],
  outputs: readonly string[],
): Promise<FoundInputs> {
  const { sources, folders } = await findSources(store, { inputs, outputs })
  return { refs: new Set([...sources].map(({ source }) => source.ref)), folders }
}

function isBelow(ref: string, folder: string): boolean {
  return ref.startsWith(folder.endsWith('/') ? folder : `${folder}/`)
}

interface EntryPlace {
  readonly folder: string
  readonly root: string
  readonly index: SourceIndex
}

async function checkEntry(
  store: Store,
  entry: ManifestEntry,
  { folder, root, index }: EntryPlace,
): Promise<Pick<ManifestCheck, 'problems' | 'unchanged'>> {
  const { source, outputs, error } = entry
  const reason = await explainSource(store, entry, resolveLocation(source.path, root), index)
  const stats = await statAll(
    store,
    outputs.map(({ path }) => resolveLocation(path, folder)),
  )
  const problems = outputs.flatMap((output, at): ManifestProblem[] => {
    const { preset, path } = output
    const why =
      output.status === 'failed'
        ? `failed: ${output.error.code}`
        : (reason ?? (output.stale === true ? 'source changed' : explainOutput(stats[at], output.bytes)))
    return why === undefined ? [] : [{ source: source.path, preset, path, reason: why }]
  })
  const unchanged = outputs.length - problems.length
  if (error !== undefined) problems.push({ source: source.path, reason: `failed: ${error.code}` })
  return { problems, unchanged }
}

function explainOutput(stat: Source | undefined, bytes: number): string | undefined {
  if (stat === undefined) return 'output missing'
  return stat.size === bytes ? undefined : 'output changed'
}

async function explainSource(
  store: Store,
  { id, source }: ManifestEntry,
  ref: string,
  { sources }: SourceIndex,
): Promise<string | undefined> {
  // A web server's 404 may be temporary, and a pipe cannot be read again.
  if (isHttpUrl(ref) || isDataUrl(ref) || isPipe(source.path) || source.path === 'stdin') return undefined
  const stat = await store.stat(ref)
  if (stat === undefined) return 'source gone'
  const fingerprint = sources.get(id)
  const isSame = fingerprint === undefined ? undefined : matchesFingerprint(stat, fingerprint)
  if (isSame === true) return undefined
  if (isSame === false || (source.bytes !== undefined && stat.size !== source.bytes)) return 'source changed'
  if (source.hash === undefined) return undefined
  return contentHash(await store.read(ref)) === source.hash ? undefined : 'source changed'
}

function createNoManifestError(places: readonly string[]): ImgprocError {
  const message =
    `There is no manifest in ${places.join(', ').replace(/, ([^,]*)$/, ' or $1')}. Name the output folder of the run by --out, ` +
    'or the preset to check by --preset.'
  return new ImgprocError('INVALID_USAGE', message, { stage: 'usage' })
}
