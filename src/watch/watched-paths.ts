import { realpathSync } from 'node:fs'
import { access } from 'node:fs/promises'
import { sep } from 'node:path'
import pLimit from 'p-limit'
import { hasImageName, hasNoExtension } from '../image/file-kinds.js'
import { folderOf, isRemote, resolveLocation } from '../paths/location.js'
import { allOps } from '../plan/expand-presets.js'
import { ImgprocError } from '../errors.js'
import { renameFiles } from '../operations/parse-operations.js'
import type { ResolvedRun } from '../run/types.js'
import { locatePattern, type LocatedPattern } from '../stores/file/glob.js'
import { cleanPattern, isInside } from '../stores/file/absolute-path.js'

/** A folder that is watched for changes. */
interface WatchedFolder {
  readonly folder: string
  /** Levels of subfolders. */
  readonly depth: number
  /** Paths to watch in it. If undefined, all images. */
  readonly names?: readonly string[]
  /** True if dot folders and node_modules are watched too. */
  readonly hidden?: boolean
}

/** Paths to watch, as plain data that can be compared. They are absolute, with `/`. */
export interface WatchedPaths {
  readonly folders: readonly WatchedFolder[]
  /** Output folders, which are not watched. */
  readonly outs: readonly string[]
  /** True if files with any extension are watched. @default false */
  readonly sniff?: boolean
}

/** chokidar's stats of a path; undefined at the first call for it. */
interface PathStats {
  isFile(): boolean
  isSymbolicLink(): boolean
}

/** Inputs that are located at the same time. */
const MAX_LOOKUPS = 32

/**
 * Returns the paths that a run depends on: its inputs and the files that its operations name.
 *
 * @param files Further files to watch, such as the config.
 * @throws INVALID_USAGE if an input is not on the local disk.
 */
export async function findWatchedPaths(run: ResolvedRun, files: readonly string[]): Promise<WatchedPaths> {
  const inputs = run.batches.flatMap((batch) => batch.inputs)
  for (const input of inputs) if (isRemote(cleanPattern(input))) throw createUnwatchableError(input)
  const places = await pLimit(MAX_LOOKUPS).map(inputs, (input) => locatePattern(input, run.cwd))
  const isSingle = ({ kind }: LocatedPattern) => kind === 'file' || kind === 'nothing'
  const singles = [...places.filter(isSingle).map(({ ref }) => ref), ...findOperationFiles(run), ...files]
  return {
    folders: [
      ...places.filter((place) => !isSingle(place)).map(toWatchedFolder),
      ...(await groupByFolder(singles)),
    ],
    outs: [...new Set(run.batches.map(({ out }) => out))],
    ...(run.sniff === true && { sniff: true }),
  }
}

/** Returns the local files that operations of a run name, such as watermarks. */
export function findOperationFiles({ batches, cwd }: ResolvedRun): string[] {
  const files = new Set<string>()
  const presets = batches.flatMap((batch) => batch.presets)
  renameFiles(presets.flatMap(allOps), (ref) => {
    if (!isRemote(ref)) files.add(resolveLocation(ref, cwd))
    return ref
  })
  return [...files]
}

/** Returns a test for paths that chokidar must not watch. Each link target is followed once, so that loops end. */
export function createIgnored({
  folders,
  outs,
  sniff = false,
}: WatchedPaths): (path: string, stats?: PathStats) => boolean {
  const names = new Set(folders.flatMap((folder) => folder.names ?? []))
  const followed = new Map<string, string>()
  const isFollowed = (ref: string): boolean => {
    const real = realpathOf(ref)
    const isWatched = folders.some((one) => one.names === undefined && isInside(real, one.folder))
    if (isWatched || outs.some((out) => isInside(real, out))) return false
    if (!followed.has(real)) followed.set(real, ref)
    return followed.get(real) === ref
  }
  return (path, stats) => {
    const ref = path.replaceAll(sep, '/')
    if (names.has(ref)) return false
    if (!folders.some((folder) => isBelow(ref, folder, outs))) return true
    if (stats?.isSymbolicLink() === true) return !isFollowed(ref)
    return !sniff && stats?.isFile() === true && !hasImageName(ref) && !hasNoExtension(ref)
  }
}

function isBelow(ref: string, { folder, depth, names, hidden }: WatchedFolder, outs: readonly string[]) {
  if (ref === folder) return true
  if (names !== undefined || !isInside(ref, folder)) return false
  // An input folder inside an output folder is watched.
  if (outs.some((out) => isInside(ref, out) && !isInside(folder, out))) return false
  const parts = ref.slice(folder.length).split('/').filter(Boolean)
  if (parts.length > depth + 1) return false
  return hidden === true || !parts.some((name) => name.startsWith('.') || /^node_modules$/i.test(name))
}

function toWatchedFolder({ kind, ref, glob }: LocatedPattern): WatchedFolder {
  if (kind === 'folder') return { folder: ref, depth: Infinity }
  // Braces may contain slashes.
  const isDeep = glob.includes('**') || /[{(]/.test(glob)
  const hidden = /(^|[/{,(|])\.[^/]|node_modules/i.test(glob)
  return { folder: ref, depth: isDeep ? Infinity : glob.split('/').length - 1, hidden }
}

/** Groups single files by folder. Only watching the folder shows that a file is replaced or created. */
async function groupByFolder(refs: readonly string[]): Promise<WatchedFolder[]> {
  const folders = new Map<string, string[]>()
  for (const ref of new Set(refs)) {
    const name = await findFirstMissing(ref, folders)
    const folder = folderOf(name)
    if (folders.get(folder)?.push(name) === undefined) folders.set(folder, [name])
  }
  return [...folders].map(([folder, names]) => ({ folder, depth: 0, names }))
}

/** Returns the topmost parent folder of a file that does not exist; the file itself if its folder exists. */
async function findFirstMissing(ref: string, existing: ReadonlyMap<string, unknown>): Promise<string> {
  const folder = folderOf(ref)
  const exists = existing.has(folder) || folder === ref || (await canAccess(folder))
  return exists ? ref : findFirstMissing(folder, existing)
}

async function canAccess(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  )
}

/** Returns the target of a link, or the path itself if it has none. Synchronous, because chokidar's `ignored` is. */
function realpathOf(ref: string): string {
  try {
    return realpathSync(ref).replaceAll(sep, '/')
  } catch {
    return ref
  }
}

function createUnwatchableError(input: string): ImgprocError {
  const what = input === '-' ? 'stdin' : `"${input.slice(0, 80)}"`
  const message = `${what} can't be watched: --watch sees changes on the local disk only. Process it in a separate run without --watch.`
  return new ImgprocError('INVALID_USAGE', message, { stage: 'usage', path: input })
}
