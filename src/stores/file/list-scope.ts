import { realpath } from 'node:fs/promises'
import platformPath from 'node:path'
import type { ListOptions } from '../types.js'
import { isAbsent } from '../errors.js'
import { below, isInside, locate, type Place, toRef } from './glob.js'
import { TEMP_SUFFIX } from './temp-files.js'

/** What every walk of one listing shares. Patterns are relative to the root of the disk. */
export interface Search {
  readonly root: string
  readonly pattern: string
  readonly ignore: readonly string[]
  /** Real paths of folders that are not entered. */
  readonly skip: readonly string[]
  readonly signal: AbortSignal | undefined
}

/** What to look for below a place, and what to leave out. */
export async function createSearch(place: Place, cwd: string, options: ListOptions): Promise<Search> {
  const { signal, ignore = [], skip = [] } = options
  const root = platformPath.parse(place.ref).root
  const ignored = await Promise.all(ignore.map((text) => toIgnored(text, cwd, root, place.ref)))
  const skipped = skip.map(async (folder) => (await findReal(toRef(folder, cwd))) ?? toRef(folder, cwd))
  return {
    root,
    pattern: patternBelow(root, place),
    ignore: [...ignoredByDefault(root, place), ...ignored.flat()],
    skip: await Promise.all(skipped),
    signal,
  }
}

/** Whether a real path lies in a folder that is left out whole. */
export function isSkipped(real: string, search: Search): boolean {
  return search.skip.some((folder) => isInside(real, folder))
}

/** Where a path leads to, whatever links are in it: itself if that may not be asked, undefined for nothing. */
export async function findReal(ref: string): Promise<string | undefined> {
  try {
    return toRef(await realpath(ref), ref)
  } catch (error) {
    return isAbsent(error) ? undefined : ref
  }
}

/** The place's pattern, from the root of the disk. The folders above it are known: any name will do for them. */
function patternBelow(root: string, place: Place): string {
  const above = anyNames(root, place.ref)
  if (place.kind === 'file') return above.slice(0, -1)
  return above + (place.kind === 'folder' ? '**' : place.glob)
}

function anyNames(root: string, path: string): string {
  const names = below(path, root)
    .split('/')
    .filter((name) => name !== '')
  return names.map((name) => (name.startsWith('.') ? '.*/' : '*/')).join('')
}

/** Dot folders and node_modules, unless the glob names them; fast-glob would read them even to list nothing. */
function ignoredByDefault(root: string, place: Place): string[] {
  if (place.kind === 'file') return []
  const above = anyNames(root, place.ref)
  const namesDots = /(^|[/{,(|])\.[^/]/.test(place.glob)
  return [
    above + (namesDots ? `**/.*${TEMP_SUFFIX}` : '**/.*/**'),
    ...(/node_modules/i.test(place.glob) ? [] : [`${above}**/node_modules/**`]),
  ]
}

/** What a path or glob to leave out means below the folder that is listed, from the root of the disk. */
async function toIgnored(text: string, cwd: string, root: string, start: string): Promise<string[]> {
  const ignored = await locate(text, cwd)
  if (ignored.kind === 'nothing' || !(isInside(start, ignored.ref) || isInside(ignored.ref, start))) return []
  const folders = isInside(start, ignored.ref)
    ? anyNames(root, ignored.ref)
    : `${anyNames(root, start)}${escapeGlob(below(ignored.ref, start))}/`
  const full = ignored.kind === 'glob' ? folders + ignored.glob : folders.slice(0, -1)
  return full === '' ? ['**'] : [full, `${full}/**`]
}

/** A name as a glob that matches it. Done here since fast-glob's own loses double quotes and backslashes. */
function escapeGlob(name: string): string {
  return name.replace(/[!-.:-@[-^`{-~]/g, (mark) => (mark === '\\' ? '?' : `\\${mark}`))
}
