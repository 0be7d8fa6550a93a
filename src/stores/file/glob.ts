import { stat } from 'node:fs/promises'
import platformPath, { type PlatformPath } from 'node:path'
import fg from 'fast-glob'
import type { Location } from '../types.js'
import { ImgprocError } from '../../errors.js'
import { isNotFound } from '../errors.js'
import { toAbsolutePath, cleanPattern } from './absolute-path.js'

/** A location on disk. Its paths are absolute, with `/`. */
export interface LocatedPattern extends Location {
  /** Relative to `ref`; empty unless `kind` is `glob`. */
  readonly glob: string
}

/**
 * Returns true if a pattern has wildcards that are not escaped.
 *
 * @example
 * ```ts
 * isGlob('photos/**') // true
 * isGlob('a (1).jpg') // false
 * ```
 */
export function isGlob(pattern: string, path: PlatformPath = platformPath): boolean {
  const unescaped = cleanPattern(pattern, path).replace(/\\./gs, '')
  return unescaped !== '' && fg.isDynamicPattern(unescaped)
}

/**
 * Tells whether a pattern is an existing file or folder, a glob or nothing, in this order.
 *
 * @throws INVALID_USAGE for an empty pattern, which would otherwise match the whole working directory.
 */
export async function locatePattern(pattern: string, cwd: string): Promise<LocatedPattern> {
  const clean = cleanPattern(pattern)
  if (clean === '') {
    const message = 'A path or glob is empty. Check the shell variable or the list that it comes from.'
    throw new ImgprocError('INVALID_USAGE', message, { stage: 'usage' })
  }
  const mayBeGlob = isGlob(clean)
  for (const literal of new Set([pattern, clean, unescapeGlob(clean)])) {
    const ref = toAbsolutePath(literal, cwd)
    // A denied path without wildcards counts as a file: reading it reports the error.
    const kind = await kindOf(ref, mayBeGlob ? undefined : 'file')
    if (kind !== undefined) {
      return { kind, ref, base: kind === 'folder' ? ref : toAbsolutePath('..', ref), glob: '' }
    }
  }
  if (!mayBeGlob) {
    const ref = toAbsolutePath(unescapeGlob(clean), cwd)
    return { kind: 'nothing', ref, base: toAbsolutePath('..', ref), glob: '' }
  }
  const { folder, rest } = await enterFolders(clean, cwd)
  return { kind: 'glob', ref: folder, base: folder, glob: rest.join('/') || '**' }
}

/** Splits a pattern after its leading segments that are existing folders, as written or unescaped. */
async function enterFolders(pattern: string, cwd: string): Promise<{ folder: string; rest: string[] }> {
  const { root } = platformPath.parse(pattern)
  let folder = toAbsolutePath(root === '' ? '.' : root, cwd)
  const segments = pattern
    .slice(root.length)
    .split('/')
    .filter((segment) => segment !== '' && segment !== '.')
  for (const [index, segment] of segments.entries()) {
    const candidates = [toAbsolutePath(segment, folder), toAbsolutePath(unescapeGlob(segment), folder)]
    const next = await findFolder(candidates)
    if (next === undefined) return { folder, rest: segments.slice(index) }
    folder = next
  }
  return { folder, rest: [] }
}

async function findFolder(candidates: readonly string[]): Promise<string | undefined> {
  for (const ref of new Set(candidates)) {
    if ((await kindOf(ref)) === 'folder') return ref
  }
  return undefined
}

function unescapeGlob(pattern: string): string {
  return pattern.replace(/\\(.)/gs, '$1')
}

/**
 * Returns the kind of a path, links followed; undefined if it does not exist, and `ifDenied` if it cannot be accessed.
 * Pipes and devices count as files: reading them reports the error.
 */
async function kindOf(ref: string, ifDenied?: 'file'): Promise<'file' | 'folder' | undefined> {
  try {
    return (await stat(ref)).isDirectory() ? 'folder' : 'file'
  } catch (error) {
    return isNotFound(error) ? undefined : ifDenied
  }
}
