import { realpath } from 'node:fs/promises'
import platformPath from 'node:path'
import type { ListOptions } from '../types.js'
import { isNotFound } from '../errors.js'
import { type LocatedPattern, locatePattern } from './glob.js'
import { isInside, pathBelow, toAbsolutePath } from './absolute-path.js'
import { TEMP_SUFFIX } from './temp-files.js'

/** Properties shared by all walks of one listing. Patterns are relative to the root of the disk. */
export interface ListScope {
  readonly root: string
  readonly pattern: string
  /** True if the pattern matches every file below a folder, and nothing more than the default is ignored. */
  readonly takesAll: boolean
  readonly ignore: readonly string[]
  /** Real paths of folders that are not entered. */
  readonly skip: readonly string[]
  readonly signal: AbortSignal | undefined
}

/** Globs that match every file below a folder. A folder has none. */
const ALL: ReadonlySet<string> = new Set(['', '**', '**/*'])

/** Computes the pattern of a listing, and the patterns and folders to leave out. */
export async function createListScope(
  located: LocatedPattern,
  cwd: string,
  options: ListOptions,
): Promise<ListScope> {
  const { signal, ignore = [], skip = [] } = options
  const root = platformPath.parse(located.ref).root
  const ignored = await Promise.all(ignore.map((text) => toIgnorePatterns(text, cwd, root, located.ref)))
  const skipped = skip.map(async (folder) => {
    const path = toAbsolutePath(folder, cwd)
    return (await findRealPath(path)) ?? path
  })
  return {
    root,
    pattern: patternFromRoot(root, located),
    takesAll: located.kind !== 'file' && ALL.has(located.glob) && ignored.flat().length === 0,
    ignore: [...defaultIgnore(root, located), ...ignored.flat()],
    skip: await Promise.all(skipped),
    signal,
  }
}

/** Returns true if a real path lies in a folder that is not entered. */
export function isSkipped(realPath: string, scope: ListScope): boolean {
  return scope.skip.some((folder) => isInside(realPath, folder))
}

/** Resolves all links in a path. Returns the path itself if access is denied, and undefined if it does not exist. */
export async function findRealPath(ref: string): Promise<string | undefined> {
  try {
    return toAbsolutePath(await realpath(ref), ref)
  } catch (error) {
    return isNotFound(error) ? undefined : ref
  }
}

/** Returns the pattern relative to the root of the disk. Wildcards replace the folders above it, which are known. */
function patternFromRoot(root: string, located: LocatedPattern): string {
  const above = wildcardsFor(root, located.ref)
  if (located.kind === 'file') return above.slice(0, -1)
  return above + (located.kind === 'folder' ? '**' : located.glob)
}

/** Returns a wildcard for each folder of a path, with a `/` after each. */
function wildcardsFor(root: string, path: string): string {
  const names = pathBelow(path, root)
    .split('/')
    .filter((name) => name !== '')
  return names.map((name) => (name.startsWith('.') ? '.*/' : '*/')).join('')
}

/** Returns true for the name of a folder that `defaultIgnore` leaves out if the glob names none. */
export function isIgnoredByDefault(name: string): boolean {
  return name.startsWith('.') || name.toLowerCase() === 'node_modules'
}

/** Ignores dot folders and node_modules unless the glob names them: fast-glob would read them for nothing. */
function defaultIgnore(root: string, located: LocatedPattern): string[] {
  if (located.kind === 'file') return []
  const above = wildcardsFor(root, located.ref)
  const namesDots = /(^|[/{,(|])\.[^/]/.test(located.glob)
  return [
    above + (namesDots ? `**/.*${TEMP_SUFFIX}` : '**/.*/**'),
    ...(/node_modules/i.test(located.glob) ? [] : [`${above}**/node_modules/**`]),
  ]
}

/**
 * Converts a path or glob to ignore to patterns relative to the root of the disk. Returns none if it cannot match below
 * the listed folder.
 */
async function toIgnorePatterns(text: string, cwd: string, root: string, listed: string): Promise<string[]> {
  const ignored = await locatePattern(text, cwd)
  if (ignored.kind === 'nothing' || !(isInside(listed, ignored.ref) || isInside(ignored.ref, listed)))
    return []
  const folders = isInside(listed, ignored.ref)
    ? wildcardsFor(root, ignored.ref)
    : `${wildcardsFor(root, listed)}${escapeGlob(pathBelow(ignored.ref, listed))}/`
  const full = ignored.kind === 'glob' ? folders + ignored.glob : folders.slice(0, -1)
  return full === '' ? ['**'] : [full, `${full}/**`]
}

/** Escapes a name for a glob. fast-glob's own function loses double quotes and backslashes. */
function escapeGlob(name: string): string {
  return name.replace(/[!-.:-@[-^`{-~]/g, (mark) => (mark === '\\' ? '?' : `\\${mark}`))
}
