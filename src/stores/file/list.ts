import type { Stats } from 'node:fs'
import { realpath } from 'node:fs/promises'
import type { ListOptions, Source } from '../types.js'
import { ImgprocError, throwIfAborted } from '../../errors.js'
import { isInvalidUtf8, isNotFound, quote, toReadError } from '../errors.js'
import { type LocatedPattern, locatePattern } from './glob.js'
import { isInside, rebasePath, toAbsolutePath } from './absolute-path.js'
import { createListScope, findRealPath, isSkipped, type ListScope } from './list-scope.js'
import { statFile, statFiles, toExistingSource } from './stat.js'
import { type Link, type Match, type Tree, walk, type WalkFindings } from './walk.js'

/** Files that are statted together. */
const STAT_BATCH = 64

/**
 * Lists the files that a path, folder or glob matches, each once.
 *
 * @throws ACCESS_DENIED or READ_FAILED if a folder could not be read, after all other files were listed.
 * @throws ABORTED
 */
export async function* listFiles(
  pattern: string,
  cwd: string,
  options: ListOptions = {},
): AsyncGenerator<Source> {
  throwIfAborted(options.signal)
  const located = await locatePattern(pattern, cwd)
  if (located.kind === 'nothing') return
  const scope = await createListScope(located, cwd, options)
  const problems: ImgprocError[] = []
  yield* statAllFound(findFiles(located, scope, problems), options.signal)
  throwFirstProblem(problems)
}

/** Yields batches of refs: first regular files, then files that are only reachable through links. */
async function* findFiles(
  located: LocatedPattern,
  scope: ListScope,
  problems: ImgprocError[],
): AsyncGenerator<string[]> {
  const realPath = await findRealPath(located.ref)
  if (realPath === undefined || isSkipped(realPath, scope)) return
  // A single file needs no walk. A shell may pass a hundred thousand of them.
  if (located.kind === 'file' && scope.ignore.length === 0) {
    yield [located.ref]
    return
  }
  const tree: Tree = { kind: located.kind === 'file' ? 'file' : 'folder', ref: located.ref, realPath }
  const findings: WalkFindings = { links: [], problems }
  const matchedLinks = new Set<string>()
  for await (const matches of walk(scope, tree, findings)) yield regularFiles(matches, matchedLinks)
  yield* followLinks(scope, tree, findings, matchedLinks)
}

/** Returns the refs of the regular files among matches, and adds links to `matchedLinks`. */
function regularFiles(matches: readonly Match[], matchedLinks: Set<string>): string[] {
  for (const { ref, isLink } of matches) if (isLink) matchedLinks.add(ref)
  return matches.filter(({ isLink }) => !isLink).map(({ ref }) => ref)
}

/**
 * Yields the files that links lead to and that were not listed yet. Each link is followed once, so loops end. Links are
 * followed in the order of their names, so that a file with several is always listed under the same one.
 */
async function* followLinks(
  scope: ListScope,
  tree: Tree,
  findings: WalkFindings,
  matchedLinks: Set<string>,
): AsyncGenerator<string[]> {
  const followed = new Set<string>()
  const found = new Set<string>()
  const wasListed = createListedCheck(scope, tree)
  while (findings.links.length > 0) {
    for (const link of findings.links.splice(0).toSorted(byRef)) {
      if (followed.has(link.entryPath)) continue
      followed.add(link.entryPath)
      const target = await resolveLink(link, findings)
      if (target === undefined || isSkipped(target.realPath, scope)) continue
      for await (const refs of filesBehind(target, scope, findings, matchedLinks)) {
        const unlisted: string[] = []
        for (const ref of refs) {
          const realPath = rebasePath(ref, target.ref, target.realPath)
          if (found.has(realPath) || (await wasListed(realPath))) continue
          found.add(realPath)
          unlisted.push(ref)
        }
        yield unlisted
      }
    }
  }
}

async function* filesBehind(
  target: Tree,
  scope: ListScope,
  findings: WalkFindings,
  matchedLinks: Set<string>,
): AsyncGenerator<string[]> {
  if (target.kind === 'file') {
    if (matchedLinks.has(target.ref)) yield [target.ref]
    return
  }
  for await (const matches of walk(scope, target, findings)) yield regularFiles(matches, matchedLinks)
}

/**
 * Returns a function that tells whether a file was listed under its own path. It lists the tree again, and only if a
 * link leads back into it: without such links no names have to be kept in memory.
 */
function createListedCheck(scope: ListScope, tree: Tree): (realPath: string) => Promise<boolean> {
  let listed: Set<string> | undefined
  return async (realPath) => {
    if (!isInside(realPath, tree.realPath)) return false
    if (listed === undefined) {
      listed = new Set()
      for await (const matches of walk(scope, tree, { links: [], problems: [] })) {
        for (const ref of regularFiles(matches, new Set())) listed.add(ref)
      }
    }
    return listed.has(rebasePath(realPath, tree.realPath, tree.ref))
  }
}

/** Returns the file or folder that a link leads to; undefined if there is none. */
async function resolveLink(link: Link, findings: WalkFindings): Promise<Tree | undefined> {
  try {
    const stats = await statFile(link.ref)
    if (!stats.isFile() && !stats.isDirectory()) return undefined
    const kind = stats.isFile() ? 'file' : 'folder'
    return { kind, ref: link.ref, realPath: toAbsolutePath(await realpath(link.ref), link.ref) }
  } catch (error) {
    if (!isNotFound(error)) findings.problems.push(toReadError(error, link.ref))
    return undefined
  }
}

function byRef(a: Link, b: Link): number {
  return a.ref < b.ref ? -1 : 1
}

/** Stats found files, in batches. Leaves out files that no longer exist. */
async function* statAllFound(
  found: AsyncIterable<string[]>,
  signal: AbortSignal | undefined,
): AsyncGenerator<Source> {
  let waiting: string[] = []
  const statWaiting = async () => {
    const sources = await statFiles(waiting, toListedSource)
    throwIfAborted(signal)
    waiting = []
    return sources.filter((source) => source !== undefined)
  }
  for await (const refs of found) {
    // Files behind links arrive one by one.
    waiting.push(...refs)
    if (waiting.length < STAT_BATCH) continue
    for (const source of await statWaiting()) yield source
  }
  for (const source of await statWaiting()) yield source
}

/** Returns undefined if the file no longer exists. A denied file has size 0: reading it reports the error. */
function toListedSource(ref: string, stat: () => Stats): Source | undefined {
  try {
    return toExistingSource(ref, stat())
  } catch (error) {
    return isNotFound(error) && !isInvalidUtf8(ref) ? undefined : { ref, size: 0 }
  }
}

/** Throws the first problem: a folder that could not be read must not look like an empty one. */
function throwFirstProblem(problems: readonly ImgprocError[]): void {
  const [first] = problems
  if (first?.path === undefined) return
  const others = problems.length > 1 ? ` (${problems.length - 1} more such problems)` : ''
  throw new ImgprocError(
    first.code,
    `${first.message} Or leave it out with --ignore ${quote(`${first.path}/**`)}${others}.`,
    { stage: 'read', path: first.path, cause: first },
  )
}
