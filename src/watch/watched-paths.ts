import { realpathSync } from 'node:fs'
import { access } from 'node:fs/promises'
import { sep } from 'node:path'
import pLimit from 'p-limit'
import { hasImageName } from '../image/file-kinds.js'
import { folderOf, isRemote, resolveLocation } from '../paths/location.js'
import { allOps } from '../plan/expand-presets.js'
import { ImgprocError } from '../errors.js'
import { renameFiles } from '../operations/parse-operations.js'
import { toBatches } from '../run/batches.js'
import type { RunOptions } from '../run/options.js'
import { cleanPattern, isInside, locate, type Place } from '../stores/file/glob.js'

/** A folder that is looked at for changes. */
interface WatchedFolder {
  readonly folder: string
  /** How many folders deep. */
  readonly depth: number
  /** The only things in it that count; all images without. */
  readonly names?: readonly string[]
  /** Whether dot folders and node_modules count. */
  readonly hidden?: boolean
}

/** Where changes matter: plain data, so that two can be compared. Paths are absolute, with `/`. */
export interface WatchedPaths {
  readonly folders: readonly WatchedFolder[]
  /** The output folders: what is written there is no change. */
  readonly outs: readonly string[]
}

/** What chokidar knows of a path when it asks; nothing at first. */
interface Kind {
  isFile(): boolean
  isSymbolicLink(): boolean
}

/** Inputs that are looked up at once. */
const LOOK_UPS = 32

/**
 * Where changes matter to a run of these options: its inputs, and the files that they depend on.
 *
 * @param files Others that matter, such as the config.
 * @throws INVALID_USAGE for inputs that can't be watched.
 */
export async function findWatchedPaths(options: RunOptions, files: readonly string[]): Promise<WatchedPaths> {
  const cwd = resolveLocation(options.cwd ?? '.', '.')
  const batches = toBatches(options)
  const inputs = batches.flatMap((batch) => batch.inputs)
  for (const input of inputs) if (isRemote(cleanPattern(input))) throw unwatchable(input)
  const places = await pLimit(LOOK_UPS).map(inputs, (input) => locate(input, cwd))
  const isSingle = ({ kind }: Place) => kind === 'file' || kind === 'nothing'
  const singles = [...places.filter(isSingle).map(({ ref }) => ref), ...filesNamed(options), ...files]
  return {
    folders: [...places.filter((place) => !isSingle(place)).map(toFolder), ...(await byFolder(singles))],
    outs: [...new Set(batches.map(({ out }) => resolveLocation(out, cwd)))],
  }
}

/** The files on the disk that operations of a run name. */
export function filesNamed(options: RunOptions): string[] {
  const cwd = resolveLocation(options.cwd ?? '.', '.')
  const files = new Set<string>()
  const presets = toBatches(options).flatMap((batch) => batch.presets)
  renameFiles(presets.flatMap(allOps), (ref) => {
    if (!isRemote(ref)) files.add(resolveLocation(ref, cwd))
    return ref
  })
  return [...files]
}

/** Whether a path is not looked at. Links are followed as a listing does: once each, so that loops end. */
export function createIgnored({ folders, outs }: WatchedPaths): (path: string, kind?: Kind) => boolean {
  const names = new Set(folders.flatMap((folder) => folder.names ?? []))
  const followed = new Map<string, string>()
  const isFollowed = (ref: string): boolean => {
    const real = realpathOf(ref)
    const isWatched = folders.some((one) => one.names === undefined && isInside(real, one.folder))
    if (isWatched || outs.some((out) => isInside(real, out))) return false
    if (!followed.has(real)) followed.set(real, ref)
    return followed.get(real) === ref
  }
  return (path, kind) => {
    const ref = path.replaceAll(sep, '/')
    if (names.has(ref)) return false
    if (!folders.some((folder) => isBelow(ref, folder, outs))) return true
    if (kind?.isSymbolicLink() === true) return !isFollowed(ref)
    // What is found out to be no image costs no watch.
    return kind?.isFile() === true && !hasImageName(ref)
  }
}

function isBelow(ref: string, { folder, depth, names, hidden }: WatchedFolder, outs: readonly string[]) {
  if (ref === folder) return true
  if (names !== undefined || !isInside(ref, folder)) return false
  // Where an input lies in the output folder, its images count still.
  if (outs.some((out) => isInside(ref, out) && !isInside(folder, out))) return false
  const way = ref.slice(folder.length).split('/').filter(Boolean)
  if (way.length > depth + 1) return false
  return hidden === true || !way.some((name) => name.startsWith('.') || /^node_modules$/i.test(name))
}

function toFolder({ kind, ref, glob }: Place): WatchedFolder {
  if (kind === 'folder') return { folder: ref, depth: Infinity }
  // Braces may hold slashes.
  const isDeep = glob.includes('**') || /[{(]/.test(glob)
  const hidden = /(^|[/{,(|])\.[^/]|node_modules/i.test(glob)
  return { folder: ref, depth: isDeep ? Infinity : glob.split('/').length - 1, hidden }
}

/** Single files by their folders: a file that is replaced, or isn't there yet, is seen only from above. */
async function byFolder(refs: readonly string[]): Promise<WatchedFolder[]> {
  const folders = new Map<string, string[]>()
  for (const ref of new Set(refs)) {
    const name = await firstMissing(ref, folders)
    const folder = folderOf(name)
    if (folders.get(folder)?.push(name) === undefined) folders.set(folder, [name])
  }
  return [...folders].map(([folder, names]) => ({ folder, depth: 0, names }))
}

/** A file, or what is to come before it can: the uppermost folder on its way that isn't there. */
async function firstMissing(ref: string, known: ReadonlyMap<string, unknown>): Promise<string> {
  const folder = folderOf(ref)
  const isThere = known.has(folder) || folder === ref || (await access(folder).then(yes, no))
  return isThere ? ref : firstMissing(folder, known)
}

const yes = () => true
const no = () => false

/** Where a link leads to; itself if nowhere. chokidar takes no promise for an answer. */
function realpathOf(ref: string): string {
  try {
    return realpathSync(ref).replaceAll(sep, '/')
  } catch {
    return ref
  }
}

function unwatchable(input: string): ImgprocError {
  const what = input === '-' ? 'stdin' : `"${input.slice(0, 80)}"`
  const message = `${what} can't be watched: --watch sees changes on this machine's disk only. Make it in a run of its own, without --watch.`
  return new ImgprocError('INVALID_USAGE', message, { stage: 'usage', path: input })
}
