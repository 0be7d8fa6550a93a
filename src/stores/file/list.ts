import type { Stats } from 'node:fs'
import { realpath } from 'node:fs/promises'
import type { ListOptions, Source } from '../types.js'
import { ImgprocError, throwIfAborted } from '../../errors.js'
import { isAbsent, isUnspeakable, quote, toReadError } from '../errors.js'
import { isInside, locate, type Place, toRef, transplant } from './glob.js'
import { createSearch, findReal, isSkipped, type Search } from './list-scope.js'
import { statFile, statFiles } from './stat.js'
import { type Link, type Match, type Notes, type Tree, walk } from './walk.js'

/** Files whose size is asked for at the same time. */
const STATS_AT_ONCE = 64

/**
 * What a path, folder or glob stands for, each file once.
 *
 * @throws ACCESS_DENIED or READ_FAILED after all that could be listed, when a folder couldn't be read.
 * @throws ABORTED
 */
export async function* listFiles(
  pattern: string,
  cwd: string,
  options: ListOptions = {},
): AsyncGenerator<Source> {
  throwIfAborted(options.signal)
  const place = await locate(pattern, cwd)
  if (place.kind === 'nothing') return
  const search = await createSearch(place, cwd, options)
  const problems: ImgprocError[] = []
  yield* withSizes(findFiles(place, search, problems), options.signal)
  throwFirst(problems)
}

/** A file as a source. */
export function toSource(ref: string, stats: Stats): Source {
  const hasTime = !Number.isNaN(stats.mtime.getTime())
  return { ref, size: stats.size, ...(hasTime && { modified: stats.mtime.toISOString() }) }
}

/** The refs of all files of a search, regular ones first, then those that only links lead to; several at once. */
async function* findFiles(place: Place, search: Search, problems: ImgprocError[]): AsyncGenerator<string[]> {
  const real = await findReal(place.ref)
  if (real === undefined || isSkipped(real, search)) return
  // One named file needs no walk: a shell may have typed a hundred thousand of them.
  if (place.kind === 'file' && search.ignore.length === 0) {
    yield [place.ref]
    return
  }
  const tree: Tree = { kind: place.kind === 'file' ? 'file' : 'folder', ref: place.ref, real }
  const notes: Notes = { links: [], problems }
  const matched = new Set<string>()
  for await (const matches of walk(search, tree, notes)) yield regularOf(matches, matched)
  yield* followLinks(search, tree, notes, matched)
}

/** The regular files of matches; the links among them are put down. */
function regularOf(matches: readonly Match[], links: Set<string>): string[] {
  for (const { ref, isLink } of matches) if (isLink) links.add(ref)
  return matches.filter(({ isLink }) => !isLink).map(({ ref }) => ref)
}

/**
 * The files that links lead to and that were not listed yet. Each link is followed once, so loops end; they go
 * in the order of their names, so that a file is always listed by the same one of several.
 */
async function* followLinks(
  search: Search,
  tree: Tree,
  notes: Notes,
  matched: Set<string>,
): AsyncGenerator<string[]> {
  const followed = new Set<string>()
  const found = new Set<string>()
  const wasListed = rememberListed(search, tree)
  while (notes.links.length > 0) {
    for (const link of notes.links.splice(0).toSorted(byRef)) {
      if (followed.has(link.home)) continue
      followed.add(link.home)
      const target = await resolveLink(link, notes)
      if (target === undefined || isSkipped(target.real, search)) continue
      for await (const refs of filesBehind(target, search, notes, matched)) {
        const unlisted: string[] = []
        for (const ref of refs) {
          const real = transplant(ref, target.ref, target.real)
          if (found.has(real) || (await wasListed(real))) continue
          found.add(real)
          unlisted.push(ref)
        }
        yield unlisted
      }
    }
  }
}

async function* filesBehind(
  target: Tree,
  search: Search,
  notes: Notes,
  matched: Set<string>,
): AsyncGenerator<string[]> {
  if (target.kind === 'file') {
    if (matched.has(target.ref)) yield [target.ref]
    return
  }
  for await (const matches of walk(search, target, notes)) yield regularOf(matches, matched)
}

/** Whether a file was listed by its own path. Names are held only once a link leads back into the tree. */
function rememberListed(search: Search, tree: Tree): (real: string) => Promise<boolean> {
  let listed: Set<string> | undefined
  return async (real) => {
    if (!isInside(real, tree.real)) return false
    if (listed === undefined) {
      listed = new Set()
      for await (const matches of walk(search, tree, { links: [], problems: [] })) {
        for (const ref of regularOf(matches, new Set())) listed.add(ref)
      }
    }
    return listed.has(transplant(real, tree.real, tree.ref))
  }
}

/** What a link leads to; undefined for one that leads nowhere. */
async function resolveLink(link: Link, notes: Notes): Promise<Tree | undefined> {
  try {
    const stats = await statFile(link.ref)
    if (!stats.isFile() && !stats.isDirectory()) return undefined
    const kind = stats.isFile() ? 'file' : 'folder'
    return { kind, ref: link.ref, real: toRef(await realpath(link.ref), link.ref) }
  } catch (error) {
    if (!isAbsent(error)) notes.problems.push(toReadError(error, link.ref))
    return undefined
  }
}

function byRef(a: Link, b: Link): number {
  return a.ref < b.ref ? -1 : 1
}

/** Refs as sources. What vanished meanwhile is left out; what can't be asked is for its reader to report. */
async function* withSizes(
  found: AsyncIterable<string[]>,
  signal: AbortSignal | undefined,
): AsyncGenerator<Source> {
  let waiting: string[] = []
  const ask = async () => {
    const sources = await statFiles(waiting, readSize)
    throwIfAborted(signal)
    waiting = []
    return sources.filter((source) => source !== undefined)
  }
  for await (const refs of found) {
    // Of links each comes alone.
    waiting.push(...refs)
    if (waiting.length < STATS_AT_ONCE) continue
    for (const source of await ask()) yield source
  }
  for (const source of await ask()) yield source
}

function readSize(ref: string, stat: () => Stats): Source | undefined {
  try {
    return toSource(ref, stat())
  } catch (error) {
    return isAbsent(error) && !isUnspeakable(ref) ? undefined : { ref, size: 0 }
  }
}

/** A folder that couldn't be read must not look like an empty one. */
function throwFirst(problems: readonly ImgprocError[]): void {
  const [first] = problems
  if (first?.path === undefined) return
  const others = problems.length > 1 ? ` (and ${problems.length - 1} more like it)` : ''
  throw new ImgprocError(
    first.code,
    `${first.message} Or leave it out with --ignore ${quote(`${first.path}/**`)}${others}.`,
    { stage: 'read', path: first.path, cause: first },
  )
}
