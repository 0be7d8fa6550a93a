import type { Location, Source } from '../types.js'
import { ImgprocError } from '../../errors.js'
import { quote } from '../errors.js'
import type { GuardedBackend } from './guard-backend.js'
import { isFixed, isGlob, parentOf, prefixOf, unescapeGlob, unquote } from './glob.js'

/** What an argument stands for. */
export interface Place extends Location {
  /** What is looked for below `ref`; empty for a file. */
  readonly glob: string
  /** The file, unless it may not be looked at. */
  readonly source?: Source
}

/** What a pattern stands for: what exists as written, else a glob, else nothing. */
export async function locate(backend: GuardedBackend, pattern: string): Promise<Place> {
  const clean = unquote(pattern)
  const root = `${backend.scheme}://`
  if (!clean.startsWith(root)) throw notOurs(clean, root)
  const isMagic = isGlob(clean.slice(root.length))
  for (const literal of new Set([clean, unescapeGlob(clean)])) {
    const stat = literal.endsWith('/') ? undefined : statOrDenied(backend, literal)
    const folder = () => isFolder(backend, literal, isMagic)
    // A glob is seldom a key: both questions at once. Of a key a listing would be one request too many.
    const [found, isHolder] = isMagic ? await Promise.all([stat, folder()]) : [await stat, undefined]
    // A name that may not be looked at is passed on as a file: who reads it learns why.
    if (found === 'denied' ? !isMagic : found !== undefined) {
      const file = { kind: 'file', ref: literal, base: parentOf(literal), glob: '' } as const
      return typeof found === 'object' ? { ...file, source: found } : file
    }
    if (isHolder ?? (await folder())) {
      const ref = literal === root ? root : literal.replace(/\/$/, '')
      return { kind: 'folder', ref, base: ref, glob: '**' }
    }
  }
  if (isMagic) return enterFolders(backend, clean, root)
  const ref = unescapeGlob(clean)
  return { kind: 'nothing', ref, base: parentOf(ref), glob: '' }
}

/** The key, `denied` where it may not be looked at, undefined for none. */
async function statOrDenied(backend: GuardedBackend, ref: string): Promise<Source | 'denied' | undefined> {
  try {
    return await backend.stat(ref)
  } catch (error) {
    if (error instanceof ImgprocError && error.code === 'ACCESS_DENIED') return 'denied'
    throw error
  }
}

/** A folder is where keys are, or what ends in a slash. */
async function isFolder(backend: GuardedBackend, literal: string, isMagic: boolean): Promise<boolean> {
  if (!literal.endsWith('/')) return hasKeys(backend, prefixOf(literal))
  return !isMagic || hasKeys(backend, literal)
}

async function hasKeys(backend: GuardedBackend, prefix: string): Promise<boolean> {
  for await (const _ of backend.list(prefix, {})) return true
  return false
}

/** Follows a glob as far as its names are fixed, or are folders with keys, as written or escaped. */
async function enterFolders(backend: GuardedBackend, pattern: string, root: string): Promise<Place> {
  const names = pattern.slice(root.length).replace(/\/$/, '/**').split('/')
  let folder = root
  for (const [index, name] of names.slice(0, -1).entries()) {
    const next = isFixed(name) ? prefixOf(folder) + unescapeGlob(name) : await enter(backend, folder, name)
    if (next === undefined) {
      return { kind: 'glob', ref: folder, base: folder, glob: names.slice(index).join('/') }
    }
    folder = next
  }
  return { kind: 'glob', ref: folder, base: folder, glob: names.at(-1) ?? '**' }
}

async function enter(backend: GuardedBackend, folder: string, name: string): Promise<string | undefined> {
  for (const literal of new Set([name, unescapeGlob(name)])) {
    const next = prefixOf(folder) + literal
    if (await hasKeys(backend, prefixOf(next))) return next
  }
  return undefined
}

function notOurs(pattern: string, root: string): ImgprocError {
  const problem =
    pattern === '' ? 'A URL or glob is empty.' : `${quote(pattern)} does not begin with ${root}.`
  return new ImgprocError('INVALID_USAGE', `${problem} Write it as ${root}folder/name.jpg.`, {
    stage: 'usage',
    path: pattern,
  })
}
