import type { Location, Source } from '../types.js'
import { ImgprocError } from '../../errors.js'
import { quote } from '../errors.js'
import { unquote } from '../unquote.js'
import type { GuardedBackend } from './guard-backend.js'
import { isGlob, isLiteral, parentOf, prefixOf, unescapeGlob } from './glob.js'

export interface LocatedPattern extends Location {
  /** Relative to `ref`; `**` for a folder, empty for a file. */
  readonly glob: string
  /** The file, unless access to it is denied. */
  readonly source?: Source
}

/**
 * Tells whether a pattern is an existing key, an existing folder, a glob or nothing, in this order.
 *
 * @throws ImgprocError INVALID_USAGE for a URL of another scheme.
 */
export async function locatePattern(backend: GuardedBackend, pattern: string): Promise<LocatedPattern> {
  const clean = unquote(pattern)
  const root = `${backend.scheme}://`
  if (!clean.startsWith(root)) throw createForeignUrlError(clean, root)
  const mayBeGlob = isGlob(clean.slice(root.length))
  for (const literal of new Set([clean, unescapeGlob(clean)])) {
    const stat = literal.endsWith('/') ? undefined : statOrDenied(backend, literal)
    const folder = () => isFolder(backend, literal, mayBeGlob)
    // A glob is rarely a key, so both requests are sent at once. A key mostly exists, and needs no listing.
    const [found, isExistingFolder] = mayBeGlob
      ? await Promise.all([stat, folder()])
      : [await stat, undefined]
    // A denied key counts as a file: reading it reports the error.
    if (found === 'denied' ? !mayBeGlob : found !== undefined) {
      const file = { kind: 'file', ref: literal, base: parentOf(literal), glob: '' } as const
      return typeof found === 'object' ? { ...file, source: found } : file
    }
    if (isExistingFolder ?? (await folder())) {
      const ref = literal === root ? root : literal.replace(/\/$/, '')
      return { kind: 'folder', ref, base: ref, glob: '**' }
    }
  }
  if (mayBeGlob) return enterFolders(backend, clean, root)
  const ref = unescapeGlob(clean)
  return { kind: 'nothing', ref, base: parentOf(ref), glob: '' }
}

/** Returns the key, `denied` if access to it is denied, or undefined if it does not exist. */
async function statOrDenied(backend: GuardedBackend, ref: string): Promise<Source | 'denied' | undefined> {
  try {
    return await backend.stat(ref)
  } catch (error) {
    if (error instanceof ImgprocError && error.code === 'ACCESS_DENIED') return 'denied'
    throw error
  }
}

/** True if there are keys below it, or if it ends in a slash and has no wildcards. */
async function isFolder(backend: GuardedBackend, literal: string, mayBeGlob: boolean): Promise<boolean> {
  if (!literal.endsWith('/')) return hasKeys(backend, prefixOf(literal))
  return !mayBeGlob || hasKeys(backend, literal)
}

async function hasKeys(backend: GuardedBackend, prefix: string): Promise<boolean> {
  for await (const _ of backend.list(prefix, {})) return true
  return false
}

/** Splits a glob after its leading names that are literal, or that are folders with keys as written or unescaped. */
async function enterFolders(backend: GuardedBackend, pattern: string, root: string): Promise<LocatedPattern> {
  const names = pattern.slice(root.length).replace(/\/$/, '/**').split('/')
  let folder = root
  for (const [index, name] of names.slice(0, -1).entries()) {
    const next = isLiteral(name)
      ? prefixOf(folder) + unescapeGlob(name)
      : await findFolder(backend, folder, name)
    if (next === undefined) {
      return { kind: 'glob', ref: folder, base: folder, glob: names.slice(index).join('/') }
    }
    folder = next
  }
  return { kind: 'glob', ref: folder, base: folder, glob: names.at(-1) ?? '**' }
}

async function findFolder(
  backend: GuardedBackend,
  parent: string,
  name: string,
): Promise<string | undefined> {
  for (const literal of new Set([name, unescapeGlob(name)])) {
    const folder = prefixOf(parent) + literal
    if (await hasKeys(backend, prefixOf(folder))) return folder
  }
  return undefined
}

function createForeignUrlError(pattern: string, root: string): ImgprocError {
  const problem =
    pattern === '' ? 'A URL or glob is empty.' : `${quote(pattern)} does not begin with ${root}.`
  return new ImgprocError('INVALID_USAGE', `${problem} Write it as ${root}folder/name.jpg.`, {
    stage: 'usage',
    path: pattern,
  })
}
